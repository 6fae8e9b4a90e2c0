import type { ModelInput } from '../shared/model-card'
import type { CardProposal, CardQuestion, ModelSignature } from '../shared/plugin/output-family'
import { matrices } from '../shared/plugin/output-tensors'
import type { Matrix } from '../shared/plugin/output-tensors'
import {
  areProbabilities,
  gridCells,
  imageNetInput,
  isOtherTask,
  isUltralytics,
  proposeClasses,
} from '../shared/plugin/recognition'

const strideSets = [
  [8, 16, 32, 64],
  [8, 16, 32],
]
/** reg_max + 1 of the published models. */
const usualBins = [8, 16, 17]

interface Reading {
  readonly strides: readonly number[]
  readonly bins: number
  readonly classCount: number
  readonly isSingle: boolean
  readonly probabilities: boolean
  /** Other tensor also looks like a distribution. */
  readonly unsure: boolean
}

export function recognizeNanodet(signature: ModelSignature): CardProposal[] {
  const { metadata, producer, input } = signature
  if (isOtherTask(metadata) || isUltralytics(metadata)) return []
  const reading = readLevels(signature)
  if (reading === undefined) return []
  const { strides, bins, classCount, isSingle, probabilities, unsure } = reading
  const names = proposeClasses(classCount, metadata)
  const isPaddle = /paddle/i.test(producer)
  const questions: CardQuestion[] = [...names.questions]
  if (!isPaddle) {
    questions.push({
      field: 'input.resize',
      question:
        'Was the picture stretched or letterboxed (centred) in training, and are channels BGR with NanoDet normalisation?',
      decisive: true,
    })
  }
  if (unsure) {
    questions.push({
      field: 'output.bins',
      question: `Are ${4 * bins} columns the box distribution and ${classCount} the classes, or the other way round?`,
      decisive: true,
    })
  }
  return [
    {
      family: 'nanodet',
      reasons: [
        isSingle
          ? `one tensor with a row for each cell of strides ${strides.join(', ')} on ${input.width}x${input.height}`
          : `a pair of tensors for each of the strides ${strides.join(', ')} on ${input.width}x${input.height}`,
        `${4 * bins} columns are a distribution of ${bins} values for each side of the box`,
        names.reason,
        ...(isPaddle ? ['exported by PaddlePaddle, so a PicoDet and prepared like one'] : []),
      ],
      card: {
        input: isPaddle ? imageNetInput : nanodetInput,
        output: {
          family: 'nanodet',
          strides,
          bins,
          centerOffset: isSingle ? 0 : 0.5,
          scores: probabilities ? 'probability' : 'logit',
        },
        classes: names.classes,
        scoreThreshold: 0.4,
        nms: { iou: 0.6, perClass: true, method: 'hard' },
      },
      questions,
    },
  ]
}

const nanodetInput: Partial<ModelInput> = {
  range: 255,
  channelOrder: 'bgr',
  mean: [103.53, 116.28, 123.675],
  std: [57.375, 57.12, 58.395],
  resize: 'letterbox',
  anchor: 'center',
  interpolation: 'area',
}

function readLevels({ outputs, input }: ModelSignature): Reading | undefined {
  const all = matrices(outputs)
  if (all.length !== Object.keys(outputs).length) return undefined
  for (const strides of strideSets) {
    const reading =
      all.length === 1
        ? readSingle(all[0]!, gridCells(input, strides), strides)
        : readPairs(
            all,
            strides,
            strides.map((stride) => gridCells(input, [stride])),
          )
    if (reading !== undefined) return reading
  }
  return undefined
}

/** One tensor: probabilities in front, then logits of the distributions. */
function readSingle(matrix: Matrix, rows: number, strides: readonly number[]): Reading | undefined {
  if (matrix.rows !== rows) return undefined
  for (const bins of usualBins) {
    const classCount = matrix.columns - 4 * bins
    if (classCount < 1 || !areProbabilities(matrix, 0, classCount)) continue
    if (areProbabilities(matrix, classCount)) continue
    return { strides, bins, classCount, isSingle: true, probabilities: true, unsure: false }
  }
  return undefined
}

function readPairs(
  all: readonly Matrix[],
  strides: readonly number[],
  cells: readonly number[],
): Reading | undefined {
  if (all.length !== 2 * strides.length) return undefined
  const pairs = cells.map((rows) => all.filter((matrix) => matrix.rows === rows))
  const widths = [...new Set(all.map(({ columns }) => columns))]
  const [a, b] = widths
  const complete = pairs.every((pair) => pair.length === 2 && pair[0]!.columns !== pair[1]!.columns)
  if (!complete || widths.length !== 2 || a === undefined || b === undefined) return undefined
  const boxColumns = [a, b].filter((columns) => couldBeBoxes(all, columns))
  const box = boxColumns.find((columns) => usualBins.includes(columns / 4)) ?? boxColumns[0]
  if (box === undefined) return undefined
  const classCount = box === a ? b : a
  return {
    strides,
    bins: box / 4,
    classCount,
    isSingle: false,
    probabilities: all.every((m) => m.columns !== classCount || areProbabilities(m)),
    unsure: boxColumns.length > 1,
  }
}

/** Distributions are logits: whatever stays within 0..1 on every level is a table of class scores. */
function couldBeBoxes(all: readonly Matrix[], columns: number): boolean {
  const tensors = all.filter((matrix) => matrix.columns === columns)
  return columns % 4 === 0 && columns >= 8 && !tensors.every((matrix) => areProbabilities(matrix))
}
