import { z } from 'zod'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { Outputs } from '../shared/plugin/output-family'
import {
  argmax,
  assertClassCount,
  CandidateList,
  matrices,
  sigmoid,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import { gridCells } from '../shared/plugin/recognition'
import type { Size } from '../shared/vision/resize'
import { recognizeNanodet } from './nanodet-recognition'

const output = z.strictObject({
  family: z.literal('nanodet'),
  strides: z.array(z.int().min(1)).min(1).default([8, 16, 32]),
  bins: z.int().min(2).max(64).default(8).describe('Values per side of the box distribution'),
  centerOffset: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Where in its cell a centre lies: 0.5 NanoDet and PicoDet, 0 NanoDet-Plus'),
  scores: z.enum(['probability', 'logit']).default('probability'),
})

/** Scores and distance distributions of the cells of one stride: `rows` rows from `first` of each tensor. */
interface Level {
  readonly stride: number
  readonly rows: number
  readonly scores: Matrix
  readonly scoreColumn: number
  readonly boxes: Matrix
  readonly boxColumn: number
  readonly first: number
}

/**
 * Generalized focal loss heads: a row a cell, with class scores and, for each side of the box, a distribution over
 * distances of 0 .. bins - 1 strides. In one pair of tensors a stride, or all in one tensor, scores first.
 */
export default defineOutputFamily({
  id: 'nanodet',
  name: 'NanoDet, PicoDet',
  summary: 'Class scores and distance distributions on the grids of several strides.',
  reference: 'Li et al., Generalized Focal Loss, NeurIPS 2020; NanoDet; PicoDet, arXiv:2111.00902',
  output,
  recognize: recognizeNanodet,
  decode(outputs, card, size) {
    const { strides, bins, centerOffset, scores } = card.output
    const levels = findLevels(outputs, size, strides, card.classes.length, 4 * bins)
    if (typeof levels === 'string') throw unexpectedOutputs(card, levels, outputs)
    const found = new CandidateList()
    const sides = new Float64Array(4)
    for (const level of levels) {
      const { stride } = level
      const gridWidth = Math.ceil(size.width / stride)
      const classCount = level.scores.columns - (level.scores === level.boxes ? 4 * bins : 0)
      assertClassCount(card, classCount)
      for (let row = 0; row < level.rows; row++) {
        const at = (level.first + row) * level.scores.columns + level.scoreColumn
        const classId = argmax(level.scores.data, at, classCount)
        const value = level.scores.data[at + classId]!
        const score = scores === 'logit' ? sigmoid(value) : value
        if (score < card.scoreThreshold) continue
        const start = (level.first + row) * level.boxes.columns + level.boxColumn
        for (let side = 0; side < 4; side++) {
          sides[side] = stride * expectedBin(level.boxes.data, start + side * bins, bins)
        }
        const x = ((row % gridWidth) + centerOffset) * stride
        const y = (Math.floor(row / gridWidth) + centerOffset) * stride
        found.add(x - sides[0]!, y - sides[1]!, x + sides[2]!, y + sides[3]!, score, classId)
      }
    }
    return found.toCandidates()
  },
})

/**
 * Matches tensors to strides by rows and columns, never by position: exporters order and name them as they like.
 * Returns what was expected where nothing fits.
 */
function findLevels(
  outputs: Outputs,
  size: Size,
  strides: readonly number[],
  classCount: number,
  boxColumns: number,
): Level[] | string {
  const all = matrices(outputs)
  const cells = strides.map((stride) => gridCells(size, [stride]))
  const total = cells.reduce((sum, count) => sum + count, 0)
  const single = all.find(({ rows, columns }) => rows === total && columns > boxColumns)
  let first = 0
  const levels: Level[] = []
  for (const [i, stride] of strides.entries()) {
    const rows = cells[i]!
    if (single !== undefined) {
      const scoreColumn = 0
      const boxColumn = single.columns - boxColumns
      levels.push({ stride, rows, scores: single, scoreColumn, boxes: single, boxColumn, first })
      first += rows
      continue
    }
    const pair = all.filter((matrix) => matrix.rows === rows)
    const boxes = pair.findLast(({ columns }) => columns === boxColumns)
    const others = pair.filter((matrix) => matrix !== boxes)
    // Where a model has other outputs of as many rows, the card's class count decides.
    const scores = others.find(({ columns }) => columns === classCount) ?? others[0]
    if (boxes === undefined || scores === undefined) {
      return `for stride ${stride} [1, ${rows}, ${classCount}] and [1, ${rows}, ${boxColumns}]`
    }
    levels.push({ stride, rows, scores, scoreColumn: 0, boxes, boxColumn: 0, first: 0 })
  }
  return levels
}

/** Expectation of 0 .. bins - 1 under the softmax of `bins` values from `start`. */
function expectedBin(data: Float32Array, start: number, bins: number): number {
  let top = data[start]!
  for (let i = 1; i < bins; i++) top = Math.max(top, data[start + i]!)
  let sum = 0
  let weighted = 0
  for (let i = 0; i < bins; i++) {
    const weight = Math.exp(data[start + i]! - top)
    sum += weight
    weighted += i * weight
  }
  return weighted / sum
}
