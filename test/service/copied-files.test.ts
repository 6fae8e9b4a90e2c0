import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Service } from '../../src/service/create-service'
import { temporaryFolder } from '../engine/temporary-folder'
import { cocoFolder, fixtures } from '../support/project-program'
import { ask, jobEnd, openService } from './api/open-service'

let service: (Service & { readonly folder: string }) | undefined
afterEach(async () => {
  await service?.close()
})

const uploads = (folder: string) => join(folder, 'project/uploads')

/** As the upload route leaves it: a folder of a batch, granted as an upload. */
function upload(to: Service & { readonly folder: string }, batch: string): string {
  const folder = join(uploads(to.folder), batch)
  mkdirSync(uploads(to.folder), { recursive: true })
  cocoFolder(folder)
  return to.grant(folder, 'upload').id
}

test('uploads stay while a data set refers to them, also when the project is opened again', async () => {
  service = await openService()
  const { folder } = service
  const used = upload(service, 'used')
  upload(service, 'never-imported')
  const { jobId } = await ask(service, 'import.start', { grant: used, name: 'street' })
  const { datasetId } = await jobEnd(service, jobId)
  expect(readdirSync(uploads(folder)).sort()).toEqual(['never-imported', 'used'])
  await service.close()

  service = await openService(folder)
  expect(readdirSync(uploads(folder))).toEqual(['used'])
  const { cards } = await ask(service, 'images.cards', {
    ids: (await ask(service, 'images.ids', {})).ids,
  })
  expect(cards.map(({ fileState }) => fileState)).toEqual(['present', 'present', 'present'])
  await ask(service, 'datasets.remove', { id: datasetId ?? 0 })
  expect(readdirSync(uploads(folder))).toEqual([])
})

test('an upload that an import has not kept goes when it is done, and stays when it is refused', async () => {
  service = await openService()
  const first = upload(service, 'first')
  const { jobId } = await ask(service, 'import.start', { grant: first, name: 'street' })
  const { datasetId } = await jobEnd(service, jobId)
  // The same pictures once more: the data set has them.
  const second = upload(service, 'second')
  const again = await ask(service, 'import.start', { grant: second, into: datasetId ?? 0 })
  expect((await jobEnd(service, again.jobId)).summary).toBe('0 images added, 3 were there already.')
  expect(readdirSync(uploads(service.folder))).toEqual(['first'])

  const broken = join(uploads(service.folder), 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'a.json'), '{"images": 7}')
  const { id: grant } = service.grant(broken, 'upload')
  const refused = await ask(service, 'import.start', { grant, name: 'x', format: 'coco' })
  expect((await jobEnd(service, refused.jobId)).state).toBe('failed')
  expect(existsSync(broken)).toBe(true)
})

test('pictures of archives that no data set refers to go when the project is opened', async () => {
  const folder = temporaryFolder()
  const files = join(folder, 'project/files')
  mkdirSync(files, { recursive: true })
  cpSync(join(fixtures, 'formats/images'), join(files, 'a'.repeat(64)), { recursive: true })
  service = await openService(folder)
  expect(readdirSync(files)).toEqual([])
})
