import type {
  ImportedCategory,
  ImportedImage,
  ImportedObject,
  ImportedPatch,
  ImportProblem,
} from '../../shared/dataset/records'
import type { FileContents } from './check-picture'

/** An image as it is to be stored: what the annotations say, and what its file really holds. */
export interface CheckedImage extends ImportedImage {
  /**
   * Size of the upright picture (of its tile or row, where it has `pixels`), in which all boxes, polygons and masks are given.
   * As stated by the annotations, and null if they state none, only where the file is missing.
   */
  readonly width: number | null
  readonly height: number | null
  /** Null if the file is missing: the record is kept, so that the file can be found later. */
  readonly contents: FileContents | null
  /**
   * 64 hexadecimal digits that stand for the pixels: the digest of the file, or of the file's digest and the row or tile.
   * Null if the file is missing.
   */
  readonly contentId: string | null
}

/** What came through, and what did not. */
export interface ImportCounts {
  categories: number
  images: number
  /** Of `images`, those without a file. */
  missing: number
  objects: number
  patches: number
  /** Images that were left out because their files cannot be used; objects and patches that went with them. */
  skippedImages: number
  skippedObjects: number
  skippedPatches: number
}

export type CheckedRecord =
  | { readonly kind: 'category'; readonly category: ImportedCategory }
  | { readonly kind: 'image'; readonly image: CheckedImage }
  | { readonly kind: 'object'; readonly imageId: string; readonly object: ImportedObject }
  | { readonly kind: 'patch'; readonly imageId: string; readonly patch: ImportedPatch }
  | { readonly kind: 'problem'; readonly problem: ImportProblem }
  /** The last record of an import that was not refused. */
  | { readonly kind: 'end'; readonly counts: ImportCounts }
