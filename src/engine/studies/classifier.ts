import { AppError } from '../../shared/errors'
import { tensorChannels } from '../../shared/model-card'
import { modelCardInvalid, modelOutputNotFinite, modelOutputShape } from '../../shared/model-errors'
import type { LoadedModel, Tensor } from '../../shared/plugin'
import { type ClassifierCard, parseClassifierCard } from '../../shared/plugin/classifier-card'
import { classifierViews } from './classifier-views'
import type { PictureAnswer, PictureModel } from './picture-model'

/** Items of one model run. */
const largestBatch = 64

/**
 * A card with the task `classify` at work. Cards for smoothing methods vote on the copies that they were trained on.
 * `output.features` may name an output with features, [n, …]; else the logits are the features.
 * @throws AppError E_MODEL_CARD_INVALID
 */
export function openClassifier(model: LoadedModel): PictureModel {
  const card = parseClassifierCard(model.card)
  if (card.classes.length === 0) {
    throw modelCardInvalid(`card of model "${card.id}"`, 'classes: a classifier needs their names')
  }
  const named = card.output['features']
  const featureOutput = typeof named === 'string' ? named : null
  const runner = new BatchRunner(model, card, featureOutput)
  return {
    id: card.id,
    sha256: card.sha256,
    classNames: card.classes,
    answer: howItAnswers(card),
    features:
      featureOutput === null
        ? 'logits of a classifier'
        : `output "${featureOutput}" of a classifier`,
    async classify(images, signal) {
      const views = images.map((image) => classifierViews(card, image))
      const rows = await runner.run(views.flat(), signal)
      let at = 0
      return views.map((own) => {
        const answers = rows.slice(at, (at += own.length))
        return join(card, answers)
      })
    },
  }
}

interface Row {
  readonly logits: Float32Array
  readonly features: Float32Array
}

class BatchRunner {
  readonly #model: LoadedModel
  readonly #card: ClassifierCard
  readonly #featureOutput: string | null
  #batch = largestBatch

  constructor(model: LoadedModel, card: ClassifierCard, featureOutput: string | null) {
    this.#model = model
    this.#card = card
    this.#featureOutput = featureOutput
  }

  async run(items: readonly Float32Array[], signal: AbortSignal): Promise<Row[]> {
    const rows: Row[] = []
    while (rows.length < items.length) {
      signal.throwIfAborted()
      const batch = items.slice(rows.length, rows.length + this.#batch)
      try {
        rows.push(...(await this.#runBatch(batch)))
      } catch (error) {
        // Some models are exported for one picture at a time; which, only a run tells.
        const mayBeSize = error instanceof AppError && error.code === 'E_MODEL_CARD_MISMATCH'
        if (!mayBeSize || batch.length === 1) throw error
        this.#batch = 1
      }
    }
    return rows
  }

  async #runBatch(items: readonly Float32Array[]): Promise<Row[]> {
    const { input, output, classes, id } = this.#card
    const outputs = await this.#model.run({ [input.name]: toTensor(this.#card, items) })
    const read = (name: string, wanted: number | null): Float32Array[] => {
      const tensor = outputs[name]
      const width = tensor ? tensor.data.length / items.length : NaN
      if (!(tensor?.data instanceof Float32Array) || !fits(width, wanted)) {
        const expected = `output "${name}" as floats [${items.length}, ${wanted ?? 'any'}]`
        throw modelOutputShape(id, expected, `[${tensor?.dims.join(', ') ?? 'nothing'}]`)
      }
      const { data } = tensor
      const odd = data.findIndex((value) => !Number.isFinite(value))
      if (odd >= 0) throw modelOutputNotFinite(id, name, data[odd] ?? NaN, odd)
      return items.map((_, i) => data.slice(i * width, (i + 1) * width))
    }
    const logits = read(output.names[0], classes.length)
    const features = this.#featureOutput === null ? logits : read(this.#featureOutput, null)
    return logits.map((row, i) => ({ logits: row, features: features[i] ?? row }))
  }
}

function fits(width: number, wanted: number | null): boolean {
  return wanted === null ? Number.isInteger(width) && width > 0 : width === wanted
}

function toTensor({ input }: ClassifierCard, items: readonly Float32Array[]): Tensor {
  const channels = tensorChannels(input)
  const size = items[0]?.length ?? 0
  const { width, height } = { width: input.width, height: size / (channels * input.width) }
  const values = new Float32Array(items.length * size)
  items.forEach((item, i) => {
    values.set(input.layout === 'nchw' ? item : interleave(item, channels), i * size)
  })
  const data =
    input.type === 'uint8' ? Uint8Array.from(values, (v) => clampByte(Math.round(v))) : values
  const frame = input.layout === 'nchw' ? [channels, height, width] : [height, width, channels]
  return { data, dims: [items.length, ...frame] }
}

function interleave(planes: Float32Array, channels: number): Float32Array {
  const area = planes.length / channels
  return planes.map((_, i) => planes[(i % channels) * area + Math.floor(i / channels)]!)
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, value))
}

/** The answer of all views of one picture; of equally likely classes the first. */
function join(
  { classes, output: { smoothing } }: ClassifierCard,
  rows: readonly Row[],
): PictureAnswer {
  const votes = new Float64Array(classes.length)
  for (const { logits } of rows) {
    if (smoothing?.method === 'randomized-ablation') votes[argmax(logits)]! += 1
    else {
      softmax(logits).forEach((p, c) => {
        if (smoothing?.method === 'derandomized-smoothing')
          votes[c]! += p >= smoothing.theta ? 1 : 0
        else votes[c]! += p
      })
    }
  }
  const features = new Float32Array(rows[0]?.features.length ?? 0)
  for (const row of rows) row.features.forEach((v, i) => (features[i]! += v / rows.length))
  return { predicted: argmax(votes), features }
}

function howItAnswers({ output: { smoothing } }: ClassifierCard): string {
  switch (smoothing?.method) {
    case 'derandomized-smoothing':
      return `most votes over all bands of ${smoothing.band} columns`
    case 'randomized-ablation':
      return `most votes over 64 copies with ${smoothing.retained} pixels`
    case 'splitting-noise':
      return `highest mean softmax over ${smoothing.levels} levels of splitting noise`
    case 'gaussian-smoothing':
      return 'highest logit of the picture without noise (not the smoothed classifier)'
    case undefined:
      return 'highest logit'
  }
}

function softmax(logits: Float32Array): Float64Array {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = Float64Array.from(logits, (v) => Math.exp(v - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((v) => v / sum)
}

function argmax(values: Float32Array | Float64Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
