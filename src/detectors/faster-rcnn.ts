import { z } from 'zod'
import { modelCardMismatch } from '../shared/model-errors'
import { defineOutputFamily } from '../shared/plugin/output-family'
import type { CardProposal, ModelSignature, Outputs } from '../shared/plugin/output-family'
import { CandidateList, matrixOf, unexpectedOutputs } from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import { columnRange, inputQuestion } from '../shared/plugin/recognition'
import type { Tensor } from '../shared/plugin/model-host'

const output = z.strictObject({
  family: z.literal('faster-rcnn'),
  boxes: z.string().min(1).optional().describe('Name of the boxes [detections, 4]'),
  labels: z.string().min(1).optional().describe('Name of the labels [detections]'),
  scores: z.string().min(1).optional().describe('Name of the scores [detections]'),
  labelOffset: z
    .int()
    .min(0)
    .default(1)
    .describe('Label of the first class; smaller ones are background (torchvision: 1)'),
  axes: z.enum(['xyxy', 'yxyx']).default('xyxy').describe('yxyx: TensorFlow'),
  relative: z.boolean().default(false).describe('Corners are in 0..1 instead of input pixels'),
  batched: z.boolean().default(true).describe('False where the input is [3, height, width]'),
})

/** Finished detections in three tensors: corners, labels (integers or floats), scores. */
export default defineOutputFamily({
  id: 'faster-rcnn',
  name: 'Faster R-CNN, RetinaNet, SSD (torchvision, TensorFlow)',
  summary: 'Three tensors of finished detections: boxes, labels and scores.',
  reference: 'Ren et al., Faster R-CNN, NeurIPS 2015; torchvision.models.detection',
  output,
  recognize,
  feedDims: (card, dims) => (card.output.batched ? dims : dims.slice(1)),
  decode(outputs, card, size) {
    const { labelOffset, axes, relative } = card.output
    const found = findTriple(outputs, card.output)
    if (found === undefined) {
      throw unexpectedOutputs(card, '[n, 4], labels [n] and scores [n]', outputs)
    }
    const { boxes, labels, scores } = found
    const [sx, sy] = relative ? [size.width, size.height] : [1, 1]
    const [ix, iy] = axes === 'xyxy' ? [0, 1] : [1, 0]
    const list = new CandidateList()
    for (let row = 0; row < boxes.rows; row++) {
      const score = Number(scores.data[row])
      if (score < card.scoreThreshold) continue
      const classId = Number(labels.data[row]) - labelOffset
      if (classId < 0) continue
      if (classId >= card.classes.length) {
        throw modelCardMismatch(
          card.id,
          `it returned label ${classId + labelOffset}, the card names ${card.classes.length} classes from label ${labelOffset}`,
        )
      }
      const at = 4 * row
      list.add(
        boxes.data[at + ix]! * sx,
        boxes.data[at + iy]! * sy,
        boxes.data[at + 2 + ix]! * sx,
        boxes.data[at + 2 + iy]! * sy,
        score,
        classId,
      )
    }
    return list.toCandidates()
  },
})

interface Triple {
  readonly boxes: Matrix
  readonly labels: Tensor
  readonly labelName: string
  readonly scores: Tensor
  readonly scoreName: string
}

function findTriple(
  outputs: Outputs,
  names: {
    readonly boxes?: string | undefined
    readonly labels?: string | undefined
    readonly scores?: string | undefined
  },
): Triple | undefined {
  const boxes = Object.entries(outputs)
    .filter(([name]) => names.boxes === undefined || name === names.boxes)
    .map(([name, tensor]) => matrixOf(name, tensor))
    .find((matrix) => matrix?.columns === 4)
  if (!boxes) return undefined
  const lists = Object.entries(outputs).filter(
    ([name, { data }]) => name !== boxes.name && data.length === boxes.rows,
  )
  const label =
    lists.find(([name]) => name === names.labels) ??
    lists.find(([, { data }]) => !(data instanceof Float32Array)) ??
    lists.find(([name]) => name !== names.scores && /label|class/i.test(name))
  const score =
    lists.find(([name]) => name === names.scores) ??
    lists.find(([name, { data }]) => name !== label?.[0] && data instanceof Float32Array)
  if (label === undefined || score === undefined) return undefined
  return {
    boxes,
    labelName: label[0],
    labels: label[1],
    scoreName: score[0],
    scores: score[1],
  }
}

function recognize({ outputs, input, metadata }: ModelSignature): CardProposal[] {
  const found = findTriple(outputs, {})
  if (found === undefined || metadata['task'] === 'segment') return []
  const { boxes, labelName, labels, scoreName } = found
  const whole = labels.data.every((label) => typeof label === 'bigint' || Number.isInteger(label))
  if (!whole) return []
  const relative =
    boxes.rows > 0 && Math.max(columnRange(boxes, 2)[1], columnRange(boxes, 3)[1]) <= 2
  return [
    {
      family: 'faster-rcnn',
      reasons: [
        `${boxes.name} holds one box a row; "${labelName}" and "${scoreName}" hold one value for each`,
        boxes.rows > 0
          ? `corners are ${relative ? 'relative to the picture' : 'pixels'}`
          : 'a black picture gave no detections',
      ],
      card: {
        input: { range: 1, channelOrder: 'rgb', resize: 'letterbox' },
        output: {
          family: 'faster-rcnn',
          boxes: boxes.name,
          labels: labelName,
          scores: scoreName,
          relative,
          batched: input.batched,
        },
        classes: [],
        scoreThreshold: 0.5,
      },
      questions: [
        {
          field: 'classes',
          question: 'What are its classes called, and which label is the first (labelOffset)?',
          decisive: true,
        },
        inputQuestion,
      ],
    },
  ]
}
