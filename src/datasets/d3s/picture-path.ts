import type { FileSource } from '../../shared/dataset'
import { pathInvalid } from '../../shared/image-errors'
import type { D3sSplit } from './find-splits'

/** A picture, found by the end of its path. */
export interface FoundPicture {
  /** Relative to the root. */
  readonly file: string
  readonly exists: boolean
  /** `background-shift`, `geography-shift`, `time-shift` … */
  readonly shift: string
  /** Last two parts: what names the picture within its split. */
  readonly key: string
}

/**
 * Finds the picture of a record. The path is that of the machine that made it, so only its end counts: split, shift and file
 * below the root of the data set, or shift and file below the folder of the split.
 * @throws AppError E_PATH_INVALID, E_PATH_ESCAPES_ROOT, E_PATH_IS_URL
 */
export async function findPicture(
  files: FileSource,
  path: string,
  { folder }: D3sSplit,
): Promise<FoundPicture> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) files.resolve(path)
  const parts = path.split(/[/\\]/).filter((part) => part !== '' && part !== '.')
  const [shift, name] = parts.slice(-2)
  if (parts.length < 2 || shift === undefined || name === undefined) {
    throw pathInvalid(path, 'it has no folder and file name at its end')
  }
  const key = `${shift}/${name}`
  const root = folder.split('/').slice(0, -1).join('/')
  const inSplit = files.resolve(key, folder)
  // Where the root is the folder of a split, the name of the split is not below it.
  const inRoot =
    parts.length > 2 && folder !== '' ? files.resolve(parts.slice(-3).join('/'), root) : inSplit
  if (await files.has(inRoot)) return { file: inRoot, exists: true, shift, key }
  return { file: inSplit, exists: await files.has(inSplit), shift, key }
}
