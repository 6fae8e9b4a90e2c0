import { z } from 'zod'
import type { ModelInput } from '../shared/model-card'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { CardProposal, ModelSignature, Outputs } from '../shared/plugin/output-family'
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
  cornerShare,
  inputQuestion,
  isOtherTask,
  proposeClasses,
} from '../shared/plugin/recognition'

const output = z.strictObject({
  family: z.literal('ssd-decoded'),
  boxes: z.string().min(1).optional().describe('Name of the corners [1, boxes, 4]'),
  scores: z.string().min(1).optional().describe('Name of the scores [1, boxes, classes]'),
  relative: z.boolean().default(true).describe('Corners are in 0..1 instead of input pixels'),
  background: z
    .enum(['first', 'last'])
    .nullable()
    .default('first')
    .describe('Column that means no object'),
})

/** Corners x1, y1, x2, y2 and class probabilities of every prior box; only NMS is left to do. */
export default defineOutputFamily({
  id: 'ssd-decoded',
  name: 'SSD, decoded boxes',
  summary: 'Corners and class probabilities of all prior boxes, as UltraFace returns them.',
  reference: 'Liu et al., SSD, ECCV 2016; UltraFace (Linzaer)',
  output,
  recognize,
  decode(outputs, card, size) {
    const { relative, background } = card.output
    const extra = background === null ? 0 : 1
    const { boxes, scores } = findPair(outputs, card.output, card.classes.length + extra)
    if (boxes === undefined || scores?.rows !== boxes.rows) {
      const expected = `[1, boxes, 4] and [1, boxes, ${card.classes.length + extra}]`
      throw unexpectedOutputs(card, expected, outputs)
    }
    assertClassCount(card, scores.columns - extra)
    const [sx, sy] = relative ? [size.width, size.height] : [1, 1]
    const first = background === 'first' ? 1 : 0
    const found = new CandidateList()
    for (let row = 0; row < boxes.rows; row++) {
      const start = row * scores.columns + first
      const classId = argmax(scores.data, start, card.classes.length)
      const score = scores.data[start + classId]!
      if (score < card.scoreThreshold) continue
      const at = 4 * row
      found.add(
        boxes.data[at]! * sx,
        boxes.data[at + 1]! * sy,
        boxes.data[at + 2]! * sx,
        boxes.data[at + 3]! * sy,
        score,
        classId,
      )
    }
    return found.toCandidates()
  },
})

function findPair(
  outputs: Outputs,
  names: { readonly boxes?: string | undefined; readonly scores?: string | undefined },
  scoreColumns: number,
): { boxes: Matrix | undefined; scores: Matrix | undefined } {
  const all = matrices(outputs)
  const named = (name: string | undefined) => all.find((matrix) => matrix.name === name)
  const boxes =
    named(names.boxes) ??
    all.find(({ name, columns }) => columns === 4 && name !== names.scores && scoreColumns !== 4) ??
    all.find(({ name, columns }) => columns === 4 && /box|loc/i.test(name))
  const scores =
    named(names.scores) ?? all.find((matrix) => matrix !== boxes && matrix.rows === boxes?.rows)
  return { boxes, scores }
}

const ultrafaceInput: Partial<ModelInput> = {
  range: 255,
  mean: [127, 127, 127],
  std: [128, 128, 128],
  channelOrder: 'rgb',
  resize: 'stretch',
}

function recognize({ outputs, input, metadata }: ModelSignature): CardProposal[] {
  const { boxes, scores } = findPair(outputs, {}, -1)
  if (boxes === undefined || scores === undefined || Object.keys(outputs).length !== 2) return []
  if (isOtherTask(metadata) || boxes.rows < 1) return []
  if (cornerShare(boxes) < 0.99 || !areProbabilities(scores)) return []
  const relative = Math.max(columnRange(boxes, 2)[1], columnRange(boxes, 3)[1]) <= 2
  const hasBackground = scores.columns > 1 && sumToOne(scores)
  const isUltraface = hasBackground && scores.columns === 2 && input.width * 3 === input.height * 4
  const count = scores.columns - (hasBackground ? 1 : 0)
  const names = isUltraface
    ? { classes: ['face'], reason: 'background and one class at 4:3, as UltraFace', questions: [] }
    : proposeClasses(count, metadata)
  return [
    {
      family: 'ssd-decoded',
      reasons: [
        `${boxes.name} holds ${boxes.rows} boxes by their corners, ${relative ? 'relative to the picture' : 'in pixels'}`,
        hasBackground
          ? `${scores.name} sums to 1 in each row: probabilities with a background class`
          : `${scores.name} holds ${scores.columns} independent scores for each box`,
        names.reason,
      ],
      card: {
        input: isUltraface ? ultrafaceInput : {},
        output: {
          family: 'ssd-decoded',
          boxes: boxes.name,
          scores: scores.name,
          relative,
          background: hasBackground ? 'first' : null,
        },
        classes: names.classes,
        scoreThreshold: isUltraface ? 0.7 : 0.5,
        nms: { iou: isUltraface ? 0.3 : 0.45, perClass: true, method: 'hard' },
      },
      questions: isUltraface
        ? []
        : [
            inputQuestion,
            ...(hasBackground
              ? [
                  {
                    field: 'output.background',
                    question: 'Is the background the first or the last class?',
                    decisive: true,
                  },
                ]
              : []),
            ...names.questions,
          ],
    },
  ]
}

function sumToOne({ data, rows, columns }: Matrix): boolean {
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let i = 0; i < columns; i++) sum += data[row * columns + i]!
    if (Math.abs(sum - 1) > 1e-3) return false
  }
  return true
}
