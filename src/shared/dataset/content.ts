import type { Attributes, BoxXywh, PixelReference, Shape } from './records'

/** A class as exporters see it. */
export interface ContentCategory {
  readonly id: number
  readonly name: string
  readonly supercategory?: string
}

export interface ContentObject {
  /** One-based, ascending over the whole content. */
  readonly id: number
  readonly categoryId: number
  readonly box: BoxXywh
  readonly shape?: Shape
  readonly area: number
  readonly isCrowd: boolean
  /** Present in runs. */
  readonly score?: number
  /** True for an adversarial patch; its category is then the one named `adversarial patch`. */
  readonly isPatch: boolean
  readonly attributes: Attributes
}

export interface ContentImage {
  readonly id: number
  /** Relative to the root of its data set, `/` between its parts. */
  readonly file: string
  /** Of the upright picture, in whose pixels all boxes and shapes are given. */
  readonly width: number
  readonly height: number
  /**
   * EXIF orientation 1..8 of the picture's file, which is exported as it is; 1 if absent. Exporters never see another one:
   * the engine brings the content into the frame that readers will take it to be in.
   */
  readonly orientation?: number
  readonly split: string | null
  readonly pixels?: PixelReference
  readonly label?: { readonly index: number | null; readonly name: string }
  readonly attributes: Attributes
  /** Sorted by id. */
  readonly objects: readonly ContentObject[]
}

/** A data set, a run, a filter or a selection, ready to be written. */
export interface DatasetContent {
  readonly name: string
  /** Sorted by id. */
  readonly categories: readonly ContentCategory[]
  /** Images sorted by id. May be called several times; each time it gives the same images, one after the other. */
  images(): Iterable<ContentImage>
}

/** Something that a format cannot hold, told before anything is written. */
export interface Loss {
  /** Stable, kebab-case, such as `crowd-flag`, `holes`, `scores`, `empty-images`. */
  readonly what: string
  /** A sentence for people. */
  readonly message: string
  /** How many objects or images are touched. */
  readonly count: number
}

/** Where an exporter puts its files. Names are relative, `/` between their parts; each name is written once. */
export interface FolderSink {
  /** Opens a file; write pieces in order, then close it. */
  file(name: string): { write(piece: string | Uint8Array): void; close(): void }
}
