import { modelValue, type PictureShape, type SmoothingPicture } from '../../shared/plugin'
import { type Cell, cellOf, middleOf } from '../grey-cells'
import type { SlotBudget } from './budget'

/** What a sample tells of a cell: its middle; middle and half width; its upper and lower end; or the middle twice. */
export type Encoding = 'center' | 'center_error' | 'upper_lower' | 'center_center'

/** One way to look at a value: a cell size with its offset, or null: hidden. */
export type Slot = { readonly size: number; readonly offset: number } | null

/** For every cell in order its offsets from 0 up, then the hidden slots. */
export function slotList({ cells, ablated }: SlotBudget): Slot[] {
  const shown = cells.flatMap((size) =>
    Array.from({ length: size }, (_, offset) => ({ size, offset })),
  )
  return [...shown, ...new Array<null>(ablated).fill(null)]
}

export const cellIn = (slot: Slot, byte: number): Cell =>
  slot === null ? { low: 0, high: 255 } : cellOf(byte, slot.size, slot.offset)

export const isDouble = (encoding: Encoding): boolean => encoding !== 'center'

export const sampleShape = (shape: PictureShape, encoding: Encoding): PictureShape =>
  isDouble(encoding) ? { ...shape, channels: 2 * shape.channels } : shape

/** First and second value of a cell in an encoding, of 0..1; `center` uses the first alone. */
export function encoded(cell: Cell, encoding: Encoding): readonly [number, number] {
  const middle = middleOf(cell)
  switch (encoding) {
    case 'center':
    case 'center_center':
      return [middle, middle]
    case 'center_error':
      return [middle, (cell.high - cell.low) / 510]
    case 'upper_lower':
      return [cell.high / 255, cell.low / 255]
  }
}

/**
 * Samples from..to-1: [to - from, channels (twice, unless `center`), height, width]. Value j of sample i is looked at
 * through the slot that `slotOf` gives, first values before second ones.
 */
export function slotBatch(
  picture: SmoothingPicture,
  encoding: Encoding,
  slotOf: (sample: number, value: number) => Slot,
  from: number,
  to: number,
): Float32Array {
  const { data, normalization, height, width } = picture
  const plane = height * width
  const each = data.length * (isDouble(encoding) ? 2 : 1)
  const batch = new Float32Array((to - from) * each)
  for (let sample = from; sample < to; sample++) {
    const start = (sample - from) * each
    for (let i = 0; i < data.length; i++) {
      const [first, second] = encoded(cellIn(slotOf(sample, i), data[i]!), encoding)
      const channel = Math.floor(i / plane)
      batch[start + i] = modelValue(first, channel, normalization)
      if (!isDouble(encoding)) continue
      // A half width is a distance: it has no mean to be taken off.
      const isDistance = encoding === 'center_error'
      batch[start + data.length + i] = isDistance
        ? second / (normalization?.std[channel] ?? 1)
        : modelValue(second, channel, normalization)
    }
  }
  return batch
}
