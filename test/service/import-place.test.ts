import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesFolder, openImportPlace } from '../../src/service/import-place'
import { temporaryFolder } from '../engine/temporary-folder'
import { hostileFolder } from '../engine/import/hostile-cases'
import { runImport } from '../engine/import/run-import'

const folder = temporaryFolder()

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

test('an archive that is refused leaves nothing', async () => {
  const project = join(folder, 'own')
  copyFileSync(join(hostileFolder, 'archives/slip.zip'), join(folder, 'slip.zip'))
  await expect(openImportPlace(join(folder, 'slip.zip'), project)).rejects.toMatchObject({
    code: 'E_ARCHIVE_PATH',
  })
  expect(existsSync(project)).toBe(false)
})
