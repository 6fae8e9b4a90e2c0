/** One direction of a picture, with a band that is kept at every `stride`-th place and wraps around the end. */
export interface Axis {
  /** Pixels from end to end. */
  readonly length: number
  /** Pixels kept. */
  readonly band: number
  readonly stride: number
}

/** How many positions the band takes: those at the pixels 0, stride, 2 stride, ... below the length. */
export function positionCount({ length, stride }: Axis): number {
  return Math.ceil(length / stride)
}

/** How many places a patch of `size` pixels fits at: 1 where it is as long as the axis, or longer. */
export function placeCount({ length }: Axis, size: number): number {
  return Math.max(1, length - size + 1)
}

/** Whether the band at a position keeps a pixel. */
export function keeps({ length, band, stride }: Axis, position: number, pixel: number): boolean {
  return (pixel - position * stride + length) % length < band
}

/** The positions whose band shows part of a patch of `size` pixels at `place`, ascending from the first one round. */
export function touchedPositions(axis: Axis, place: number, size: number): number[] {
  const { length, band, stride } = axis
  // Bands that start in the `span` pixels from here on reach into the patch; round the end they start at 0 again.
  const span = Math.min(length, size + band - 1)
  const start = (((place - band + 1) % length) + length) % length
  const touched: number[] = []
  for (
    let pixel = roundUp(start, stride);
    pixel < Math.min(length, start + span);
    pixel += stride
  ) {
    touched.push(pixel / stride)
  }
  for (let pixel = 0; pixel < start + span - length; pixel += stride) touched.push(pixel / stride)
  return touched
}

/** The most positions that a patch of `size` pixels can touch, wherever it lies. */
export function mostTouched(axis: Axis, size: number): number {
  const { length, band, stride } = axis
  if (stride === 1) return Math.min(length, size + band - 1)
  let most = 0
  for (let place = 0; place < placeCount(axis, size); place++) {
    most = Math.max(most, touchedPositions(axis, place, size).length)
  }
  return most
}

const roundUp = (pixel: number, stride: number): number => Math.ceil(pixel / stride) * stride
