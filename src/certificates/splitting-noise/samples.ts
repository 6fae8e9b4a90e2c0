import { modelValue, type SmoothingPicture } from '../../shared/plugin'
import { fineRandom, seededRandom } from '../../shared/random'
import { cellOf, middleOf } from '../grey-cells'

/** A byte as the shift `shift` shows it, of 0..1. `offset` is the template's entry; both are below `levels`. */
export const splitValue = (byte: number, levels: number, offset: number, shift: number): number =>
  middleOf(cellOf(byte, levels, (shift + offset) % levels))

/** Samples of the shifts from..to-1: [to - from, channels, height, width]. */
export function splitBatch(
  picture: SmoothingPicture,
  levels: number,
  template: readonly number[],
  from: number,
  to: number,
): Float32Array {
  const { channels, height, width, data, normalization } = picture
  const each = channels * height * width
  const plane = height * width
  const batch = new Float32Array((to - from) * each)
  // One table of all offsets and bytes costs less than a cell for every value.
  const table = valueTable(levels)
  for (let shift = from; shift < to; shift++) {
    const start = (shift - from) * each
    for (let i = 0; i < each; i++) {
      const offset = (shift + template[i]!) % levels
      const value = table[Math.min(offset, 255) * 256 + data[i]!]!
      batch[start + i] = modelValue(value, Math.floor(i / plane), normalization)
    }
  }
  return batch
}

/** Value by offset * 256 + byte. Offsets from 255 on have no cut inside 0..255 and share the last row. */
function valueTable(levels: number): Float64Array {
  const rows = Math.min(levels, 256)
  const table = new Float64Array(256 * 256)
  for (let offset = 0; offset < rows; offset++) {
    for (let byte = 0; byte < 256; byte++) {
      table[offset * 256 + byte] = middleOf(cellOf(byte, levels, offset))
    }
  }
  return table
}

export interface RandomSplitting {
  /** Half of the distance between cuts, on the scale of 0..1. */
  readonly lambda: number
  readonly noise: 'splitting' | 'uniform'
  readonly seed: number
}

/**
 * One sample with random cuts for every value, or with uniform noise added, written to `batch` from `start` on. Each
 * sample depends on its index and the seed alone.
 */
export function writeRandomSplit(
  batch: Float32Array,
  start: number,
  picture: SmoothingPicture,
  { lambda, noise, seed }: RandomSplitting,
  sample: number,
): void {
  const { data, normalization, height, width } = picture
  const random = fineRandom(seededRandom(seed, sample))
  const size = 2 * lambda
  for (let i = 0; i < data.length; i++) {
    const value = data[i]! / 255
    const drawn = size * random()
    let shown = value + drawn - lambda
    if (noise === 'splitting') {
      const cut = drawn + size * Math.floor((value - drawn) / size)
      shown = (Math.max(0, cut) + Math.min(1, cut + size)) / 2
    }
    batch[start + i] = modelValue(shown, Math.floor(i / (height * width)), normalization)
  }
}
