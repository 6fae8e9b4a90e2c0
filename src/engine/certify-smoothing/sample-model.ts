import { AppError } from '../../shared/errors'
import { modelOutputNotFinite, modelOutputShape } from '../../shared/model-errors'
import type { LoadedModel, PictureShape } from '../../shared/plugin'
import type { ClassifierCard } from '../../shared/plugin/classifier-card'

/** A classifier that answers batches of samples, [n, channels, height, width], with logits, [n, classes]. */
export interface SampleModel {
  readonly classes: number
  /** Memory for samples, to be given back once they are answered: what was given back is lent again. */
  lend(length: number): Float32Array
  giveBack(memory: Float32Array): void
  /** @throws AppError E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE and what running a model throws */
  answer(samples: Float32Array, count: number, shape: PictureShape): Promise<Float32Array>
}

export function sampleModel(model: LoadedModel, card: ClassifierCard): SampleModel {
  const { input, output } = card
  const classes = card.classes.length
  const [name] = output.names
  const run = async (
    samples: Float32Array,
    count: number,
    { channels, height, width }: PictureShape,
  ): Promise<Float32Array> => {
    const isPlanar = input.layout === 'nchw'
    const frame = isPlanar ? [channels, height, width] : [height, width, channels]
    const data = isPlanar ? samples : interleaved(samples, channels, height * width)
    const outputs = await model.run({ [input.name]: { data, dims: [count, ...frame] } })
    const logits = outputs[name]
    if (!(logits?.data instanceof Float32Array) || logits.data.length !== count * classes) {
      const expected = `output "${name}" as floats [${count}, ${classes}]`
      throw modelOutputShape(card.id, expected, `[${logits?.dims.join(', ') ?? 'nothing'}]`)
    }
    const odd = logits.data.findIndex((value) => !Number.isFinite(value))
    if (odd >= 0) throw modelOutputNotFinite(card.id, name, logits.data[odd] ?? NaN, odd)
    return logits.data
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
      const logits = new Float32Array(count * classes)
      const each = samples.length / count
      for (let i = 0; i < count; i++) {
        const own = await run(samples.subarray(i * each, (i + 1) * each), 1, shape)
        logits.set(own, i * classes)
      }
      return logits
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
