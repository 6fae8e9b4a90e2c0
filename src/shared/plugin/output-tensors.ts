import { modelCardMismatch, modelOutputNotFinite, modelOutputShape } from '../model-errors'
import type { AppError } from '../errors'
import type { Candidates } from '../vision/nms'
import type { Tensor } from './model-host'
import type { Outputs } from './output-family'

/** A tensor as rows and columns, row-major, batch of one dropped. */
export interface Matrix {
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
}

/** The floating-point outputs that are a matrix once leading dimensions of 1 are dropped. */
export function matrices(outputs: Outputs): Matrix[] {
  return Object.entries(outputs).flatMap(([name, tensor]) => matrixOf(name, tensor) ?? [])
}

/** Null for a tensor of another rank or type. A [1, n] or [n] tensor is one row. */
export function matrixOf(name: string, { data, dims }: Tensor): Matrix | null {
  if (!(data instanceof Float32Array)) return null
  let first = 0
  while (dims.length - first > 2 && dims[first] === 1) first++
  if (dims.length - first > 2) return null
  const columns = dims.at(-1) ?? 1
  const rows = dims.length - first === 2 ? dims[first]! : 1
  return { name, rows, columns, data }
}

/** `758 [1, 85, 22, 22], …` */
export function describeOutputs(outputs: Outputs): string {
  return Object.entries(outputs)
    .map(([name, { dims }]) => `${name} [${dims.join(', ')}]`)
    .join(', ')
}

export function unexpectedOutputs(
  card: { readonly id: string },
  expected: string,
  outputs: Outputs,
): AppError {
  return modelOutputShape(card.id, expected, describeOutputs(outputs))
}

/** @throws AppError E_MODEL_CARD_MISMATCH unless the card names as many classes as the model has */
export function assertClassCount(
  card: { readonly id: string; readonly classes: readonly string[] },
  count: number,
): void {
  if (card.classes.length === count) return
  throw modelCardMismatch(
    card.id,
    `the card names ${card.classes.length} classes, the output has ${count}`,
  )
}

/** @throws AppError E_MODEL_OUTPUT_NOT_FINITE, naming the first NaN or infinity */
export function assertFiniteOutputs(outputs: Outputs, modelId: string): void {
  for (const [name, { data }] of Object.entries(outputs)) {
    if (data instanceof Float32Array) assertFinite(data, name, modelId)
  }
}

/** @throws AppError E_MODEL_OUTPUT_NOT_FINITE */
export function assertFinite(data: Float32Array, name: string, modelId: string): void {
  const at = firstNotFinite(data)
  if (at >= 0) throw modelOutputNotFinite(modelId, name, data[at]!, at)
}

/** Looks at the exponents as integers, which is several times faster than asking each number. */
function firstNotFinite(data: Float32Array): number {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length)
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7f80_0000) === 0x7f80_0000) return i
  }
  return -1
}

/** Column of the largest of `count` values from `start`; ties go to the first. */
export function argmax(data: Float32Array, start: number, count: number): number {
  let best = 0
  let value = data[start]!
  for (let i = 1; i < count; i++) {
    if (data[start + i]! > value) {
      best = i
      value = data[start + i]!
    }
  }
  return best
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Collects candidates one by one. */
export class CandidateList {
  readonly #boxes: number[] = []
  readonly #scores: number[] = []
  readonly #classIds: number[] = []

  /** Corners in any order of axes: x1, y1, x2, y2. */
  add(x1: number, y1: number, x2: number, y2: number, score: number, classId: number): void {
    this.#boxes.push(x1, y1, x2, y2)
    this.#scores.push(score)
    this.#classIds.push(classId)
  }

  addCentered(
    cx: number,
    cy: number,
    width: number,
    height: number,
    score: number,
    classId: number,
  ): void {
    this.add(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2, score, classId)
  }

  toCandidates(): Candidates {
    return {
      boxes: Float32Array.from(this.#boxes),
      scores: Float32Array.from(this.#scores),
      classIds: Int32Array.from(this.#classIds),
    }
  }
}
