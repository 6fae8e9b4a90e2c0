import type { FileState, ImageStatus, PatchStatus } from './facet-codes'

/** Which pictures a list shows. All that is given must hold; a list of values means any of them. */
export interface ImageFilter {
  readonly dataset?: number
  /** Exactly these, as far as they are there. */
  readonly ids?: readonly number[]
  /** Names of splits, of any data set unless `dataset` is given. */
  readonly split?: readonly string[]
  /** Names of classes of annotated objects. */
  readonly class?: readonly string[]
  /** Names of labels of whole pictures. */
  readonly label?: readonly string[]
  readonly tag?: readonly string[]
  readonly status?: readonly ImageStatus[]
  readonly file?: readonly FileState[]
  /** Whether the picture has a patch annotation, of any status. */
  readonly patch?: boolean
  readonly patchStatus?: readonly PatchStatus[]
  /** true: some object was certified; false: a certificate was tried for in vain. In any run. */
  readonly certified?: boolean
  /** Pictures in which a run found something. */
  readonly found?: {
    readonly run: number
    /** Name of a class; any if absent. */
    readonly class?: string
    /** 0..1, both ends included. */
    readonly minScore?: number
    readonly maxScore?: number
  }
  /** Pictures that two runs answer differently: see `Runs.compare`, which must have been called before. */
  readonly changed?: {
    readonly base: number
    readonly other: number
    /** At least this much, more than 0. */
    readonly min?: number
  }
  /** Words, each the beginning of a word in the file's name, the name of a class in the picture, or its label. */
  readonly text?: string
}
