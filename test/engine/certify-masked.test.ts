import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawScene } from '../../src/datasets/drawn-scenes'
import { certifiedRecall } from '../../src/defenses/masking/certified-recall'
import { objectSeekerCertificate } from '../../src/defenses/masking/objectseeker-certificate'
import { type MaskedCertifier, openMaskedCertifier } from '../../src/engine/certify-masked'
import { renderSvg, toJpeg } from '../../src/engine/images/render-svg'
import { permanentFolder } from '../support/permanent-folder'
import { packageRoot } from '../support/program'

const folder = permanentFolder('certify-masked')
const picture = join(folder, 'scene.jpg')
const order = {
  locations: { packageRoot, projectDir: folder, cacheDir: folder },
  detector: 'patchwarden-nano',
  settings: objectSeekerCertificate.params.parse({ lines: 3, maskedScore: 0.4, place: 'far' }),
  patch: '1%',
  threads: 1,
  signal: new AbortController().signal,
}
let certifier: MaskedCertifier

beforeAll(async () => {
  writeFileSync(picture, await toJpeg(await renderSvg(drawScene(1).svg), 95))
  certifier = await openMaskedCertifier(order)
})
afterAll(() => certifier.release())

test('certifies what the shipped detector shows, and what is known to be there', async () => {
  const shown = await certifier.certify(picture)
  expect(shown.known.length).toBeGreaterThan(0)
  expect(shown.certificates).toHaveLength(shown.known.length)
  expect(shown.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(shown.patch.width).toBe(
    Math.floor(Math.sqrt(0.01 * shown.frame.width * shown.frame.height)),
  )
  const certified = shown.certificates.filter((certificate) => certificate.certified)
  expect(certified.length).toBeGreaterThan(0)
  const [atOne] = certifiedRecall([shown], [0.01])
  expect(atOne?.certified.far).toBe(certified.length)

  const nowhere = { box: [0, 0, 3, 3] as const, classId: 0 }
  const known = await certifier.certify(picture, [nowhere, ...shown.known])
  expect(known.certificates[0]?.certified).toBe(false)
  expect(known.certificates.slice(1)).toEqual(shown.certificates)
})

test('tells what is wrong with a size or a picture', async () => {
  const odd = await openMaskedCertifier({ ...order, patch: '0%' })
  await expect(odd.certify(picture)).rejects.toMatchObject({ code: 'E_PATCH_SIZE' })
  await odd.release()
  await expect(certifier.certify(join(folder, 'none.jpg'))).rejects.toMatchObject({
    code: 'E_FILE_NOT_FOUND',
  })
})
