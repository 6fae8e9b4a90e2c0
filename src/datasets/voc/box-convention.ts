import type { BoxXywh, FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { parseXml } from '../reading/xml'
import { vocAnnotation } from './annotation'

/** How corners are counted: from 1 with the last pixel included, or from 0 up to the edge behind it. */
export type BoxConvention = 'inclusive-1' | 'exclusive-0'

export function boxOfCorners(
  [xmin, ymin, xmax, ymax]: readonly [number, number, number, number],
  convention: BoxConvention,
): BoxXywh {
  if (convention === 'exclusive-0') return [xmin, ymin, xmax - xmin, ymax - ymin]
  return [xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1]
}

/**
 * The first annotation in which a corner lies below 1, where boxes that count from 1 cannot begin; null if there is none.
 * One such box tells how a whole data set counts, so all files are looked through, but only those whose bytes show it are parsed.
 */
export async function findZeroBased(
  files: FileSource,
  names: readonly string[],
): Promise<string | null> {
  for (const name of names) {
    try {
      if ((await files.size(name)) === 0) continue
      const bytes = await files.read(name)
      if (mayBeZeroBased(bytes) && isZeroBased(bytes, name)) return name
    } catch (error) {
      // What is wrong with the file is told when it is read for its objects.
      if (!(error instanceof AppError)) throw error
    }
  }
  return null
}

/** `min>` and, behind blanks, a 0: the start of `<xmin>0</xmin>`. Two-byte encodings are always parsed. */
function mayBeZeroBased(bytes: Uint8Array): boolean {
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || (bytes[0] === 0xff && bytes[1] === 0xfe)) {
    return true
  }
  for (let at = bytes.indexOf(0x3e, 4); at >= 0; at = bytes.indexOf(0x3e, at + 1)) {
    const isMinimum = bytes[at - 1] === 0x6e && bytes[at - 2] === 0x69 && bytes[at - 3] === 0x6d
    if (!isMinimum) continue
    let next = at + 1
    while (
      bytes[next] === 0x20 ||
      bytes[next] === 0x0a ||
      bytes[next] === 0x0d ||
      bytes[next] === 9
    )
      next++
    // Also `.5`, `+0` and what is escaped: rare enough to be parsed.
    if (![0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39].includes(bytes[next] ?? 0))
      return true
  }
  return false
}

function isZeroBased(bytes: Uint8Array, name: string): boolean {
  const objects = vocAnnotation(parseXml(bytes, name))?.objects ?? []
  return objects.some(({ corners }) => {
    const [xmin = 1, ymin = 1] = corners ?? []
    return (xmin >= 0 && xmin < 1) || (ymin >= 0 && ymin < 1)
  })
}
