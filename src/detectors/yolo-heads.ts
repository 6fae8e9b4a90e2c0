import { z } from 'zod'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { CardProposal, ModelSignature, Outputs } from '../shared/plugin/output-family'
import {
  assertClassCount,
  CandidateList,
  sigmoid,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import { isOtherTask, proposeClasses, ultralyticsInput } from '../shared/plugin/recognition'
import type { Size } from '../shared/vision/resize'

const positive = z.number().positive()

const output = z.strictObject({
  family: z.literal('yolo-heads'),
  levels: z
    .array(
      z.strictObject({
        stride: z.int().min(1),
        anchors: z
          .array(z.tuple([positive, positive]))
          .min(1)
          .describe('Width and height of each anchor in input pixels'),
      }),
    )
    .min(1),
  version: z
    .enum(['v3', 'v5'])
    .describe('v3: exp of the size (YOLOv3, v4); v5: squared (YOLOv5, v7)'),
  activated: z.boolean().default(false).describe('The graph already applied the sigmoid'),
})

type Level = z.output<typeof output>['levels'][number]

/** One feature map: value `v` of anchor `a` in cell `c` is at `a * anchorStep + v * valueStep + c * cellStep`. */
interface Head {
  readonly data: Float32Array
  readonly width: number
  readonly height: number
  readonly values: number
  readonly anchorStep: number
  readonly valueStep: number
  readonly cellStep: number
}

/** Raw anchor heads, one tensor a stride: [1, 3, h, w, 5 + classes], [1, 3 (5 + classes), h, w] or [1, h, w, …]. */
export default defineOutputFamily({
  id: 'yolo-heads',
  name: 'YOLOv3 to v7, raw heads',
  summary: 'One feature map per stride with anchors that the card describes.',
  reference: 'Redmon and Farhadi, YOLOv3, arXiv:1804.02767; Ultralytics YOLOv5',
  output,
  recognize,
  decode(outputs, card, size) {
    const { levels, version, activated } = card.output
    const found = new CandidateList()
    const activate = activated ? (x: number) => x : sigmoid
    for (const level of levels) {
      const head = findHead(outputs, level, size)
      if (head === undefined) {
        const [h, w] = [Math.ceil(size.height / level.stride), Math.ceil(size.width / level.stride)]
        const shape = `[1, ${level.anchors.length}, ${h}, ${w}, ${5 + card.classes.length}] for stride ${level.stride}`
        throw unexpectedOutputs(card, shape, outputs)
      }
      assertClassCount(card, head.values - 5)
      const { data, width, valueStep } = head
      const { stride } = level
      for (const [anchor, [anchorWidth, anchorHeight]] of level.anchors.entries()) {
        for (let cell = 0; cell < width * head.height; cell++) {
          const at = anchor * head.anchorStep + cell * head.cellStep
          const objectness = activate(data[at + 4 * valueStep]!)
          if (objectness < card.scoreThreshold) continue
          let classId = 0
          for (let i = 1; i < card.classes.length; i++) {
            if (data[at + (5 + i) * valueStep]! > data[at + (5 + classId) * valueStep]!) classId = i
          }
          const score = objectness * activate(data[at + (5 + classId) * valueStep]!)
          if (score < card.scoreThreshold) continue
          const x = activate(data[at]!)
          const y = activate(data[at + valueStep]!)
          const w = data[at + 2 * valueStep]!
          const h = data[at + 3 * valueStep]!
          const column = cell % width
          const row = Math.floor(cell / width)
          if (version === 'v5') {
            found.addCentered(
              (2 * x - 0.5 + column) * stride,
              (2 * y - 0.5 + row) * stride,
              (2 * activate(w)) ** 2 * anchorWidth,
              (2 * activate(h)) ** 2 * anchorHeight,
              score,
              classId,
            )
          } else {
            const [wide, high] = [Math.exp(w) * anchorWidth, Math.exp(h) * anchorHeight]
            found.addCentered((x + column) * stride, (y + row) * stride, wide, high, score, classId)
          }
        }
      }
    }
    return found.toCandidates()
  },
})

function findHead(outputs: Outputs, { stride, anchors }: Level, size: Size): Head | undefined {
  const width = Math.ceil(size.width / stride)
  const height = Math.ceil(size.height / stride)
  for (const { data, dims } of Object.values(outputs)) {
    if (!(data instanceof Float32Array) || dims[0] !== 1) continue
    const head = headOf(data, dims.slice(1), width, height, anchors.length)
    if (head !== undefined) return head
  }
  return undefined
}

function headOf(
  data: Float32Array,
  dims: readonly number[],
  width: number,
  height: number,
  anchors: number,
): Head | undefined {
  const is = (...expected: readonly number[]) =>
    expected.every((dim, i) => dim < 0 || dim === dims[i])
  const cells = width * height
  if (dims.length === 4 && is(anchors, height, width)) {
    const values = dims[3]!
    return {
      data,
      width,
      height,
      values,
      anchorStep: cells * values,
      valueStep: 1,
      cellStep: values,
    }
  }
  if (dims.length === 4 && is(height, width, anchors)) {
    const values = dims[3]!
    return {
      data,
      width,
      height,
      values,
      anchorStep: values,
      valueStep: 1,
      cellStep: anchors * values,
    }
  }
  if (dims.length === 3 && is(-1, height, width) && dims[0]! % anchors === 0) {
    const values = dims[0]! / anchors
    return {
      data,
      width,
      height,
      values,
      anchorStep: cells * values,
      valueStep: cells,
      cellStep: 1,
    }
  }
  if (dims.length === 3 && is(height, width, -1) && dims[2]! % anchors === 0) {
    const values = dims[2]! / anchors
    const cellStep = dims[2]!
    return { data, width, height, values, anchorStep: values, valueStep: 1, cellStep }
  }
  return undefined
}

/** Anchors that YOLOv5 has for COCO, in pixels at 640. */
const yolov5Levels: readonly Level[] = [
  { stride: 8, anchors: [[10, 13], [16, 30], [33, 23]] }, // prettier-ignore
  { stride: 16, anchors: [[30, 61], [62, 45], [59, 119]] }, // prettier-ignore
  { stride: 32, anchors: [[116, 90], [156, 198], [373, 326]] }, // prettier-ignore
]

function recognize({ outputs, input, metadata }: ModelSignature): CardProposal[] {
  const count = Object.keys(outputs).length
  if (count < 2 || count > 3 || isOtherTask(metadata)) return []
  const levels = yolov5Levels.filter((level) => findHead(outputs, level, input) !== undefined)
  const head = levels[0] && findHead(outputs, levels[0], input)
  if (head === undefined || levels.length !== count || head.values < 6) return []
  const names = proposeClasses(head.values - 5, metadata)
  return [
    {
      family: 'yolo-heads',
      reasons: [
        `a feature map for each of the strides ${levels.map(({ stride }) => stride).join(', ')} on ${input.width}x${input.height}`,
        `three anchors of ${head.values} values: 4 for the box, 1 for objectness and ${names.classes.length} classes`,
        names.reason,
      ],
      card: {
        input: ultralyticsInput,
        output: { family: 'yolo-heads', levels, version: 'v5' },
        classes: names.classes,
        scoreThreshold: 0.25,
        nms: { iou: 0.45, perClass: true, method: 'hard' },
      },
      questions: [
        {
          field: 'output.levels',
          question:
            'Which anchors and which version (v3: exp, v5: squared) was it trained with? YOLOv5 for COCO is proposed.',
          decisive: true,
        },
        ...names.questions,
      ],
    },
  ]
}
