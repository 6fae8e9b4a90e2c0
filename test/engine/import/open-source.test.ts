import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSource } from '../../../src/engine/import/open-source'
import { temporaryFolder } from '../temporary-folder'
import { hostileFolder } from './hostile-cases'
import { runImport } from './run-import'

const folder = temporaryFolder()
const files = join(folder, 'files')

test('archives by their ending, everything else from the disk', async () => {
  const zip = await openSource(join(hostileFolder, 'archives/good.zip'), files)
  expect([zip.entry, zip.rootName]).toEqual([null, 'good'])
  const { counts } = await runImport(zip, 'folder')
  expect(counts).toMatchObject({ images: 1, missing: 0 })
  const [digest = ''] = readdirSync(files)
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(readdirSync(join(files, digest))).toHaveLength(1)
  // Torch files are ZIP files too, but no archives of pictures.
  const torch = await openSource(join(hostileFolder, 'torch/call.pt'), files)
  expect(torch.entry).toBe('call.pt')
  const root = await openSource(join(hostileFolder, 'images'), files)
  expect([root.entry, root.rootName]).toEqual([null, 'images'])
  await expect(openSource(join(folder, 'none.zip'), files)).rejects.toMatchObject({
    code: 'E_FILE_NOT_FOUND',
  })
})

test('an archive that is refused leaves nothing', async () => {
  const own = join(folder, 'own')
  copyFileSync(join(hostileFolder, 'archives/slip.zip'), join(folder, 'slip.zip'))
  await expect(openSource(join(folder, 'slip.zip'), own)).rejects.toMatchObject({
    code: 'E_ARCHIVE_PATH',
  })
  expect(existsSync(own)).toBe(false)
})
