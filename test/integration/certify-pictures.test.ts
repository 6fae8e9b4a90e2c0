import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { listCertificates } from '../../src/service/certificate-list'
import { DigestsNow } from '../../src/service/certificate-staleness'
import { openProject } from '../../src/store'
import { permanentFolder } from '../support/permanent-folder'
import { errorCodes, expectPlainMessages, packageRoot, patchwarden } from '../support/program'
import { withProject } from '../support/project-program'

const root = permanentFolder('certify-pictures')
const scenes = join(root, 'scenes')
const project = join(root, 'project')
const { run, json } = withProject(project)
const byColumns = ['--method', 'derandomized-smoothing', '--model', 'crops-columns']

const certificate = z.looseObject({
  method: z.string(),
  statement: z.string(),
  threat: z.string(),
  certified: z.boolean(),
  radius: z.number(),
  assumptions: z.array(z.string()).min(1),
  params: z.record(z.string(), z.unknown()),
  modelDigest: z.string().regex(/^[0-9a-f]{64}$/),
  imageDigest: z.string().regex(/^[0-9a-f]{64}$/),
  class: z.string().nullable().optional(),
  boxClass: z.string().optional(),
  stale: z.array(z.string()).optional(),
  details: z.record(z.string(), z.unknown()),
})
const document = z.object({
  about: z.looseObject({ method: z.string(), run: z.object({ id: z.number() }).optional() }),
  images: z.array(
    z.object({ file: z.string(), sha256: z.string(), certificates: z.array(certificate) }),
  ),
  summary: z.looseObject({ images: z.number(), certificates: z.number(), certified: z.number() }),
})
const certificatesOf = (text: unknown) =>
  document.parse(text).images.flatMap(({ certificates }) => certificates)

beforeAll(async () => {
  expect((await run(['scenes', '--out', scenes, '--count', '2'])).code).toBe(0)
  await json(['import', scenes, '--dataset', 'scenes'])
  await json(['detect', '--dataset', 'scenes', '--store', '--as-run', 'bare'])
})

test('the boxes of a run get certificates that are stored, found again, and turn stale', async () => {
  const command = ['certify', '--run', 'bare', ...byColumns]
  const made = document.parse(await json(command))
  const certificates = certificatesOf(made)
  expect(made.images).toHaveLength(2)
  expect(certificates.length).toBeGreaterThan(6)
  expect(certificates.filter(({ certified }) => certified).length).toBeGreaterThan(3)
  for (const { statement, radius, certified, assumptions } of certificates) {
    expect(certified).toBe(radius > 0)
    expect(statement).toMatch(/; the box's position is not certified\.$/)
    if (certified) expect(statement).toContain(`up to ${radius} px wide`)
    expect(assumptions.join(' ')).toMatch(/attack may move or suppress it/)
  }
  const again = await run(command)
  expect(again.stderr).toContain('nothing to compute')
  expectPlainMessages(again.stderr)
  expect(again.stdout).toContain('largest: pixels of the picture, width of the patch')

  const id = String(made.about.run?.id)
  expect(certificatesOf(await json(['certify', '--list', id]))).toEqual(certificates)

  const withoutModels = join(root, 'nothing')
  mkdirSync(join(withoutModels, 'models'), { recursive: true })
  copyFileSync(join(packageRoot, 'models/catalog.json'), join(withoutModels, 'models/catalog.json'))

  // The service finds them by picture and run, and says when picture or model are others.
  const listed = async (models = packageRoot) => {
    await using opened = await openProject(project, { readonly: true })
    const locations = { packageRoot: models, projectDir: project, cacheDir: join(root, 'cache') }
    const bare = opened.runs.list().rows.find(({ name }) => name === 'bare')
    const [image] = opened.images.list().rows
    const question = { imageId: image!.id, runId: bare!.id }
    return await listCertificates(opened, new DigestsNow(opened, locations), question)
  }
  const sound = await listed()
  expect(sound.length).toBeGreaterThan(2)
  for (const one of sound) expect(one).toMatchObject({ stale: [], runId: made.about.run?.id })
  for (const one of await listed(withoutModels)) expect(one.stale).toEqual(['model'])
  const [first] = made.images
  const path = join(scenes, 'images', first!.file.split('/').at(-1)!)
  const bytes = readFileSync(path)
  writeFileSync(path, Buffer.concat([bytes, Buffer.from('more')]))
  for (const one of await listed()) expect(one.stale).toEqual(['image'])
  const shown = await run(['certify', '--list', id])
  expect(shown.stdout).toContain('stale: another image')
  // Boxes of another picture are not certified anew as if they were of this one.
  const asked = await run([...command, '--patch', '3%'])
  expect(errorCodes(asked.stderr)).toEqual(['E_FILE_CHANGED'])
  expect(asked.code).toBe(1)
  writeFileSync(path, bytes)
  for (const one of await listed()) expect(one.stale).toEqual([])
})

test('the objects of a data set, or of a ground truth, are certified against patches that hide them', async () => {
  const quick = ['--set', 'lines=3', '--set', 'maskedScore=0.4', '--set', 'place=far']
  const options = ['--method', 'objectseeker', '--model', 'patchwarden-nano', ...quick]
  const stored = await json(['certify', '--dataset', 'scenes', ...options])
  const truth = ['--gt', join(scenes, 'annotations.json')]
  const direct = await json(['certify', join(scenes, 'images'), ...options, ...truth])
  const told = (text: unknown) =>
    certificatesOf(text)
      .map(({ statement, certified, details }) => ({ statement, certified, details }))
      .sort((a, b) => a.statement.localeCompare(b.statement))
  expect(told(direct).length).toBeGreaterThan(6)
  expect(told(stored)).toEqual(told(direct))
  const { summary } = document.parse(direct)
  expect(summary['recall']).toMatchObject([{ share: 0.01 }, { share: 0.02 }, { share: 0.03 }])
  expect(summary.certified).toBeGreaterThan(0)
})

test('whole pictures are certified, resumed and written', async () => {
  const out = join(root, 'whole.json')
  const pictures = join(scenes, 'images')
  const command = ['certify', pictures, ...byColumns, '--patch', '1%', '--out', out]
  const { code, stderr } = await patchwarden(command, { cwd: root })
  expect(code).toBe(0)
  expectPlainMessages(stderr)
  const { images, about } = document.parse(JSON.parse(readFileSync(out, 'utf8')))
  expect(about).toMatchObject({ patch: '1%', model: { id: 'crops-columns' } })
  for (const { certificates, sha256 } of images) {
    expect(certificates).toHaveLength(1)
    expect(certificates[0]).toMatchObject({ imageDigest: sha256, params: { band: 8 } })
    expect(certificates[0]?.statement).not.toContain('box')
  }
})

test.each([
  { args: ['x.png'], code: 'E_USAGE' },
  {
    args: ['x.png', '--method', 'no-such', '--model', 'crops-columns'],
    code: 'E_CERTIFIER_UNKNOWN',
  },
  {
    args: ['x.png', '--method', 'splitting-noise', '--model', 'crops-columns'],
    code: 'E_CERTIFIER_MODEL',
  },
  { args: ['x.png', ...byColumns.with(3, 'patchwarden-nano')], code: 'E_MODEL_TASK' },
  { args: ['x.png', ...byColumns, '--radius', '1'], code: 'E_SETTING_INVALID' },
  { args: ['x.png', ...byColumns, '--patch', '0%'], code: 'E_PATCH_SIZE' },
  { args: ['x.png', ...byColumns, '--set', 'band=99'], code: 'E_SETTING_INVALID' },
  { args: ['--run', 'no-such-run', ...byColumns], code: 'E_RUN_UNKNOWN' },
  { args: ['--list', 'bare'], code: 'E_RUN_KIND' },
  { args: ['--run', 'bare', '--dataset', 'scenes', ...byColumns], code: 'E_USAGE' },
  {
    args: ['x.png', '--method', 'objectseeker', '--model', 'patchwarden-nano', '--gt', 'none.json'],
    code: 'E_GT_UNREADABLE',
  },
])('wrong use is told with advice: $args', async ({ args, code }) => {
  const ended = await run(['certify', ...args])
  expect(ended.code).toBe(2)
  expect(errorCodes(ended.stderr)).toEqual([code])
})

test('a defense that adds boxes is told as one that does', async () => {
  const out = join(root, 'defended.json')
  const options = ['--defense', 'objectseeker', '--set', 'lines=2', '--out', out]
  const { stderr, code } = await run(['defend', join(scenes, 'images'), ...options])
  expect(code).toBe(0)
  expect(stderr).toMatch(/added (to|from) .*masked picture/)
  expect(stderr).not.toContain('removed')
})
