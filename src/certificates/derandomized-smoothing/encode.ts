import { modelValues, type PictureShape, type SmoothingPicture } from '../../shared/plugin'
import type { Ablation } from './ablation'

/**
 * How a sample tells kept from hidden pixels: `pair` gives x and 1 - x, which are never both 0; `mask-channel` adds a
 * channel that is 1 where a pixel is kept; `zero-fill` writes 0.
 */
export type Encoding = 'pair' | 'mask-channel' | 'zero-fill'

export function sampleShape(
  { channels, height, width }: PictureShape,
  encoding: Encoding,
): PictureShape {
  const planes = { pair: 2 * channels, 'mask-channel': channels + 1, 'zero-fill': channels }
  return { channels: planes[encoding], height, width }
}

/**
 * Samples that keep what each of `positions` keeps: [positions, channels of the encoding, height, width]. `out`, of that
 * length, is filled and returned in place of a new array.
 */
export function ablatedBatch(
  picture: SmoothingPicture,
  ablation: Ablation,
  positions: readonly number[],
  encoding: Encoding,
  out?: Float32Array,
): Float32Array {
  const { channels, height, width } = picture
  const plane = height * width
  const whole = wholeSample(picture, encoding)
  const planes = sampleShape({ channels, height, width }, encoding).channels
  const length = positions.length * planes * plane
  if (out !== undefined && out.length !== length) {
    throw new RangeError(`the output array must hold ${length} values, not ${out.length}`)
  }
  const batch = out?.fill(0) ?? new Float32Array(length)
  positions.forEach((position, at) => {
    const start = at * planes * plane
    const { columns, rows } = keptLines(ablation, position, picture)
    for (let from = 0; from < planes * plane; from += plane) {
      for (const y of rows) {
        const row = from + y * width
        for (const x of columns) batch[start + row + x] = whole[row + x]!
      }
    }
  })
  return batch
}

/** The sample that would keep every pixel: [channels of the encoding, height, width]. */
export function wholeSample(picture: SmoothingPicture, encoding: Encoding): Float32Array {
  const { channels, height, width, data } = picture
  const plane = height * width
  const whole = new Float32Array(sampleShape(picture, encoding).channels * plane)
  const values = modelValues(picture)
  for (let i = 0; i < channels * plane; i++) {
    const value = values[Math.floor(i / plane) * 256 + data[i]!]!
    whole[i] = value
    if (encoding === 'pair') whole[channels * plane + i] = 1 - value
  }
  if (encoding === 'mask-channel') whole.fill(1, channels * plane)
  return whole
}

/** What is kept is where some columns and some rows meet. */
function keptLines(
  ablation: Ablation,
  position: number,
  { height, width }: PictureShape,
): { readonly columns: readonly number[]; readonly rows: readonly number[] } {
  const columns = Array.from({ length: width }, (_, x) => x)
  const rows = Array.from({ length: height }, (_, y) => y)
  switch (ablation.kind) {
    case 'column':
    case 'multi-column':
      return { columns: columns.filter((x) => ablation.keeps(position, x, 0)), rows }
    case 'row':
      return { columns, rows: rows.filter((y) => ablation.keeps(position, 0, y)) }
    case 'block':
      return {
        columns: columns.filter((x) => rows.some((y) => ablation.keeps(position, x, y))),
        rows: rows.filter((y) => columns.some((x) => ablation.keeps(position, x, y))),
      }
  }
}
