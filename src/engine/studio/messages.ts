import type { ErrorRecord } from '../../shared/errors'
import type { BoxXyxy, Detection } from '../../shared/vision'
import type { Locations, VisionItem, VisionTask } from '../vision-job'

/** A picture to be shown, upright: its longer side at most `size` pixels, or all of it. */
export interface PictureOrder {
  readonly item: Pick<VisionItem, 'path' | 'source' | 'part'>
  readonly size: number | null
  readonly maxPixels: number
}

export interface EncodedPicture {
  readonly contentType: 'image/jpeg' | 'image/webp' | 'image/png'
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

type DetectTask = Extract<VisionTask, { readonly kind: 'detect' }>

/** One picture through one detector, defended or not, with what earlier orders have left behind. */
export interface TryOrder {
  readonly item: Pick<VisionItem, 'path' | 'source' | 'part'>
  readonly task: DetectTask
  readonly locations: Locations
  readonly threads: number
  readonly seed: number
  readonly maxPixels: number
}

export interface TriedStage {
  readonly name: string
  /** Of the first time, where it was reused. */
  readonly ms: number
  readonly reused: boolean
}

export interface TryAnswer {
  readonly sha256: string
  readonly width: number
  readonly height: number
  readonly detections: readonly Detection[]
  readonly before: readonly Detection[] | null
  readonly classNames: readonly string[]
  /** COCO RLE text by name. */
  readonly masks: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<string, number | string | boolean | null>>
  readonly warnings: readonly string[]
  readonly stages: readonly TriedStage[]
  /** Whether the detector was handed another picture than the original. */
  readonly isChanged: boolean
  readonly hasProbability: boolean
}

/** The picture that the detector was handed, or where the segmenter sees patches. */
export type StagePicture = 'removed' | 'probability'

export type ProposedShape = 'square' | 'rectangle' | 'circle' | 'as-found'

export interface ProposeOrder {
  readonly item: Pick<VisionItem, 'path' | 'source' | 'part'>
  /** Of segmenter and completion. */
  readonly params: Readonly<Record<string, unknown>>
  /** Pixels of the picture. */
  readonly at: readonly [number, number] | null
  readonly within: BoxXyxy | null
  readonly shape: ProposedShape
  readonly side: number | null
  readonly locations: Locations
  readonly threads: number
  readonly seed: number
  readonly maxPixels: number
}

export interface ProposedPatch {
  readonly box: readonly [number, number, number, number]
  /** COCO RLE text in the frame of the picture. */
  readonly mask: string
  readonly raw: string
  readonly shape: ProposedShape
  readonly side: number | null
  readonly rung: number | null
  readonly q: number | null
  readonly probability: number | null
}

export interface ProposeAnswer {
  readonly width: number
  readonly height: number
  readonly proposals: readonly ProposedPatch[]
  readonly sides: readonly number[]
  readonly threshold: number
  readonly segmenter: string
  readonly ms: number
  readonly reused: boolean
}

/** The drawn scenes of the sample project, as JPEG files in a folder. */
export interface ScenesOrder {
  readonly folder: string
}

/** What each kind of order is told and answers. */
export interface StudioWork {
  readonly picture: { readonly order: PictureOrder; readonly answer: EncodedPicture }
  readonly try: { readonly order: TryOrder; readonly answer: TryAnswer }
  readonly stage: {
    readonly order: TryOrder & { readonly what: StagePicture }
    readonly answer: EncodedPicture | null
  }
  readonly scenes: {
    readonly order: ScenesOrder
    readonly answer: { readonly names: readonly string[] }
  }
  readonly propose: { readonly order: ProposeOrder; readonly answer: ProposeAnswer }
}
export type StudioKind = keyof StudioWork

export type ToStudio = {
  [K in StudioKind]: {
    readonly id: number
    readonly kind: K
    readonly order: StudioWork[K]['order']
  }
}[StudioKind]

export type FromStudio =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorRecord }
