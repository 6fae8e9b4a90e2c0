import { defenses } from '../defenses'
import { segmentationFields } from '../defenses/segment-and-complete'
import { findPatches, findRawPatches } from '../defenses/segment-and-complete/find-patches'
import { probabilities } from '../defenses/segment-and-complete/segmenter'
import { AppError } from '../shared/errors'
import {
  type DefenseHost,
  type Detector,
  type LoadedModel,
  type ModelHost,
  parseParams,
  type RunContext,
  type Trace,
} from '../shared/plugin'
import type { Mask } from '../shared/vision'
import { maskToText } from '../shared/vision/rle-text'
import { z } from 'zod'
import { annotatedPicture } from './images/annotate'
import { decodeImage, type DecodedImage } from './images/decode-image'
import { decodePart } from './import/decode-part'
import { openCertification } from './certify-task'
import { openDetector } from './detector'
import { maskToPng, probabilitiesToPng } from './images/encode-png'
import { inpaint } from './images/inpaint'
import { openModelStore } from './models/model-store'
import { createRunContext } from './run-context'
import { createModelHost } from './models/sessions'
import type { PictureProgress } from './picture-progress'
import type { VisionItem, VisionJob, VisionResult, VisionTask, WorkerReady } from './vision-job'
import { writeFileAtomic } from './files/write-file'

/** A job opened in a worker: models loaded, ready for pictures. */
export interface VisionTaskRunner {
  readonly ready: WorkerReady
  decode(item: VisionItem): Promise<TimedImage>
  process(item: VisionItem, decoded: TimedImage): Promise<VisionResult>
  /** Refuses what has not begun and ends a picture after its present stage; what is being written is written whole. */
  cancel(): void
}

export interface TimedImage extends Pick<DecodedImage, 'image' | 'sha256' | 'warnings'> {
  readonly decodeMs: number
}

/**
 * Opens the models of a job. `tell` hears how far a picture is that takes long.
 * @throws AppError whatever is wrong with a model, a card or a setting
 */
export async function openVisionTask(
  job: VisionJob,
  tell?: (index: number, progress: PictureProgress) => void,
): Promise<VisionTaskRunner> {
  const store = await openModelStore(job.locations)
  const host = createModelHost({ store, threads: job.threads })
  const opened = new Map<string, LoadedModel>()
  const models: ModelHost = {
    async load(id) {
      const model = await host.load(id)
      opened.set(id, model)
      return model
    },
  }
  const answer = await openTask(job.task, models)
  const ending = new AbortController()
  return {
    cancel() {
      ending.abort(new DOMException('the run was cancelled', 'AbortError'))
    },
    ready: {
      classNames: answer.classNames,
      models: [...opened].map(([, model]) => ({ id: model.card.id, sha256: model.card.sha256 })),
    },
    async decode(item) {
      const start = performance.now()
      const limits = job.maxPixels === undefined ? {} : { maxPixels: job.maxPixels }
      const decoded = item.part
        ? await decodePart(sourceOf(item), item.part)
        : await decodeImage(sourceOf(item), { ...limits, name: item.path })
      return { ...decoded, decodeMs: performance.now() - start }
    },
    async process(item, decoded) {
      const warnings = decoded.warnings.map(({ code, message }) => `${code} ${message}`)
      const newRun = (): RunContext =>
        createRunContext({
          signal: ending.signal,
          seed: job.seed,
          digest: decoded.sha256,
          warn: (message) => warnings.push(message),
        })
      const run = newRun()
      ending.signal.throwIfAborted()
      const found = await answer.process(item, decoded, run, newRun, (progress) => {
        tell?.(item.index, progress)
      })
      const masks = await run.stage('pack masks', () => masksAsText(run.trace))
      return {
        index: item.index,
        sha256: decoded.sha256,
        width: decoded.image.width,
        height: decoded.image.height,
        masks,
        notes: Object.fromEntries(run.trace.notes),
        stages: [{ name: 'read picture', ms: decoded.decodeMs }, ...run.trace.stages],
        warnings,
        ...found,
      }
    },
  }
}

/** Bytes arrive from another process as a plain array. */
function sourceOf({ source }: VisionItem): string | Buffer {
  return typeof source === 'string' ? source : Buffer.from(source)
}

interface OpenedTask {
  readonly classNames: readonly string[]
  process(
    item: VisionItem,
    decoded: Pick<DecodedImage, 'image' | 'sha256'>,
    run: RunContext,
    newRun: () => RunContext,
    tell: (progress: PictureProgress) => void,
  ): Promise<Pick<VisionResult, 'detections' | 'before' | 'certificates'>>
}

function openTask(task: VisionTask, models: ModelHost): Promise<OpenedTask> {
  switch (task.kind) {
    case 'segment':
      return openSegmentation(task, models)
    case 'certify':
      return openCertification(task, models)
    case 'detect':
      return openDetection(task, models)
  }
}

async function openDetection(
  task: Extract<VisionTask, { kind: 'detect' }>,
  models: ModelHost,
): Promise<OpenedTask> {
  const bare = await openDetector(task.detector, models, task.scoreThreshold)
  const detector = task.defense ? defend(bare, task.defense.id, task.defense.params, models) : bare
  await detector.prepare?.()
  return {
    classNames: bare.classNames,
    async process(item, { image }, run, newRun) {
      const detections = await detector.detect(image, run)
      const handed = run.trace.image ?? image
      // A defense that changed nothing has just shown what the bare detector says.
      const before =
        !task.defense || !task.compare
          ? undefined
          : handed === image
            ? detections
            : await bare.detect(image, newRun())
      await writeMask(item, run)
      await writePicture(item.annotatedPath, run, () =>
        annotatedPicture({
          image,
          cleaned: handed,
          before: before ?? null,
          after: detections,
          classNames: bare.classNames,
          masks: Object.fromEntries(run.trace.masks),
        }),
      )
      return { detections, ...(before ? { before } : {}) }
    },
  }
}

function defend(
  detector: Detector,
  id: string,
  params: Readonly<Record<string, unknown>>,
  models: ModelHost,
): Detector {
  const plugin = defenses.get(id)
  if (!plugin) {
    throw new AppError(
      'E_DEFENSE_UNKNOWN',
      `there is no defense "${id}"`,
      `Choose one of ${[...defenses.keys()].join(', ')}.`,
    )
  }
  const host: DefenseHost = { models, inpaint }
  return plugin.wrap(detector, parseParams(id, plugin.params, params), host)
}

const segmentationSchema = z.object(segmentationFields)

async function openSegmentation(
  task: Extract<VisionTask, { kind: 'segment' }>,
  models: ModelHost,
): Promise<OpenedTask> {
  const settings = parseParams('segment', segmentationSchema, task.params)
  const model = await models.load(settings.segmenter)
  return {
    classNames: [],
    async process(item, { image }, run) {
      const find = task.raw ? findRawPatches : findPatches
      const { segmentation } = await find(image, model, settings, run)
      await writeMask(item, run)
      await writePicture(item.probabilityPath, run, () =>
        probabilitiesToPng(probabilities(segmentation), image.width, image.height),
      )
      return { detections: [] }
    },
  }
}

async function writeMask(item: VisionItem, run: RunContext): Promise<void> {
  const mask = run.trace.masks.get('completed') ?? run.trace.masks.get('raw')
  if (mask) await writePicture(item.maskPath, run, () => maskToPng(mask))
}

/** Not begun when the run is cancelled, whole once it is begun. A lost picture can be made again: no wait for the disk. */
async function writePicture(
  path: string | undefined,
  run: RunContext,
  encode: () => Promise<Uint8Array>,
): Promise<void> {
  if (path === undefined) return
  const bytes = await encode()
  run.signal.throwIfAborted()
  await writeFileAtomic(path, bytes, { durable: false })
}

function masksAsText(trace: Trace): Record<string, string> {
  const text = ([name, mask]: [string, Mask]): [string, string] => [name, maskToText(mask)]
  return Object.fromEntries([...trace.masks].map(text))
}
