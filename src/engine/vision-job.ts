import type { CertificateRecord } from '../shared/certificate-record'
import type { PixelReference } from '../shared/dataset'
import type { ErrorRecord } from '../shared/errors'
import type { BoxXyxy, Detection } from '../shared/vision'
import type { PartialCertificates, PictureProgress } from './picture-progress'

/** What a vision worker is told once, before its first picture. Crosses a process border: plain data only. */
export interface VisionJob {
  readonly locations: Locations
  readonly task: VisionTask
  /** Threads of one model run. */
  readonly threads: number
  readonly seed: number
  readonly maxPixels?: number
}

/** Where models and private copies of them live. */
export interface Locations {
  readonly packageRoot: string
  readonly projectDir: string
  readonly cacheDir: string
}

export interface PluginChoice {
  readonly id: string
  readonly params: Readonly<Record<string, unknown>>
}

export type VisionTask =
  | {
      readonly kind: 'detect'
      /** Id of a model, or path of an ONNX file. */
      readonly detector: string
      readonly scoreThreshold?: number
      readonly defense?: PluginChoice
      /** Also run the bare detector, for a comparison. */
      readonly compare: boolean
    }
  | {
      readonly kind: 'segment'
      /** Segmenter and completion settings; those not named have their defaults. */
      readonly params: Readonly<Record<string, unknown>>
      readonly raw: boolean
    }
  | CertifyTask

/** Certificates of pictures, of boxes in them, or of the objects that a detector has to find. */
export interface CertifyTask {
  readonly kind: 'certify'
  /** Id of a certifier of `src/certificates`, or `objectseeker`. */
  readonly method: string
  /** Id of a model, or path of an ONNX file: a classifier, or a detector for `objectseeker`. */
  readonly model: string
  /** Settings that were given; those not named are the card's, or have their defaults. */
  readonly params: Readonly<Record<string, unknown>>
  /** The patch that is asked about: `2%`, `64`, `64x32`. */
  readonly patch?: string
  /** The size of other changes that is asked about, in the unit of the method. */
  readonly radius?: number
  readonly scoreThreshold?: number
}

/** What a certificate is about: a box in pixels of the picture, with what it was called. */
export interface CertifySubject {
  readonly box: BoxXyxy
  readonly boxClass?: string
  /** Of the project's objects, if it is one. */
  readonly objectId?: number
}

/** One picture, and where its pictures go. */
export interface VisionItem {
  readonly index: number
  /** For people and messages. */
  readonly path: string
  /** What to open: the path, or its bytes where the name is not UTF-8. */
  readonly source: string | Uint8Array
  /** Where the picture is only a part of the file: which, and the id of its content, which becomes the result's. */
  readonly part?: { readonly pixels: PixelReference; readonly contentId: string }
  readonly annotatedPath?: string
  readonly maskPath?: string
  readonly probabilityPath?: string
  /** What is certified; without it the whole picture, or what the bare detector shows. */
  readonly subjects?: readonly CertifySubject[]
  /** Digest of the picture that the subjects belong to; another content is refused. */
  readonly subjectsOf?: string
  /** Where an earlier attempt at its certificates was cut off. */
  readonly partial?: PartialCertificates
}

/** The pictures that are written for one that is read. */
export function picturesOf(item: Omit<VisionItem, 'index'>): string[] {
  const { annotatedPath, maskPath, probabilityPath } = item
  return [annotatedPath, maskPath, probabilityPath].filter((path) => path !== undefined)
}

export interface VisionResult {
  readonly index: number
  readonly sha256: string
  readonly width: number
  readonly height: number
  readonly detections: readonly Detection[]
  /** The bare detector's answer, when the task compares. */
  readonly before?: readonly Detection[]
  /** COCO RLE text by name. */
  readonly masks: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<string, number | string | boolean | null>>
  readonly warnings: readonly string[]
  readonly stages: readonly { readonly name: string; readonly ms: number }[]
  /** One for each subject, in order, or of the whole picture. */
  readonly certificates?: readonly CertificateRecord[]
}

/** What a worker says about what it opened. */
export interface WorkerReady {
  readonly classNames: readonly string[]
  readonly models: readonly { readonly id: string; readonly sha256: string }[]
}

/** A question instead of a job: how long one run of a model takes with so many threads. */
export interface Measurement {
  readonly locations: Locations
  readonly model: string
  readonly threads: readonly number[]
}

export type ToWorker =
  | { readonly type: 'open'; readonly job: VisionJob }
  | { readonly type: 'item'; readonly item: VisionItem }
  | { readonly type: 'measure'; readonly measurement: Measurement }
  /** Cancelled: finish what is being written, begin nothing, exit. */
  | { readonly type: 'end' }

export type FromWorker =
  | { readonly type: 'alive' }
  | { readonly type: 'ready'; readonly ready: WorkerReady }
  | { readonly type: 'refused'; readonly error: ErrorRecord }
  /** Milliseconds of one run, one for each number of threads asked for. */
  | { readonly type: 'measured'; readonly ms: readonly number[] }
  | { readonly type: 'progress'; readonly index: number; readonly progress: PictureProgress }
  | { readonly type: 'done'; readonly result: VisionResult }
  | { readonly type: 'failed'; readonly index: number; readonly error: ErrorRecord }
