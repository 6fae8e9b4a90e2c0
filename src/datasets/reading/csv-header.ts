import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { readRows } from './csv'

/** Headers are short; a table whose first row is longer is none of ours. */
const headerBytes = 16 * 1024

/** The cells of the first row. Empty if there is none: what is wrong with a table is told when it is read. */
export async function csvHeader(files: FileSource, name: string): Promise<readonly string[]> {
  const start = await files.readAt(name, 0, headerBytes)
  try {
    for await (const { cells } of readRows(once(start), name)) return cells
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
  return []
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
