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

/** Samples that keep what each of `positions` keeps: [positions, channels of the encoding, height, width]. */
export function ablatedBatch(
  picture: SmoothingPicture,
  ablation: Ablation,
  positions: readonly number[],
  encoding: Encoding,
): Float32Array {
  const { channels, height, width, data } = picture
  const plane = height * width
  const each = sampleShape(picture, encoding).channels * plane
  const batch = new Float32Array(positions.length * each)
  const values = modelValues(picture)
  positions.forEach((position, at) => {
    const start = at * each
    for (let pixel = 0; pixel < plane; pixel++) {
      if (!ablation.keeps(position, pixel % width, Math.floor(pixel / width))) continue
      for (let c = 0; c < channels; c++) {
        const value = values[c * 256 + data[c * plane + pixel]!]!
        batch[start + c * plane + pixel] = value
        if (encoding === 'pair') batch[start + (channels + c) * plane + pixel] = 1 - value
      }
      if (encoding === 'mask-channel') batch[start + channels * plane + pixel] = 1
    }
  })
  return batch
}
