import { z } from 'zod'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { CardProposal, ModelSignature } from '../shared/plugin/output-family'
import {
  argmax,
  assertClassCount,
  CandidateList,
  matrices,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import {
  areProbabilities,
  columnRange,
  gridCells,
  isOtherTask,
  isUltralytics,
  proposeClasses,
  ultralyticsInput,
} from '../shared/plugin/recognition'
import type { Candidates } from '../shared/vision/nms'

const output = z.strictObject({
  family: z.literal('yolov8'),
  layout: z
    .enum(['features-first', 'boxes-first'])
    .default('features-first')
    .describe('84 x 8400 as Ultralytics exports it, or transposed'),
})

/** Per box cx, cy, w, h in pixels of the input and the class scores (after sigmoid); no objectness. */
export default defineOutputFamily({
  id: 'yolov8',
  name: 'YOLOv8, YOLO11, YOLOv9',
  summary: 'One tensor of (4 + classes) x boxes, or transposed: decoded boxes without objectness.',
  reference: 'Ultralytics YOLOv8 (2023)',
  output,
  recognize,
  decode(outputs, card) {
    const features = 4 + card.classes.length
    const transposed = card.output.layout === 'boxes-first'
    const matrix = matrices(outputs).find((m) => (transposed ? m.columns : m.rows) > 4)
    if (matrix === undefined) {
      const shape = transposed ? `[1, boxes, ${features}]` : `[1, ${features}, boxes]`
      throw unexpectedOutputs(card, shape, outputs)
    }
    assertClassCount(card, (transposed ? matrix.columns : matrix.rows) - 4)
    return transposed
      ? decodeRows(matrix, card.scoreThreshold)
      : decodeColumns(matrix, card.scoreThreshold)
  },
})

/** Goes through the tensor plane by plane, as it lies in memory. */
function decodeColumns({ data, rows, columns }: Matrix, threshold: number): Candidates {
  const best = data.slice(4 * columns, 5 * columns)
  const classIds = new Int32Array(columns)
  for (let feature = 5; feature < rows; feature++) {
    const plane = feature * columns
    for (let i = 0; i < columns; i++) {
      if (data[plane + i]! > best[i]!) {
        best[i] = data[plane + i]!
        classIds[i] = feature - 4
      }
    }
  }
  const found = new CandidateList()
  for (let i = 0; i < columns; i++) {
    if (best[i]! < threshold) continue
    const [cx, cy, w, h] = [
      data[i]!,
      data[columns + i]!,
      data[2 * columns + i]!,
      data[3 * columns + i]!,
    ]
    found.addCentered(cx, cy, w, h, best[i]!, classIds[i]!)
  }
  return found.toCandidates()
}

function decodeRows({ data, rows, columns }: Matrix, threshold: number): Candidates {
  const found = new CandidateList()
  for (let at = 0; at < rows * columns; at += columns) {
    const classId = argmax(data, at + 4, columns - 4)
    const score = data[at + 4 + classId]!
    if (score < threshold) continue
    found.addCentered(data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, score, classId)
  }
  return found.toCandidates()
}

function recognize({ outputs, input, metadata }: ModelSignature): CardProposal[] {
  const [matrix, ...others] = matrices(outputs)
  if (matrix === undefined || others.length > 0 || isOtherTask(metadata)) return []
  const boxes = [
    [8, 16, 32],
    [8, 16, 32, 64],
  ].map((strides) => gridCells(input, strides))
  const featuresFirst = boxes.includes(matrix.columns)
  if (!featuresFirst && !(boxes.includes(matrix.rows) && isTransposed(matrix, input))) return []
  const features = featuresFirst ? matrix.rows : matrix.columns
  if (features < 5) return []
  // 85 columns are 4 + 1 + 80: a YOLOX or YOLOv6, rather than 81 classes.
  if (!featuresFirst && features === 85 && !isUltralytics(metadata)) return []
  const names = proposeClasses(features - 4, metadata)
  return [
    {
      family: 'yolov8',
      reasons: [
        `${featuresFirst ? matrix.columns : matrix.rows} boxes are one for each cell on ${input.width}x${input.height}`,
        `${features} values each are 4 for the box and ${names.classes.length} classes, without objectness`,
        featuresFirst ? 'values come before boxes' : 'boxes come before values',
        names.reason,
      ],
      card: {
        input: ultralyticsInput,
        output: { family: 'yolov8', layout: featuresFirst ? 'features-first' : 'boxes-first' },
        classes: names.classes,
        scoreThreshold: 0.25,
        nms: { iou: 0.45, perClass: true, method: 'hard' },
      },
      questions: names.questions,
    },
  ]
}

/** Boxes in pixels and class probabilities: not the offsets and logits that other families have in this shape. */
function isTransposed(matrix: Matrix, input: ModelSignature['input']): boolean {
  return (
    matrix.columns > 4 && columnRange(matrix, 0)[1] > input.width / 2 && areProbabilities(matrix, 4)
  )
}
