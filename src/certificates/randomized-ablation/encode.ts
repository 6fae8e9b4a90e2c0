import {
  modelValue,
  modelValues,
  type PictureShape,
  type SmoothingPicture,
} from '../../shared/plugin'

/** `pair`: x and 1 - x, all 0 where hidden. `mean`: the picture's own channels, with the mean of the data set there. */
export type Encoding = 'pair' | 'mean'

export function sampleShape(shape: PictureShape, encoding: Encoding): PictureShape {
  return encoding === 'pair' ? { ...shape, channels: 2 * shape.channels } : shape
}

/**
 * Writes one sample that keeps the pixels `retained` (row * width + column) to `batch` from `start` on. `mean` is the
 * value of 0..1 of hidden pixels per channel; without one, that of the model's normalization, or 1/2.
 */
export function writeAblated(
  batch: Float32Array,
  start: number,
  picture: SmoothingPicture,
  retained: ArrayLike<number>,
  encoding: Encoding,
  mean: readonly number[] = [],
): void {
  const { channels, height, width, data, normalization } = picture
  const plane = height * width
  const values = modelValues(picture)
  for (let c = 0; c < channels; c++) {
    const first = start + c * plane
    if (encoding === 'mean') {
      const hidden = mean[c] ?? normalization?.mean[c] ?? 0.5
      batch.fill(modelValue(hidden, c, normalization), first, first + plane)
    }
    for (let i = 0; i < retained.length; i++) {
      const pixel = retained[i]!
      const value = values[c * 256 + data[c * plane + pixel]!]!
      batch[first + pixel] = value
      if (encoding === 'pair') batch[first + channels * plane + pixel] = 1 - value
    }
  }
}
