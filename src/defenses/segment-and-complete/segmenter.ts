import type { ModelCard } from '../../shared/model-card'
import type { LoadedModel, RunContext } from '../../shared/plugin'
import type { Mask, RgbImage } from '../../shared/vision'
import { imageToTensor } from '../../shared/vision/to-tensor'
import { planResize, type ResizePlan } from '../../shared/vision/resize'
import { AppError } from '../../shared/errors'
import { resizeLogits, type Segmentation } from './resize-logits'

/**
 * Runs a patch segmenter (Segment and Complete, section 3.1) over a picture. Where the longer side of the picture is
 * above `workingSize` (pixels, 0 never), it is segmented smaller and the logits are brought back to the picture's size
 * bilinearly, before any threshold.
 * @throws AppError E_MODEL_TASK, E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE
 */
export async function segment(
  image: RgbImage,
  model: LoadedModel,
  workingSize: number,
  run: RunContext,
): Promise<Segmentation> {
  const { card } = model
  if (card.task !== 'segment-patch') {
    throw new AppError(
      'E_MODEL_TASK',
      `the model ${card.id} has the task ${card.task}, a segmenter needs segment-patch`,
      'Choose a model that "patchwarden models list" shows as segment-patch.',
    )
  }
  const plan = planInput(card, image, workingSize)
  const input = await run.stage('prepare segmenter', () => imageToTensor(image, card.input, plan))
  const outputs = await run.stage('segment', () => model.run({ [card.input.name]: input }))
  const outputName = model.outputNames[0] ?? ''
  const { data, dims: shape } = outputs[outputName] ?? { data: new Float32Array(), dims: [] }
  const [height = 0, width = 0] = shape.slice(-2)
  if (!(data instanceof Float32Array) || data.length !== plan.width * plan.height) {
    throw new AppError(
      'E_MODEL_OUTPUT_SHAPE',
      `${card.id} answered ${outputName} [${shape.join(', ')}] where one logit per pixel, [1, 1, ${plan.height}, ${plan.width}], was expected`,
      'Check the model card: task, input size and layout.',
    )
  }
  if (width !== plan.width || height !== plan.height) {
    throw new AppError(
      'E_MODEL_OUTPUT_SHAPE',
      `${card.id} answered a map of ${width}x${height} for a picture of ${plan.width}x${plan.height}`,
      'A segmenter answers at the size it is given. Check the model card.',
    )
  }
  if (plan.width === image.width && plan.height === image.height) {
    return { width: image.width, height: image.height, logits: data }
  }
  return run.stage('resize logits', () =>
    resizeLogits(data, width, height, image.width, image.height),
  )
}

/** The pixels whose probability is above the threshold, strictly. */
export function rawMask(segmentation: Segmentation, threshold: number, name = 'segmenter'): Mask {
  const { width, height, logits } = segmentation
  const limit = toLogit(threshold)
  const bits = new Uint8Array(width * height)
  let finite = 0
  for (let i = 0; i < bits.length; i++) {
    const logit = logits[i]!
    // 0 for every finite number, NaN otherwise: one addition instead of a test per pixel.
    finite += logit - logit
    bits[i] = logit > limit ? 1 : 0
  }
  if (finite !== 0) {
    throw new AppError(
      'E_MODEL_OUTPUT_NOT_FINITE',
      `${name} answered numbers that are not finite`,
      'The model is damaged or was fed values it does not expect: check the card (range, mean, std).',
    )
  }
  return { width, height, bits }
}

export function toLogit(probability: number): number {
  return Math.log(probability / (1 - probability))
}

/** Probabilities 0..1, one per pixel. */
export function probabilities(segmentation: Segmentation): Float32Array {
  return segmentation.logits.map((logit) => 1 / (1 + Math.exp(-logit)))
}

/** Source pixels per working pixel, at least 1. */
export function workingScale(image: RgbImage, workingSize: number): number {
  const longer = Math.max(image.width, image.height)
  return workingSize > 0 && longer > workingSize ? longer / workingSize : 1
}

/** Stretched, whatever the card says of letterboxing: a mask fills the frame. */
function planInput(card: ModelCard, image: RgbImage, workingSize: number): ResizePlan {
  const scale = workingScale(image, workingSize)
  const side = (source: number, fixed: number): number =>
    card.input.dynamic ? Math.max(1, Math.round(source / scale)) : fixed
  const width = side(image.width, card.input.width)
  const height = side(image.height, card.input.height)
  const input = { ...card.input, width, height, dynamic: false, resize: 'stretch' as const }
  return planResize(input, image.width, image.height)
}
