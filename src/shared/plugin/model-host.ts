import type { ModelCard } from '../model-card'
import type { RgbImage } from '../vision/image'
import type { Mask } from '../vision/mask'

/** A dense tensor, row-major. `dims` are what a run returned: declared shapes can be wrong. */
export interface Tensor {
  readonly data: Float32Array | Uint8Array | Int32Array | BigInt64Array
  readonly dims: readonly number[]
}

/** A model that is ready to run. Runs in the calling process and blocks it while it computes. */
export interface LoadedModel {
  readonly card: ModelCard
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>
}

/** The host's door to models: plug-ins name a model, the host finds, checks, loads and keeps it. */
export interface ModelHost {
  /** @throws AppError E_MODEL_UNKNOWN and the other E_MODEL_ codes */
  load(id: string): Promise<LoadedModel>
}

/** What a defense may ask of the engine. */
export interface DefenseHost {
  readonly models: ModelHost
  /** Fills the mask's pixels from their surroundings (Navier-Stokes inpainting, Bertalmio et al. 2001). Returns a copy. */
  readonly inpaint: (image: RgbImage, mask: Mask) => Promise<RgbImage>
}
