import type { z } from 'zod'
import type { ModelInput, NmsSettings } from '../model-card'
import type { Candidates } from '../vision/nms'
import type { Size } from '../vision/resize'
import { defineDetector } from './define'
import type { FamilyCard } from './family-card'
import type { DetectorPlugin } from './kinds'
import type { Tensor } from './model-host'
import { onnxDetectorParams, openOnnxDetector } from './onnx-detector'
import { assertFinite, assertFiniteOutputs } from './output-tensors'

/** Tensors by output name, as one run returned them. */
export type Outputs = Readonly<Record<string, Tensor>>

/** What is known of a model without a card: its picture input, and what one run on a black picture returned. */
export interface ModelSignature {
  readonly input: Pick<ModelInput, 'name' | 'layout' | 'type' | 'width' | 'height' | 'dynamic'> & {
    /** False where the model takes [3, height, width], one picture without a batch. */
    readonly batched: boolean
  }
  readonly outputs: Outputs
  readonly producer: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Something that names, shapes and values do not tell. */
export interface CardQuestion {
  /** Field of the card, such as `input.channelOrder`. */
  readonly field: string
  readonly question: string
  /** A wrong answer gives wrong boxes; otherwise only names or thresholds depend on it. */
  readonly decisive: boolean
}

/** One way to read a model. It says why, never how sure it is: what is unsure is a question. */
export interface CardProposal {
  readonly family: string
  readonly reasons: readonly string[]
  readonly card: {
    readonly input: Partial<ModelInput>
    readonly output: Readonly<Record<string, unknown>>
    readonly classes: readonly string[]
    readonly scoreThreshold: number
    readonly nms?: NmsSettings
  }
  readonly questions: readonly CardQuestion[]
}

/** A detector plug-in that reads one kind of ONNX output. */
export interface OutputFamily<O extends z.ZodObject = z.ZodObject> extends DetectorPlugin<
  typeof onnxDetectorParams
> {
  /** Checks `output` of a card. */
  readonly output: O
  /** The readings of this family that fit; none where it is another family's model. */
  recognize(signature: ModelSignature): readonly CardProposal[]
  /**
   * Boxes in pixels of the model's input (`size`), of a score of at least the card's `scoreThreshold`, before NMS.
   * @throws AppError E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE, E_MODEL_CARD_MISMATCH
   */
  decode(outputs: Outputs, card: FamilyCard<O>, size: Size): Candidates
  /** Dims of the feed where they are not those of a batch of one picture. */
  feedDims?(card: FamilyCard<O>, dims: readonly number[]): readonly number[]
}

type FamilyParts<O extends z.ZodObject> = Omit<OutputFamily<O>, 'kind' | 'params' | 'open'>

/** Makes a detector plug-in of what is particular to one output family. */
export function defineOutputFamily<O extends z.ZodObject>(parts: FamilyParts<O>): OutputFamily<O> {
  const family: FamilyParts<O> = {
    ...parts,
    decode(outputs, card, size) {
      assertFiniteOutputs(outputs, card.id)
      const candidates = parts.decode(outputs, card, size)
      // Finite outputs can still overflow on the way: exp() of a raw box width of 100 does.
      assertFinite(candidates.boxes, 'decoded boxes', card.id)
      return candidates
    },
  }
  const { id, name, summary } = family
  const plugin = defineDetector({
    id,
    name,
    summary,
    params: onnxDetectorParams,
    open: (params, models) => openOnnxDetector(family, params, models),
  })
  return Object.freeze({ ...plugin, ...family })
}
