import { rleFromText } from '../../../shared/vision/rle-text'

/** Columns that are drawn at most: a thumbnail has no more. */
const COLUMNS = 128

/**
 * A mask as the path of an SVG in pixels of the picture: upright strips, drawn for every n-th column, since masks are
 * stored by columns and a thumbnail shows only some of them. Empty for a mask that cannot be read.
 */
export function maskStrips(mask: { width: number; height: number; text: string }): string {
  const { width, height } = mask
  let counts: Uint32Array
  try {
    counts = Uint32Array.from(rleFromText(mask.text, mask).counts)
  } catch {
    return ''
  }
  const step = Math.max(1, Math.ceil(width / COLUMNS))
  const parts: string[] = []
  let at = 0
  for (let run = 0; run < counts.length; run++) {
    const length = counts[run]!
    if (run % 2 === 1) addStrips(parts, at, at + length, height, step)
    at += length
  }
  return parts.join('')
}

/** Strips of the set pixels `from` up to `to`, counted down the columns. */
function addStrips(parts: string[], from: number, to: number, height: number, step: number): void {
  const firstColumn = Math.ceil(Math.floor(from / height) / step) * step
  for (let column = firstColumn; column * height < to; column += step) {
    const top = Math.max(from, column * height) - column * height
    const end = Math.min(to, (column + 1) * height) - column * height
    if (end > top) parts.push(`M${column} ${top}h${step}v${end - top}h${-step}z`)
  }
}
