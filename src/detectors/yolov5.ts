import { z } from 'zod'
import { defineOutputFamily } from '../shared/plugin/output-family'
import {
  argmax,
  assertClassCount,
  CandidateList,
  matrices,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import {
  gridCells,
  isOtherTask,
  proposeClasses,
  ultralyticsInput,
} from '../shared/plugin/recognition'

const output = z.strictObject({
  family: z.literal('yolov5'),
  name: z.string().min(1).optional().describe('Output to read, where several could be meant'),
})

/** Strides of the usual and of the large (P6) models. */
const strideSets = [
  [8, 16, 32],
  [8, 16, 32, 64],
]

/** One row an anchor box: cx, cy, w, h in pixels of the input, objectness, classes (all after sigmoid). */
export default defineOutputFamily({
  id: 'yolov5',
  name: 'YOLOv5, YOLOv7',
  summary: 'One tensor of boxes x (4 + 1 + classes): decoded boxes with objectness.',
  reference: 'Ultralytics YOLOv5; Wang et al., YOLOv7, CVPR 2023',
  output,
  recognize({ outputs, input, metadata }) {
    if (isOtherTask(metadata)) return []
    const rows = matrices(outputs).find(
      (matrix) =>
        matrix.columns > 5 &&
        strideSets.some((strides) => matrix.rows === 3 * gridCells(input, strides)),
    )
    if (rows === undefined) return []
    const names = proposeClasses(rows.columns - 5, metadata)
    return [
      {
        family: 'yolov5',
        reasons: [
          `${rows.rows} rows are three anchors for each cell on ${input.width}x${input.height}`,
          `${rows.columns} columns are 4 for the box, 1 for objectness and ${names.classes.length} classes`,
          names.reason,
        ],
        card: {
          input: ultralyticsInput,
          output: { family: 'yolov5' },
          classes: names.classes,
          scoreThreshold: 0.25,
          nms: { iou: 0.45, perClass: true, method: 'hard' },
        },
        questions: names.questions,
      },
    ]
  },
  decode(outputs, card) {
    const { name } = card.output
    const wide = matrices(outputs).filter((matrix) => matrix.columns > 5)
    const rows =
      name === undefined
        ? wide.reduce<(typeof wide)[0] | undefined>(
            (most, matrix) => (most === undefined || matrix.rows > most.rows ? matrix : most),
            undefined,
          )
        : wide.find((matrix) => matrix.name === name)
    if (rows === undefined) {
      throw unexpectedOutputs(card, `[1, boxes, ${5 + card.classes.length}]`, outputs)
    }
    assertClassCount(card, rows.columns - 5)
    const found = new CandidateList()
    const { data, columns } = rows
    for (let at = 0; at < rows.rows * columns; at += columns) {
      const objectness = data[at + 4]!
      if (objectness < card.scoreThreshold) continue
      const classId = argmax(data, at + 5, columns - 5)
      const score = objectness * data[at + 5 + classId]!
      if (score < card.scoreThreshold) continue
      found.addCentered(data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, score, classId)
    }
    return found.toCandidates()
  },
})
