import { z } from 'zod'
import { modelCardMismatch } from '../shared/model-errors'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { CardProposal, CardQuestion, ModelSignature } from '../shared/plugin/output-family'
import { CandidateList, matrices, unexpectedOutputs } from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import {
  columnRange,
  cornerShare,
  gridCells,
  isOtherTask,
  isUltralytics,
  metadataNames,
  proposeClasses,
  ultralyticsInput,
} from '../shared/plugin/recognition'

const output = z.strictObject({
  family: z.literal('yolo-end-to-end'),
  columns: z
    .enum(['box-score-class', 'box-class-score'])
    .default('box-score-class')
    .describe('Order of the six columns'),
  relative: z.boolean().default(false).describe('Corners are in 0..1 instead of input pixels'),
})

/** One row a detection: x1, y1, x2, y2, score, class; suppression has already happened in the graph. */
export default defineOutputFamily({
  id: 'yolo-end-to-end',
  name: 'YOLOv10, YOLO26 and other end-to-end models',
  summary: 'One tensor of detections x 6: corners, score and class, no NMS needed.',
  reference: 'Wang et al., YOLOv10: Real-Time End-to-End Object Detection, NeurIPS 2024',
  output,
  recognize,
  decode(outputs, card, size) {
    const rows = matrices(outputs).find((matrix) => matrix.columns === 6)
    if (rows === undefined) throw unexpectedOutputs(card, '[1, detections, 6]', outputs)
    const { columns, relative } = card.output
    const [scoreColumn, classColumn] = columns === 'box-score-class' ? [4, 5] : [5, 4]
    const [sx, sy] = relative ? [size.width, size.height] : [1, 1]
    const { data } = rows
    const found = new CandidateList()
    for (let at = 0; at < 6 * rows.rows; at += 6) {
      const score = data[at + scoreColumn]!
      if (score < card.scoreThreshold) continue
      const classId = data[at + classColumn]!
      // Rows that only fill up a fixed number of detections carry class -1.
      if (classId < 0) continue
      if (!Number.isInteger(classId) || classId >= card.classes.length) {
        throw modelCardMismatch(
          card.id,
          `it returned class ${classId}, the card names ${card.classes.length}`,
        )
      }
      found.add(
        data[at]! * sx,
        data[at + 1]! * sy,
        data[at + 2]! * sx,
        data[at + 3]! * sy,
        score,
        classId,
      )
    }
    return found.toCandidates()
  },
})

function recognize({ outputs, input, metadata }: ModelSignature): CardProposal[] {
  const [rows, ...others] = matrices(outputs)
  if (rows?.columns !== 6 || others.length > 0 || isOtherTask(metadata)) return []
  const cells = gridCells(input, [8, 16, 32])
  // As many rows as grid cells: boxes before suppression, with two classes, or objectness and one.
  if (rows.rows === cells || rows.rows === 3 * cells || rows.rows > 10_000) return []
  const reading = readColumns(rows)
  const known = isUltralytics(metadata)
  const named = metadataNames(metadata).length
  const names = proposeClasses(named || 80, metadata)
  const questions: CardQuestion[] = []
  if (!known && reading === undefined) {
    questions.push({
      field: 'output.columns',
      question: 'Are the six columns x1, y1, x2, y2, score, class, and are corners pixels or 0..1?',
      decisive: true,
    })
  }
  if (named === 0) {
    questions.push({
      field: 'classes',
      question: 'Are its classes those of COCO?',
      decisive: reading !== undefined && reading.classes > 80,
    })
  }
  return [
    {
      family: 'yolo-end-to-end',
      reasons: [
        `${rows.rows} rows of 6 are detections: four corners, score, class`,
        ...(known ? ['its metadata says Ultralytics'] : []),
        ...(reading === undefined
          ? ['a black picture gave nothing that tells the columns apart']
          : [`values fit ${reading.columns}, corners in ${reading.relative ? '0..1' : 'pixels'}`]),
        names.reason,
      ],
      card: {
        input: ultralyticsInput,
        output: {
          family: 'yolo-end-to-end',
          columns: reading?.columns ?? 'box-score-class',
          relative: reading?.relative ?? false,
        },
        classes: names.classes,
        scoreThreshold: 0.25,
      },
      questions,
    },
  ]
}

/** Tells score and class apart by their values: one is whole numbers with some above 1, the other lies in 0..1. */
function readColumns(rows: Matrix) {
  if (rows.rows === 0 || cornerShare(rows) < 0.99) return undefined
  const isClass = (column: number) => {
    const [min, max] = columnRange(rows, column)
    return min >= 0 && max > 1 && isWhole(rows, column)
  }
  const isScore = (column: number) => {
    const [min, max] = columnRange(rows, column)
    return min >= 0 && max <= 1 && max > 0
  }
  const usual = isScore(4) && isClass(5)
  if (!usual && !(isScore(5) && isClass(4))) return undefined
  return {
    columns: usual ? ('box-score-class' as const) : ('box-class-score' as const),
    relative: Math.max(columnRange(rows, 2)[1], columnRange(rows, 3)[1]) <= 2,
    classes: columnRange(rows, usual ? 5 : 4)[1] + 1,
  }
}

function isWhole({ data, rows, columns }: Matrix, column: number): boolean {
  for (let at = column; at < rows * columns; at += columns) {
    if (!Number.isInteger(data[at]!)) return false
  }
  return true
}
