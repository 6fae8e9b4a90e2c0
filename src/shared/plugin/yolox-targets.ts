import type { BoxXyxy } from '../vision/box'
import { modelCardInvalid } from '../model-errors'
import type { GradientCard } from './gradient-card'

/**
 * Targets of the `yolox-loss` family, all zero: a cell counts once a weight of it is set. Row i is cell i of the
 * detector's output. A type, not an interface, so that it passes as `TargetValues`.
 */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface has no index signature
export type YoloxTargets = {
  readonly objectness_target: Float32Array
  readonly objectness_weight: Float32Array
  /** [cells, classes] */
  readonly class_target: Float32Array
  /** [cells, classes] */
  readonly class_weight: Float32Array
  /** [cells, 4]: x1, y1, x2, y2 in pixels of the model's input */
  readonly box_target: Float32Array
  readonly box_weight: Float32Array
}

/** The grid of a YOLOX-layout detector: centre of each cell in pixels of the model's input, and its stride. */
export interface YoloxCells {
  readonly count: number
  readonly x: Float32Array
  readonly y: Float32Array
  readonly stride: Float32Array
}

export function emptyYoloxTargets(card: GradientCard): YoloxTargets {
  const { count } = yoloxCells(card)
  const classes = card.classes.length
  return {
    objectness_target: new Float32Array(count),
    objectness_weight: new Float32Array(count),
    class_target: new Float32Array(count * classes),
    class_weight: new Float32Array(count * classes),
    box_target: new Float32Array(count * 4),
    box_weight: new Float32Array(count),
  }
}

/** @throws AppError E_MODEL_CARD_INVALID where the card is not of the family `yolox-loss` */
export function yoloxCells(card: GradientCard): YoloxCells {
  const strides = card.output['strides']
  const isGrid = Array.isArray(strides) && strides.every((stride) => typeof stride === 'number')
  if (card.output.family !== 'yolox-loss' || !isGrid) {
    throw modelCardInvalid(
      `card of model "${card.id}"`,
      `output: family "${card.output.family}" with strides is not a grid of yolox-loss`,
    )
  }
  const x: number[] = []
  const y: number[] = []
  const steps: number[] = []
  for (const stride of strides) {
    const columns = Math.ceil(card.input.width / stride)
    const rows = Math.ceil(card.input.height / stride)
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        x.push((column + 0.5) * stride)
        y.push((row + 0.5) * stride)
        steps.push(stride)
      }
    }
  }
  const [xs, ys, stride] = [x, y, steps].map((values) => Float32Array.from(values))
  return { count: x.length, x: xs!, y: ys!, stride: stride! }
}

/** Indices of the cells, of all strides, whose centre lies in a box given in pixels of the model's input. */
export function cellsInside({ count, x, y }: YoloxCells, [x1, y1, x2, y2]: BoxXyxy): number[] {
  const inside: number[] = []
  for (let i = 0; i < count; i++) {
    if (x[i]! >= x1 && x[i]! < x2 && y[i]! >= y1 && y[i]! < y2) inside.push(i)
  }
  return inside
}
