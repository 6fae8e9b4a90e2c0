import type { z } from 'zod'
import type { DatasetContent, FolderSink, Loss } from '../dataset/content'
import type { FileSource } from '../dataset/file-source'
import type { ImportTools } from '../dataset/import-tools'
import type { ImportRecord } from '../dataset/records'
import type { BoxXyxy, Detection } from '../vision/box'
import type { RgbImage } from '../vision/image'
import type { Mask } from '../vision/mask'
import type { DefenseHost, ModelHost } from './model-host'
import type { RunContext } from './run-context'
import type { CertifierPlugin } from './smoothing'

/** What every plug-in says of itself. A plug-in is the default export of its file: a plain, frozen object. */
export interface PluginHead<K extends string, P extends z.ZodObject = z.ZodObject> {
  readonly kind: K
  /** kebab-case; never renamed, because runs store it. */
  readonly id: string
  readonly name: string
  /** One sentence, shown where the plug-in is picked. */
  readonly summary: string
  /** The paper or standard it follows. */
  readonly reference?: string
  /** Validates, types, and draws the settings form and the command-line options. Every field has a default. */
  readonly params: P
}

/** Finds objects. Takes upright photographs of any size; letterboxing and NMS happen inside. */
export interface Detector {
  readonly classNames: readonly string[]
  /** Loads what the first picture would load otherwise, so that missing models are told before any work is done. */
  prepare?(): Promise<void>
  /** Boxes in pixels of `image`, best score first. Does not modify `image`; same image and seed, same answer. */
  detect(image: RgbImage, run: RunContext): Promise<readonly Detection[]>
}

export interface DetectorPlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<
  'detector',
  P
> {
  open(params: z.infer<P>, models: ModelHost): Promise<Detector>
}

/** A defended detector is a detector, so defenses stack, and attacks and metrics cannot tell. */
export interface DefensePlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<
  'defense',
  P
> {
  wrap(detector: Detector, params: z.infer<P>, host: DefenseHost): Detector
}

/** What an attacker may do: change the pixels of `region` by at most `epsilon` (on the 0..1 scale). */
export interface Threat {
  readonly region: Mask
  readonly epsilon: number
}

/** One patch of any shape inside a rectangle of this size, in pixels of the picture, anywhere and with any content. */
export interface PatchThreat {
  readonly patch: { readonly width: number; readonly height: number }
}

/** A picture with what is known to be in it. */
export interface LabeledImage {
  readonly name: string
  readonly image: RgbImage
  readonly objects: readonly { readonly box: BoxXyxy; readonly classId: number }[]
}

/** Proposes a changed picture; the caller projects it onto the threat model and decides whether it succeeded. */
export interface AttackPlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<'attack', P> {
  perturb(
    target: Detector,
    sample: LabeledImage,
    threat: Threat,
    params: z.infer<P>,
    run: RunContext,
  ): Promise<RgbImage>
}

/** What was proven, for one object. `certified` is true only when proven, never when unsure. */
export interface Certificate {
  readonly method: string
  readonly statement: string
  readonly threat: string
  readonly certified: boolean
  readonly radius?: number
  readonly unit: string
  readonly alpha?: number
  readonly assumptions: readonly string[]
  /** Parts of the answer by name, such as whether it holds for patches far from the object. */
  readonly details?: Readonly<Record<string, number | boolean | string>>
}

export interface CertificatePlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<
  'certificate',
  P
> {
  /** The defense that the certificate speaks of. */
  readonly defenseId: string
  /** One certificate per ground-truth object of `sample`, in order. */
  certify(
    detector: Detector,
    sample: LabeledImage,
    threat: Threat | PatchThreat,
    params: z.infer<P>,
    run: RunContext,
  ): Promise<readonly Certificate[]>
}

/** Which parts of a root an importer would take, shown before anything is imported. */
export interface Recognition {
  /** 0..1; the most certain importer is proposed. 0: not this format. */
  readonly certainty: number
  /** What was found, in one sentence: "COCO annotations with 5,000 images and 36,781 objects". */
  readonly summary: string
}

/**
 * Reads data sets. Streams: memory does not grow with the data set, except for ids. What is wrong with one record or file
 * is yielded as a problem and the rest goes on; what makes the whole import senseless is thrown.
 */
export interface ImporterPlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<
  'dataset-importer',
  P
> {
  /** Looks at names and first bytes only. */
  recognizes(files: FileSource): Promise<Recognition>
  read(files: FileSource, params: z.infer<P>, tools?: ImportTools): AsyncIterable<ImportRecord>
  /**
   * The records of `read`, in the same order, in lists: for formats with so many that handing them over one by one takes
   * longer than reading them. Used in place of `read` where it is there.
   */
  readInBatches?(
    files: FileSource,
    params: z.infer<P>,
    tools?: ImportTools,
  ): AsyncIterable<readonly ImportRecord[]>
}

/** Writes data sets and runs. Same content, same bytes. */
export interface DatasetExporterPlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<
  'dataset-exporter',
  P
> {
  /** The file that is written if the format is one file; null if it is a folder of files. */
  readonly fileName: string | null
  /** What this format cannot hold of `content`; empty if nothing is lost. */
  losses(content: DatasetContent, params: z.infer<P>): readonly Loss[]
  write(content: DatasetContent, sink: FolderSink, params: z.infer<P>): void
}

/** One image of a finished run, as exporters see it. */
export interface ReportImage {
  /** 1-based, in the order of the run, or the id of the ground truth file it was matched with. */
  readonly id: number
  /** Path as the user gave it, with `/` between its parts. */
  readonly file: string
  readonly width: number
  readonly height: number
  readonly sha256: string
  readonly detections: readonly Detection[]
  /** COCO RLE text by name, such as `raw` and `completed`. */
  readonly masks: Readonly<Record<string, string>>
  readonly notes: Readonly<Record<string, number | string | boolean | null>>
  readonly warnings: readonly string[]
  readonly stages?: readonly { readonly name: string; readonly ms: number }[]
}

export interface Report {
  readonly categories: readonly { readonly id: number; readonly name: string }[]
  /** What determines the results: detector, defense, parameters, digests. */
  readonly manifest: Readonly<Record<string, unknown>>
  /** In the order of the run. */
  readonly images: readonly ReportImage[]
}

/** Where an exporter writes: text goes out in order. */
export interface TextSink {
  write(text: string): void
}

/** Same report, same bytes. */
export interface ExporterPlugin<P extends z.ZodObject = z.ZodObject> extends PluginHead<
  'report-exporter',
  P
> {
  readonly extension: string
  write(report: Report, sink: TextSink, params: z.infer<P>): void
}

export type AnyPlugin =
  | DetectorPlugin
  | DefensePlugin
  | AttackPlugin
  | CertificatePlugin
  | CertifierPlugin
  | ImporterPlugin
  | DatasetExporterPlugin
  | ExporterPlugin
