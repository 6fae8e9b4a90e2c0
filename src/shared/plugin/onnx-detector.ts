import { z } from 'zod'
import { modelCardMismatch } from '../model-errors'
import type { Detection } from '../vision/box'
import { nonMaxSuppression, sortByScore } from '../vision/nms'
import type { Candidates } from '../vision/nms'
import { boxToSource, planResize } from '../vision/resize'
import type { ResizePlan } from '../vision/resize'
import { imageToTensor } from '../vision/to-tensor'
import { parseFamilyCard } from './family-card'
import type { FamilyCard } from './family-card'
import type { Detector } from './kinds'
import type { ModelHost } from './model-host'
import type { OutputFamily } from './output-family'

export const onnxDetectorParams = z.object({
  model: z.string().default('').describe('Id of the model, or path of an ONNX file'),
  scoreThreshold: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe("Lowest score of a detection; empty: the card's"),
  maxDetections: z.int().min(1).default(1000).describe('Most detections per image'),
})

type Family<O extends z.ZodObject> = Pick<OutputFamily<O>, 'id' | 'output' | 'decode' | 'feedDims'>

/**
 * A detector of one ONNX model: resize and normalise, run, decode, NMS, back to source pixels. Records the stages
 * `preprocess`, `detect` and `decode`.
 * @throws AppError the E_MODEL_ codes
 */
export async function openOnnxDetector<O extends z.ZodObject>(
  family: Family<O>,
  params: z.input<typeof onnxDetectorParams>,
  models: ModelHost,
): Promise<Detector> {
  const { model: id, scoreThreshold, maxDetections } = onnxDetectorParams.parse(params)
  const model = await models.load(id)
  const card = withThreshold(parseFamilyCard(family, model.card), scoreThreshold)
  const { input } = card
  if (!model.inputNames.includes(input.name)) {
    throw modelCardMismatch(
      card.id,
      `no input "${input.name}", it has ${model.inputNames.join(', ')}`,
    )
  }
  const buffers = new BufferPool()
  return {
    classNames: card.classes,
    async detect(image, run) {
      const plan = planResize(input, image.width, image.height)
      const buffer = buffers.take(input.type, 3 * plan.width * plan.height)
      try {
        const tensor = await run.stage('preprocess', () =>
          imageToTensor(image, input, plan, buffer),
        )
        const dims = family.feedDims?.(card, tensor.dims) ?? tensor.dims
        const outputs = await run.stage('detect', () =>
          model.run({ [input.name]: { data: tensor.data, dims } }),
        )
        return await run.stage('decode', () =>
          toDetections(suppress(family.decode(outputs, card, plan), card, maxDetections), plan),
        )
      } finally {
        buffers.giveBack(buffer)
      }
    },
  }
}

function withThreshold<O extends z.ZodObject>(
  card: FamilyCard<O>,
  scoreThreshold: number | null,
): FamilyCard<O> {
  return scoreThreshold === null ? card : { ...card, scoreThreshold }
}

function suppress(
  candidates: Candidates,
  card: Pick<FamilyCard, 'nms' | 'scoreThreshold'>,
  limit: number,
) {
  return card.nms === undefined
    ? sortByScore(candidates, limit)
    : nonMaxSuppression(candidates, card.nms, limit, card.scoreThreshold)
}

function toDetections({ boxes, scores, classIds }: Candidates, plan: ResizePlan): Detection[] {
  return Array.from(scores, (score, i) => ({
    box: boxToSource(plan, [
      boxes[4 * i]!,
      boxes[4 * i + 1]!,
      boxes[4 * i + 2]!,
      boxes[4 * i + 3]!,
    ]),
    score,
    classId: classIds[i]!,
  }))
}

/**
 * Input arrays for reuse. An array in use is never given out again: two calls of `detect` may overlap, and the second
 * would overwrite what the first is about to run.
 */
class BufferPool {
  readonly #free: (Float32Array | Uint8Array)[] = []

  take(type: 'float32' | 'uint8', length: number): Float32Array | Uint8Array {
    const at = this.#free.findIndex((buffer) => buffer.length === length)
    if (at >= 0) return this.#free.splice(at, 1)[0]!
    return type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
  }

  giveBack(buffer: Float32Array | Uint8Array): void {
    if (this.#free.length >= 2) this.#free.shift()
    this.#free.push(buffer)
  }
}
