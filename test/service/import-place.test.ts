import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskSource } from '../../src/engine/import/disk-source'
import type { ImportSource } from '../../src/engine/import/import-source'
import { onlySome } from '../../src/service/chosen-files'
import { filesFolder, openImportPlace, withoutKeeping } from '../../src/service/import-place'
import { temporaryFolder } from '../engine/temporary-folder'
import { hostileFolder } from '../engine/import/hostile-cases'
import { runImport } from '../engine/import/run-import'

const folder = temporaryFolder()

async function namesOf(list: AsyncIterable<string>): Promise<string[]> {
  const names: string[] = []
  for await (const name of list) names.push(name)
  return names
}

test('archives by their ending, everything else from the disk', async () => {
  const project = join(folder, 'project')
  const zip = await openImportPlace(join(hostileFolder, 'archives/good.zip'), project)
  expect([zip.source.entry, zip.source.rootName]).toEqual([null, 'good'])
  expect(zip.archiveSha256).toMatch(/^[0-9a-f]{64}$/)
  expect(zip.root).toBe(join(filesFolder(project), zip.archiveSha256 ?? ''))
  const { counts } = await runImport(zip.source, 'folder')
  expect(counts).toMatchObject({ images: 1, missing: 0 })
  expect(readdirSync(zip.root)).toHaveLength(1)
  // Torch files are ZIP files too, but no archives of pictures.
  const torch = await openImportPlace(join(hostileFolder, 'torch/call.pt'), project)
  expect([torch.source.entry, torch.archiveSha256]).toEqual(['call.pt', null])
  const root = await openImportPlace(join(hostileFolder, 'images'), project)
  expect([root.source.entry, root.source.rootName]).toEqual([null, 'images'])
  await expect(openImportPlace(join(folder, 'none.zip'), project)).rejects.toMatchObject({
    code: 'E_FILE_NOT_FOUND',
  })
})

test('of what was picked one by one, nothing beside it is listed', async () => {
  const listed: (string | undefined)[] = []
  const disk = await diskSource(hostileFolder)
  const counting: ImportSource = {
    ...withoutKeeping(disk),
    list(inside) {
      listed.push(inside)
      return disk.list(inside)
    },
  }
  const all = await namesOf(disk.list())
  const inArchives = all.filter((name) => name.startsWith('archives/'))
  const some = onlySome(counting, ['torch/call.pt', 'archives', 'archives/good.zip', 'images/none'])
  expect(await namesOf(some.list())).toEqual([...inArchives, 'torch/call.pt'])
  expect(await namesOf(some.list('torch/'))).toEqual(['torch/call.pt'])
  expect(await namesOf(some.list('archives'))).toEqual(inArchives)
  expect(await namesOf(some.list('images'))).toEqual([])
  expect(new Set(listed)).toEqual(new Set(['archives', 'images/none']))
  expect(await some.has('archives/good.zip')).toBe(true)
  expect(await some.has('torch/other.pt')).toBe(false)
})

test('an archive that is refused leaves nothing', async () => {
  const project = join(folder, 'own')
  copyFileSync(join(hostileFolder, 'archives/slip.zip'), join(folder, 'slip.zip'))
  await expect(openImportPlace(join(folder, 'slip.zip'), project)).rejects.toMatchObject({
    code: 'E_ARCHIVE_PATH',
  })
  expect(existsSync(project)).toBe(false)
})
