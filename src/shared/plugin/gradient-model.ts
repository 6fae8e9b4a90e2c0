import { AppError } from '../errors'
import { modelCardMismatch } from '../model-errors'
import { parseGradientCard, pictureDims, readLossAndGradient, targetDims } from './gradient-card'
import type { GradientCard, GradientTarget, LossAndGradient, PictureSize } from './gradient-card'
import type { LoadedModel, ModelHost, Tensor } from './model-host'

/** Values of targets by their name in the card, row-major. */
export type TargetValues = Readonly<Record<string, Float32Array>>

/** A loss of a detector or segmenter and its gradient, ready to run: what gradient attacks climb or descend. */
export interface GradientModel {
  readonly card: GradientCard
  /**
   * Loss and gradient at one picture. `picture` is the model's input tensor, float32, in the card's layout and on the
   * card's scale (0..255 or 0..1 before mean and std), of the card's size or, where that is dynamic, of any. `targets`
   * are those of the card (`card.output.targets`); one that is left out takes its default. Nothing is changed or kept;
   * the gradient is a new array, per unit of the picture's scale, and points to where the loss grows.
   * @throws RangeError for a picture or target of the wrong length, an unknown target, one missing without a default
   * @throws AppError E_MODEL_RUN, E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE
   */
  evaluate(picture: Tensor, targets?: TargetValues): Promise<LossAndGradient>
}

/**
 * Opens a model with the task `detect-gradient` (made with models/training/gradients).
 * @throws AppError E_MODEL_TASK, E_MODEL_CARD_INVALID, E_MODEL_CARD_MISMATCH and what loading a model throws
 */
export async function openGradientModel(id: string, models: ModelHost): Promise<GradientModel> {
  const model = await models.load(id)
  if (model.card.task !== 'detect-gradient') {
    throw new AppError(
      'E_MODEL_TASK',
      `the model ${model.card.id} has the task ${model.card.task}, gradients need detect-gradient`,
      'Choose a model that "patchwarden models list" shows as detect-gradient.',
    )
  }
  const card = parseGradientCard(model.card)
  assertTensors(card, model)
  const defaults = new DefaultTargets()
  return {
    card,
    async evaluate(picture, targets = {}) {
      const size = sizeOf(card, picture)
      const known = card.output.targets
      const stranger = Object.keys(targets).find((name) => !known.some((t) => t.name === name))
      if (stranger !== undefined) {
        const names = known.map(({ name }) => name).join(', ')
        throw new RangeError(`model "${card.id}" has no target "${stranger}", only ${names}`)
      }
      const feeds: Record<string, Tensor> = { [card.input.name]: picture }
      for (const target of known) {
        feeds[target.name] = feedOf(target, targets[target.name], size, defaults)
      }
      return readLossAndGradient(card, size, await model.run(feeds))
    },
  }
}

function assertTensors(card: GradientCard, model: LoadedModel): void {
  const { input, output } = card
  const needed = [input.name, ...output.targets.map(({ name }) => name)].sort().join(', ')
  const given = [...model.inputNames].sort().join(', ')
  if (needed !== given) {
    throw modelCardMismatch(card.id, `the card has the inputs ${needed}, the model ${given}`)
  }
}

/** @throws RangeError unless the picture has the layout and size that the card allows */
function sizeOf(card: GradientCard, { data, dims }: Tensor): PictureSize {
  const { layout, dynamic, width, height } = card.input
  const [count = 0, ...sides] = dims
  const [h = 0, w = 0] = layout === 'nchw' ? sides.slice(1) : sides
  const size = { count, height: h, width: w }
  const expected = pictureDims(card, dynamic ? size : { count: 1, height, width })
  const fits = dims.length === 4 && expected.every((side, i) => side >= 1 && side === dims[i])
  if (!fits || !(data instanceof Float32Array) || data.length !== product(dims)) {
    const wanted = dynamic ? `${layout}, any size` : `[${expected.join(', ')}]`
    throw new RangeError(
      `model "${card.id}" takes float32 pictures, ${wanted}; given were ${data.length} values as [${dims.join(', ')}]`,
    )
  }
  return size
}

function feedOf(
  target: GradientTarget,
  values: Float32Array | undefined,
  size: PictureSize,
  defaults: DefaultTargets,
): Tensor {
  const dims = targetDims(target, size)
  const length = product(dims)
  if (values === undefined && target.default === undefined) {
    throw new RangeError(`the target "${target.name}" is missing: ${target.meaning}`)
  }
  if (values !== undefined && values.length !== length) {
    throw new RangeError(
      `the target "${target.name}" needs ${length} values, [${dims.join(', ')}]; given were ${values.length}`,
    )
  }
  return { data: values ?? defaults.get(target.default ?? 0, length), dims }
}

/** Constant arrays, kept: an attack asks for the same ones at every step. */
class DefaultTargets {
  readonly #arrays = new Map<string, Float32Array>()

  get(value: number, length: number): Float32Array {
    const key = `${value} ${length}`
    const known = this.#arrays.get(key)
    if (known) return known
    // Sizes of dynamic models vary from picture to picture: the last few are enough.
    if (this.#arrays.size >= 16) this.#arrays.clear()
    const array = new Float32Array(length).fill(value)
    this.#arrays.set(key, array)
    return array
  }
}

function product(dims: readonly number[]): number {
  return dims.reduce((length, side) => length * side, 1)
}
