import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { diskSource } from './disk-source'
import type { ImportSource } from './import-source'
import { zipSource } from './zip-source'

/**
 * The source for what the user named: a ZIP archive by its ending, else a folder or file of the disk. (The bytes alone do not
 * tell: weights and documents are ZIP files too.)
 * @param filesFolder where the pictures of archives are kept, each archive's in a folder named by its digest
 * @throws AppError as `diskSource` and `zipSource`
 */
export async function openSource(path: string, filesFolder: string): Promise<ImportSource> {
  const isArchive =
    /\.zip$/i.test(path) &&
    (await stat(path).then(
      (stats) => stats.isFile(),
      () => false,
    ))
  if (!isArchive) return diskSource(path)
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path)) digest.update(piece as Uint8Array) // no encoding is set
  return zipSource(path, { folder: join(filesFolder, digest.digest('hex')) })
}
