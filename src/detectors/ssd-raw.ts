import { z } from 'zod'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { CardProposal, ModelSignature, Outputs } from '../shared/plugin/output-family'
import {
  assertClassCount,
  CandidateList,
  matrices,
  sigmoid,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import {
  cornerShare,
  inputQuestion,
  isOtherTask,
  proposeClasses,
} from '../shared/plugin/recognition'
import { anchorSchema, generateAnchors } from './ssd-raw-anchors'

const positive = z.number().positive()

const output = z.strictObject({
  family: z.literal('ssd-raw'),
  boxes: z.string().min(1).optional().describe('Name of the offsets [1, anchors, 4]'),
  scores: z.string().min(1).optional().describe('Name of the scores [1, anchors, classes]'),
  anchors: anchorSchema,
  variances: z.tuple([positive, positive, positive, positive]).default([0.1, 0.1, 0.2, 0.2]),
  activation: z.enum(['none', 'sigmoid', 'softmax']).default('none'),
  background: z
    .enum(['first', 'last'])
    .nullable()
    .default(null)
    .describe('Column that means no object'),
})

/** Offsets and scores for anchors that are not in the graph: the card describes them. */
export default defineOutputFamily({
  id: 'ssd-raw',
  name: 'SSD, raw heads',
  summary: 'Box offsets and class scores for anchors that the card describes.',
  reference: 'Liu et al., SSD: Single Shot MultiBox Detector, ECCV 2016',
  output,
  recognize,
  decode(outputs, card, size) {
    const { background, activation, variances } = card.output
    const anchors = generateAnchors(card.output.anchors)
    const count = anchors.length / 4
    const columns = card.classes.length + (background === null ? 0 : 1)
    const { boxes, scores } = findPair(outputs, card.output, columns)
    if (boxes?.rows !== count || scores?.rows !== count) {
      const expected = `[1, ${count}, 4] and [1, ${count}, ${columns}]`
      throw unexpectedOutputs(card, expected, outputs)
    }
    assertClassCount(card, scores.columns - (background === null ? 0 : 1))
    const first = background === 'first' ? 1 : 0
    const found = new CandidateList()
    const [vx, vy, vw, vh] = variances
    for (let row = 0; row < count; row++) {
      const { classId, score } = bestClass(scores, row, first, card.classes.length, activation)
      if (score < card.scoreThreshold) continue
      const at = 4 * row
      const [cx, cy, w, h] = [anchors[at]!, anchors[at + 1]!, anchors[at + 2]!, anchors[at + 3]!]
      found.addCentered(
        (boxes.data[at]! * vx * w + cx) * size.width,
        (boxes.data[at + 1]! * vy * h + cy) * size.height,
        Math.exp(boxes.data[at + 2]! * vw) * w * size.width,
        Math.exp(boxes.data[at + 3]! * vh) * h * size.height,
        score,
        classId,
      )
    }
    return found.toCandidates()
  },
})

function bestClass(
  { data, columns }: Matrix,
  row: number,
  first: number,
  count: number,
  activation: z.output<typeof output>['activation'],
): { classId: number; score: number } {
  const at = row * columns
  let classId = 0
  for (let i = 1; i < count; i++) {
    if (data[at + first + i]! > data[at + first + classId]!) classId = i
  }
  const value = data[at + first + classId]!
  if (activation === 'none') return { classId, score: value }
  if (activation === 'sigmoid') return { classId, score: sigmoid(value) }
  let sum = 0
  for (let i = 0; i < columns; i++) sum += Math.exp(data[at + i]! - value)
  return { classId, score: 1 / sum }
}

/** By name where the card has one, else the matrix of four columns, and the other one of as many rows. */
function findPair(
  outputs: Outputs,
  names: { readonly boxes?: string | undefined; readonly scores?: string | undefined },
  scoreColumns: number,
): { boxes: Matrix | undefined; scores: Matrix | undefined } {
  const all = matrices(outputs)
  const named = (name: string | undefined) => all.find((matrix) => matrix.name === name)
  const scores =
    named(names.scores) ?? all.find(({ columns }) => columns === scoreColumns && columns !== 4)
  const boxes =
    named(names.boxes) ?? all.find((matrix) => matrix.columns === 4 && matrix !== scores)
  return {
    boxes,
    scores: scores ?? all.find((matrix) => matrix !== boxes && matrix.rows === boxes?.rows),
  }
}

function recognize({ outputs, metadata }: ModelSignature): CardProposal[] {
  const all = matrices(outputs)
  const { boxes, scores } = findPair(outputs, {}, -1)
  if (boxes === undefined || scores === undefined || all.length !== 2) return []
  // Corners in order are decoded boxes, which is another family.
  if (boxes.rows < 100 || cornerShare(boxes) > 0.99 || isOtherTask(metadata)) return []
  const staysInPicture = boxes.data.every((value) => value >= 0 && value <= 1)
  if (staysInPicture) return []
  const names = proposeClasses(scores.columns, metadata)
  return [
    {
      family: 'ssd-raw',
      reasons: [
        `${boxes.name} has four values for each of ${boxes.rows} rows that are no boxes yet: offsets from anchors`,
        `${scores.name} has ${scores.columns} scores for each of the same rows`,
      ],
      card: {
        input: {},
        output: { family: 'ssd-raw', boxes: boxes.name, scores: scores.name },
        classes: names.classes,
        scoreThreshold: 0.5,
        nms: { iou: 0.45, perClass: true, method: 'hard' },
      },
      questions: [
        {
          field: 'output.anchors',
          question: 'Which anchors (maps, sizes, aspect ratios, order) do the rows belong to?',
          decisive: true,
        },
        {
          field: 'output.background',
          question: 'Is one of the classes "background", the first or the last?',
          decisive: true,
        },
        inputQuestion,
        ...names.questions,
      ],
    },
  ]
}
