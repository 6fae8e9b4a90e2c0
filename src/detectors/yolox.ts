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
  yoloxInput,
} from '../shared/plugin/recognition'

const output = z.strictObject({
  family: z.literal('yolox'),
  strides: z.array(z.int().min(1)).min(1).default([8, 16, 32]),
  decoded: z
    .boolean()
    .default(false)
    .describe(
      'The graph already turns cell offsets into pixels (YOLOX with decode_in_inference, YOLOv6)',
    ),
})

/** One row a grid cell, strides one after the other, row-major: cx, cy, w, h, objectness, classes (all after sigmoid). */
export default defineOutputFamily({
  id: 'yolox',
  name: 'YOLOX',
  summary: 'One tensor of cells x (4 + 1 + classes): anchor-free boxes relative to their cells.',
  reference: 'Ge et al., YOLOX: Exceeding YOLO Series in 2021, arXiv:2107.08430',
  output,
  recognize,
  decode(outputs, card, size) {
    const { strides, decoded } = card.output
    const cells = gridCells(size, strides)
    const rows = matrices(outputs).find((matrix) => matrix.rows === cells && matrix.columns > 5)
    if (rows === undefined) {
      const columns = 5 + card.classes.length
      throw unexpectedOutputs(card, `[1, ${cells}, ${columns}]`, outputs)
    }
    assertClassCount(card, rows.columns - 5)
    const found = new CandidateList()
    let row = 0
    for (const stride of strides) {
      const gridWidth = Math.ceil(size.width / stride)
      for (const end = row + gridCells(size, [stride]), start = row; row < end; row++) {
        const at = row * rows.columns
        const { data } = rows
        const objectness = data[at + 4]!
        if (objectness < card.scoreThreshold) continue
        const classId = argmax(data, at + 5, card.classes.length)
        const score = objectness * data[at + 5 + classId]!
        if (score < card.scoreThreshold) continue
        const [cx, cy, w, h] = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!]
        if (decoded) {
          found.addCentered(cx, cy, w, h, score, classId)
          continue
        }
        const column = (row - start) % gridWidth
        const line = Math.floor((row - start) / gridWidth)
        found.addCentered(
          (cx + column) * stride,
          (cy + line) * stride,
          Math.exp(w) * stride,
          Math.exp(h) * stride,
          score,
          classId,
        )
      }
    }
    return found.toCandidates()
  },
})

function recognize(signature: ModelSignature): CardProposal[] {
  const { outputs, input, metadata } = signature
  const [rows, ...others] = matrices(outputs)
  if (rows === undefined || others.length > 0 || isUltralytics(metadata)) return []
  if (rows.rows !== gridCells(input, [8, 16, 32]) || rows.columns < 6) return []
  // 84 columns are 4 + 80: a YOLOv8 export whose tensor was transposed, rather than 79 classes.
  if (rows.columns === 84 || isOtherTask(metadata) || !areProbabilities(rows, 4)) return []
  const decoded = isDecoded(rows, input)
  const names = proposeClasses(rows.columns - 5, metadata)
  const reasons = [
    `${rows.rows} rows are the cells of strides 8, 16 and 32 on ${input.width}x${input.height}`,
    `${rows.columns} columns are 4 for the box, 1 for objectness and ${names.classes.length} classes`,
    decoded
      ? 'box centres span the picture, so the graph decodes them'
      : 'box centres stay near 0, so they are relative to the cells',
    names.reason,
  ]
  return [
    {
      family: 'yolox',
      reasons,
      card: {
        input: decoded ? ultralyticsInput : yoloxInput,
        output: { family: 'yolox', decoded },
        classes: names.classes,
        scoreThreshold: 0.35,
        nms: { iou: 0.45, perClass: true, method: 'hard' },
      },
      questions: [
        ...names.questions,
        ...(decoded
          ? [
              {
                field: 'input',
                question: 'Is it a YOLOv6 (RGB, 0..1) or a decoding YOLOX (BGR, 0..255, top left)?',
                decisive: true,
              },
            ]
          : []),
      ],
    },
  ]
}

function isDecoded(rows: Matrix, input: ModelSignature['input']): boolean {
  return columnRange(rows, 0)[1] > input.width / 2
}
