import { AppError } from '../../shared/errors'
import { modelOutputNotFinite, modelOutputShape } from '../../shared/model-errors'
import type { CertifierDescription, LoadedModel, PictureShape } from '../../shared/plugin'
import type { ClassifierCard } from '../../shared/plugin/classifier-card'

/** What a method asks a model for: logits, or a score of every value of the picture. */
export type AskedOutput = CertifierDescription['output']

/** A classifier that answers batches of samples, [n, channels, height, width]. */
export interface SampleModel {
  readonly classes: number
  /** Memory for samples, to be given back once they are answered: what was given back is lent again. */
  lend(length: number): Float32Array
  giveBack(memory: Float32Array): void
  /**
   * Logits, [n, classes], or what else was asked for: scores, [n, channels, height, width].
   * @throws AppError E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE and what running a model throws
   */
  answer(samples: Float32Array, count: number, shape: PictureShape): Promise<Float32Array>
}

export function sampleModel(
  model: LoadedModel,
  card: ClassifierCard,
  asked: AskedOutput = 'logits',
): SampleModel {
  const { input, output } = card
  const classes = card.classes.length
  const isScores = asked === 'attribution'
  const name = isScores ? (output.attribution ?? '') : output.names[0]
  const run = async (
    samples: Float32Array,
    count: number,
    { channels, height, width }: PictureShape,
  ): Promise<Float32Array> => {
    const isPlanar = input.layout === 'nchw'
    const frame = isPlanar ? [channels, height, width] : [height, width, channels]
    const values = isPlanar ? samples : interleaved(samples, channels, height * width)
    const data = input.type === 'uint8' ? Uint8Array.from(values) : values
    const outputs = await model.run({ [input.name]: { data, dims: [count, ...frame] } })
    const answer = outputs[name]
    const each = isScores ? frame : [classes]
    const length = each.reduce((product, side) => product * side, count)
    if (!(answer?.data instanceof Float32Array) || answer.data.length !== length) {
      const expected = `output "${name}" as floats [${[count, ...each].join(', ')}]`
      throw modelOutputShape(card.id, expected, `[${answer?.dims.join(', ') ?? 'nothing'}]`)
    }
    const odd = answer.data.findIndex((value) => !Number.isFinite(value))
    if (odd >= 0) throw modelOutputNotFinite(card.id, name, answer.data[odd] ?? NaN, odd)
    return isScores && !isPlanar ? planar(answer.data, channels, height * width) : answer.data
  }
  let takesBatches = true
  let spare: Float32Array | null = null
  return {
    classes,
    lend(length) {
      const lent = spare?.length === length ? spare : new Float32Array(length)
      spare = null
      return lent
    },
    giveBack(memory) {
      spare = memory
    },
    async answer(samples, count, shape) {
      if (takesBatches) {
        try {
          return await run(samples, count, shape)
        } catch (error) {
          // Some models are exported for one picture at a time; which, only a run tells.
          const mayBeSize = error instanceof AppError && error.code === 'E_MODEL_CARD_MISMATCH'
          if (!mayBeSize || count === 1) throw error
          takesBatches = false
        }
      }
      const each = samples.length / count
      const answers = new Float32Array(count * (isScores ? each : classes))
      for (let i = 0; i < count; i++) {
        const own = await run(samples.subarray(i * each, (i + 1) * each), 1, shape)
        answers.set(own, i * own.length)
      }
      return answers
    },
  }
}

function interleaved(planes: Float32Array, channels: number, area: number): Float32Array {
  const each = channels * area
  return planes.map((_, i) => {
    const at = i % each
    return planes[i - at + (at % channels) * area + Math.floor(at / channels)]!
  })
}

function planar(values: Float32Array, channels: number, area: number): Float32Array {
  const each = channels * area
  return values.map((_, i) => {
    const at = i % each
    return values[i - at + (at % area) * channels + Math.floor(at / area)]!
  })
}
