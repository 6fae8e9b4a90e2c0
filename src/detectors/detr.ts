import { z } from 'zod'
import type { ModelInput } from '../shared/model-card'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type {
  CardProposal,
  CardQuestion,
  ModelSignature,
  Outputs,
} from '../shared/plugin/output-family'
import {
  assertClassCount,
  CandidateList,
  matrices,
  sigmoid,
  unexpectedOutputs,
} from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import {
  areProbabilities,
  cornerShare,
  imageNetInput,
  inputQuestion,
  isOtherTask,
  isUltralytics,
  proposeClasses,
} from '../shared/plugin/recognition'
import { sortByScore } from '../shared/vision/nms'

const output = z.strictObject({
  family: z.literal('detr'),
  boxes: z.string().min(1).optional().describe('Name of the boxes [1, queries, 4]'),
  scores: z.string().min(1).optional().describe('Name of the logits [1, queries, classes]'),
  activation: z
    .enum(['softmax', 'sigmoid', 'none'])
    .describe('softmax: DETR, the last class is "no object"; sigmoid: RT-DETR, Deformable DETR'),
})

/** A row a query: cx, cy, w, h relative to the input and class logits. In two tensors, or in one, boxes first. */
export default defineOutputFamily({
  id: 'detr',
  name: 'DETR, RT-DETR',
  summary: 'Boxes and class logits of a fixed number of queries, no NMS needed.',
  reference: 'Carion et al., DETR, ECCV 2020; Zhao et al., RT-DETR, CVPR 2024',
  output,
  recognize,
  decode(outputs, card, size) {
    const { activation } = card.output
    const extra = activation === 'softmax' ? 1 : 0
    const tables = findTables(outputs, card.output)
    if (tables === undefined) {
      const expected = `[1, queries, 4] and [1, queries, ${card.classes.length + extra}]`
      throw unexpectedOutputs(card, expected, outputs)
    }
    const { boxes, scores, firstClass } = tables
    const columns = scores.columns - firstClass
    assertClassCount(card, columns - extra)
    const found = new CandidateList()
    for (let query = 0; query < scores.rows; query++) {
      const start = query * scores.columns + firstClass
      const total = activation === 'softmax' ? softmaxSum(scores.data, start, columns) : 1
      for (let classId = 0; classId < card.classes.length; classId++) {
        const value = scores.data[start + classId]!
        const score =
          activation === 'softmax'
            ? Math.exp(value) / total
            : activation === 'sigmoid'
              ? sigmoid(value)
              : value
        if (!(score >= card.scoreThreshold)) continue
        const at = query * boxes.columns
        found.addCentered(
          boxes.data[at]! * size.width,
          boxes.data[at + 1]! * size.height,
          boxes.data[at + 2]! * size.width,
          boxes.data[at + 3]! * size.height,
          score,
          classId,
        )
      }
    }
    // As published: with sigmoid, the best query-class pairs, as many as there are queries.
    return sortByScore(found.toCandidates(), scores.rows)
  },
})

/** Logits of a sane model stay far below the 709 where exp overflows; larger ones fail the score test as NaN. */
function softmaxSum(data: Float32Array, start: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += Math.exp(data[start + i]!)
  return sum
}

function findTables(
  outputs: Outputs,
  names: { readonly boxes?: string | undefined; readonly scores?: string | undefined },
): { boxes: Matrix; scores: Matrix; firstClass: number } | undefined {
  const all = matrices(outputs)
  if (all.length === 1) {
    const [both] = all
    return both !== undefined && both.columns > 4
      ? { boxes: both, scores: both, firstClass: 4 }
      : undefined
  }
  const named = (name: string | undefined) => all.find((matrix) => matrix.name === name)
  const boxes =
    named(names.boxes) ??
    all.find(({ name, columns }) => columns === 4 && /box/i.test(name)) ??
    all.find(({ name, columns }) => columns === 4 && name !== names.scores)
  const scores =
    named(names.scores) ?? all.find((matrix) => matrix !== boxes && matrix.rows === boxes?.rows)
  if (boxes?.columns !== 4 || scores?.rows !== boxes.rows) return undefined
  return { boxes, scores, firstClass: 0 }
}

const rtDetrInput: Partial<ModelInput> = { range: 1, channelOrder: 'rgb', resize: 'stretch' }

function recognize({ outputs, metadata }: ModelSignature): CardProposal[] {
  const tables = findTables(outputs, {})
  if (tables === undefined || isOtherTask(metadata)) return []
  const { boxes, scores, firstClass } = tables
  if (scores.rows < 2 || scores.rows > 2000) return []
  if (!areProbabilities(boxes, 0, 4) || cornerShare(boxes) > 0.99) return []
  const columns = scores.columns - firstClass
  if (columns < 1) return []
  const isProbability = areProbabilities(scores, firstClass)
  // COCO's category ids go to 90 with gaps; DETR has a column for each, and one for "no object".
  const isCocoDetr = columns === 92 && !isProbability
  const activation = isProbability ? 'none' : isCocoDetr ? 'softmax' : 'sigmoid'
  const names = proposeClasses(columns - (activation === 'softmax' ? 1 : 0), metadata)
  return [
    {
      family: 'detr',
      reasons: [
        `four values for each of ${scores.rows} queries, all in 0..1: centre and size relative to the picture`,
        `${columns} class ${isProbability ? 'probabilities' : 'logits'} for each query`,
        names.reason,
      ],
      card: {
        input: isCocoDetr ? imageNetInput : rtDetrInput,
        output: {
          family: 'detr',
          activation,
          ...(firstClass === 0 ? { boxes: boxes.name, scores: scores.name } : {}),
        },
        classes: names.classes,
        scoreThreshold: 0.5,
      },
      questions: [
        ...openQuestions(activation, isCocoDetr, columns),
        ...(isUltralytics(metadata) ? [] : [inputQuestion]),
        ...names.questions,
      ],
    },
  ]
}

function openQuestions(activation: string, isCocoDetr: boolean, columns: number): CardQuestion[] {
  if (activation === 'none' || isCocoDetr || columns === 80) return []
  return [
    {
      field: 'output.activation',
      question: `Is the last of the ${columns} columns "no object" (softmax), or are all of them classes (sigmoid)?`,
      decisive: true,
    },
  ]
}
