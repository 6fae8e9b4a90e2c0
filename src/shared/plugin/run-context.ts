import type { RgbImage } from '../vision/image'
import type { Mask } from '../vision/mask'

/** Time one stage of one image took, in the order the stages ended. */
export interface StageTime {
  readonly name: string
  readonly ms: number
}

/** What a detector leaves behind about one image, beside its boxes. */
export interface Trace {
  readonly stages: StageTime[]
  /** By name, such as `raw` and `completed`; each has the size of the source image. */
  readonly masks: Map<string, Mask>
  /** Figures worth showing, such as `rung` or `removedFraction`. */
  readonly notes: Map<string, number | string | boolean | null>
  /** The picture that a defense handed to the detector. */
  image?: RgbImage
}

/** All that a plug-in may touch of the outside world. */
export interface RunContext {
  readonly signal: AbortSignal
  /** Seeded; `Math.random` and `Date.now` are lint errors in plug-ins. Uniform in [0, 1). */
  readonly random: () => number
  readonly trace: Trace
  readonly progress: (done: number, total: number) => void
  readonly warn: (message: string) => void
  /** Runs `work` and records its time in the trace. Throws the abort reason if the run was cancelled before it began. */
  stage<T>(name: string, work: () => T | Promise<T>): Promise<T>
}
