/** Channels, rows and columns of a picture whose values lie channel by channel, row by row. */
export interface GridShape {
  readonly channels: number
  readonly height: number
  readonly width: number
}

/**
 * A flow on every edge of the four-neighbour grid of every channel, in shares of the picture's mass. Positive flow adds
 * to the upper or left end of its edge and takes from the lower or right one.
 */
export interface GridFlow {
  /** [channels, height - 1, width], between a pixel and the one below. */
  readonly vertical: Float64Array
  /** [channels, height, width - 1], between a pixel and the one to its right. */
  readonly horizontal: Float64Array
}

export const verticalEdges = ({ channels, height, width }: GridShape): number =>
  channels * (height - 1) * width

export const horizontalEdges = ({ channels, height, width }: GridShape): number =>
  channels * height * (width - 1)

/** The sum of all values of a picture. */
export function totalMass(image: ArrayLike<number>): number {
  let mass = 0
  for (let i = 0; i < image.length; i++) mass += image[i]!
  return mass
}

/**
 * Scales `image` to unit mass, lets `flow` run, and scales back; returns a new array. The mass of every channel stays;
 * values may leave [0, 1] and stay so.
 * @throws RangeError if the picture has no mass
 */
export function applyFlow(
  image: ArrayLike<number>,
  { channels, height, width }: GridShape,
  { vertical, horizontal }: GridFlow,
): Float64Array {
  const mass = totalMass(image)
  if (!(mass > 0)) throw new RangeError(`the mass of the picture is ${mass}, not positive`)
  const output = new Float64Array(image.length)
  for (let i = 0; i < image.length; i++) output[i] = image[i]! / mass
  const move = (to: number, from: number, amount: number): void => {
    output[to] = output[to]! + amount
    output[from] = output[from]! - amount
  }
  let edge = 0
  for (let channel = 0; channel < channels; channel++) {
    for (let inChannel = 0; inChannel < (height - 1) * width; inChannel++) {
      const pixel = channel * height * width + inChannel
      move(pixel, pixel + width, vertical[edge++]!)
    }
  }
  edge = 0
  for (let row = 0; row < channels * height; row++) {
    for (let column = 0; column + 1 < width; column++) {
      const pixel = row * width + column
      move(pixel, pixel + 1, horizontal[edge++]!)
    }
  }
  for (let i = 0; i < output.length; i++) output[i] = output[i]! * mass
  return output
}

/** The sum of absolute flows: an upper bound on the Wasserstein distance (ground distance `l1`) that they bridge. */
export function flowLength({ vertical, horizontal }: GridFlow): number {
  const add = (sum: number, amount: number): number => sum + Math.abs(amount)
  return vertical.reduce(add, 0) + horizontal.reduce(add, 0)
}
