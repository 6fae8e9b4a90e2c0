import type { Rle } from '../vision/rle'

/** Text, numbers and lists as JSON has them: what formats carry beside what we understand. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

export type Attributes = Readonly<Record<string, JsonValue>>

/** `[x, y, width, height]`, pixel edges of the picture that the annotation speaks of, as given: it may leave the picture. */
export type BoxXywh = readonly [number, number, number, number]

/** What marks an object's pixels. Polygons are kept as drawn: flat lists x, y, x, y … in pixel edges, one for each part. */
export interface Shape {
  readonly polygons?: readonly (readonly number[])[]
  readonly mask?: Rle
}

/** A class that objects may have. Ids of the source are kept as text; our own are given by the store. */
export interface ImportedCategory {
  readonly sourceId: string
  readonly name: string
  readonly supercategory?: string
}

/** Where the pixels are, if not simply "the whole file". */
export type PixelReference =
  | {
      readonly kind: 'tile'
      readonly x: number
      readonly y: number
      readonly width: number
      readonly height: number
    }
  | { readonly kind: 'hdf5'; readonly dataset: string; readonly index: number }

export interface ImportedImage {
  /** The source's own id, as text; unique within the import. */
  readonly sourceId: string
  /** Relative to the root that the user chose, `/` between its parts. */
  readonly file: string
  readonly pixels?: PixelReference
  /** As the annotations state it; null where they do not. What the file really holds is found by the pipeline. */
  readonly width: number | null
  readonly height: number | null
  /** train, val, test, dev …; null where the source has none. */
  readonly split: string | null
  /** The class of the whole picture, for sets made for classification. */
  readonly label?: { readonly index: number | null; readonly name: string }
  readonly attributes: Attributes
}

export interface ImportedObject {
  readonly sourceId: string | null
  /** `sourceId` of an `ImportedCategory` that came before. */
  readonly categoryId: string
  readonly box: BoxXywh
  readonly shape?: Shape
  /** Given by the source or, where it has none, width times height or the area of the mask. */
  readonly area: number
  readonly isCrowd: boolean
  /** Present for detections. */
  readonly score?: number
  readonly attributes: Attributes
}

/** An adversarial patch in the picture. Patches are no object class: they have their own table. */
export interface ImportedPatch {
  readonly sourceId: string | null
  readonly box: BoxXywh
  readonly shape?: Shape
  /** Which patch it is, such as `frc1`; null if unknown. */
  readonly name: string | null
  /** The class that the patch wants detectors to report, by name. */
  readonly target: string | null
  readonly attributes: Attributes
}

/** What the importer does about something wrong. `refuse-import` is not here: that is a thrown AppError. */
export type ProblemDecision = 'accept-with-warning' | 'skip-record' | 'skip-file'

/** One line of the import report. */
export interface ImportProblem {
  readonly decision: ProblemDecision
  /** `E_…` or `W_…`: one of `problemCodes`, or a plug-in's own. */
  readonly code: string
  readonly file: string
  /** One-based line of a text file. */
  readonly line?: number
  /** Zero-based position in the list that the record came from. */
  readonly record?: number
  /** Zero-based byte offset. */
  readonly offset?: number
  readonly message: string
}

/**
 * What an importer yields, in an order that lets the reader store as it goes: categories and images before the objects
 * that name them.
 */
export type ImportRecord =
  | { readonly kind: 'category'; readonly category: ImportedCategory }
  | { readonly kind: 'image'; readonly image: ImportedImage }
  | { readonly kind: 'object'; readonly imageId: string; readonly object: ImportedObject }
  | { readonly kind: 'patch'; readonly imageId: string; readonly patch: ImportedPatch }
  | { readonly kind: 'problem'; readonly problem: ImportProblem }
