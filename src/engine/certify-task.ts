import {
  certifySample,
  objectSeekerCertificate,
} from '../defenses/masking/objectseeker-certificate'
import { parsePatchSize } from '../defenses/masking/patch-size'
import type { CertificateRecord } from '../shared/certificate-record'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import { modelCardInvalid } from '../shared/model-errors'
import { type ModelHost, parseParams, type RunContext } from '../shared/plugin'
import { parseClassifierCard } from '../shared/plugin/classifier-card'
import type { RgbImage } from '../shared/vision'
import { certifyPicture } from './certify-smoothing/certify-picture'
import {
  certifierFor,
  certifierSettings,
  isTrainedFor,
} from './certify-smoothing/certifier-settings'
import { sampleModel } from './certify-smoothing/sample-model'
import { openDetector } from './detector'
import { type PictureProgress, someSteps } from './picture-progress'
import type { CertifySubject, CertifyTask, VisionItem } from './vision-job'

/** Asked about where nothing is said: the size that most of the literature gives figures for. */
export const DEFAULT_OBJECT_PATCH = '2%'

type CertifiedItem = Pick<VisionItem, 'path' | 'subjects' | 'subjectsOf' | 'partial'>

interface OpenedCertification {
  readonly classNames: readonly string[]
  process(
    item: CertifiedItem,
    decoded: { readonly image: RgbImage; readonly sha256: string },
    run: RunContext,
    newRun: () => RunContext,
    tell: (progress: PictureProgress) => void,
  ): Promise<{
    readonly detections: readonly []
    readonly certificates: readonly CertificateRecord[]
  }>
}

/**
 * Opens a model for certificates.
 * @throws AppError E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_TASK, E_SETTING_…, and what loading a model throws
 */
export function openCertification(
  task: CertifyTask,
  models: ModelHost,
): Promise<OpenedCertification> {
  return task.method === objectSeekerCertificate.id
    ? openObjects(task, models)
    : openClasses(task, models)
}

/** The class of the whole picture, or of each box. */
async function openClasses(task: CertifyTask, models: ModelHost): Promise<OpenedCertification> {
  const certifier = certifierFor(task.method)
  const loaded = await models.load(task.model)
  if (loaded.card.task !== 'classify') {
    throw new AppError(
      'E_MODEL_TASK',
      `the model ${loaded.card.id} has the task ${loaded.card.task}, ${task.method} needs classify`,
      'Choose a model that "patchwarden models list" shows as classify.',
    )
  }
  const card = parseClassifierCard(loaded.card)
  if (card.classes.length === 0) {
    throw modelCardInvalid(`card of model "${card.id}"`, 'classes: a classifier needs their names')
  }
  const params = certifierSettings(certifier, card, task.params)
  const certification = {
    ...{ certifier, params, card },
    model: sampleModel(loaded, card, certifier.describe(params).output),
    ...(task.patch === undefined ? {} : { patch: task.patch }),
    ...(task.radius === undefined ? {} : { radius: task.radius }),
  }
  const isTrained = isTrainedFor(certifier.id, card)
  return {
    classNames: card.classes,
    async process(item, { image, sha256 }, run, _newRun, tell) {
      requireSame(item, sha256)
      const step = someSteps(tell)
      if (!isTrained) {
        run.warn(
          `W_CERTIFIER_UNTRAINED the model ${card.id} was not trained on pictures as ${certifier.id} makes them: its certificates hold, and will be small`,
        )
      }
      const wanted: readonly Partial<CertifySubject>[] = item.subjects ?? [{}]
      // What was counted of other bytes is not about this picture.
      const cut = item.partial?.sha256 === sha256 ? item.partial : null
      const certificates = [...(cut?.certificates ?? [])]
      for (const [at, subject] of wanted.entries()) {
        if (at < (cut?.subject ?? 0)) continue
        const record = await run.stage('certify', () =>
          certifyPicture(certification, image, sha256, subject, {
            signal: run.signal,
            ...(at === cut?.subject ? { state: cut.state } : {}),
            onBatch(state, total) {
              const samples = { done: at * total + state.next, total: wanted.length * total }
              step({ ...samples, unit: 'samples' }, () => ({
                ...{ sha256, certificates: [...certificates], subject: at, state },
              }))
            },
          }),
        )
        if (record === null) {
          run.warn(`W_BOX_OUTSIDE a box lies outside of the picture and was left out`)
        } else certificates.push(record)
      }
      return { detections: [], certificates }
    },
  }
}

/** Whether a patch can hide objects from the detector behind ObjectSeeker. */
async function openObjects(task: CertifyTask, models: ModelHost): Promise<OpenedCertification> {
  const settings = parseParams(task.method, objectSeekerCertificate.params, task.params)
  const detector = await openDetector(task.model, models, task.scoreThreshold)
  await detector.prepare?.()
  const { card } = await models.load(task.model)
  return {
    classNames: detector.classNames,
    async process(item, { image, sha256 }, run, _newRun, tell) {
      requireSame(item, sha256)
      const step = someSteps(tell)
      const told: RunContext = {
        ...run,
        progress(done, total) {
          step({ done, total, unit: 'masked pictures' })
        },
      }
      const patch = parsePatchSize(task.patch ?? DEFAULT_OBJECT_PATCH, image)
      const known: readonly CertifySubject[] =
        item.subjects ??
        (await run.stage('detect', () => detector.detect(image, run))).map(({ box, classId }) => ({
          box,
          boxClass: detector.classNames[classId] ?? `class ${classId}`,
        }))
      const objects = known.map(({ box, boxClass }) => ({
        box,
        // A class that the detector does not know is none of its own: nothing is proven of it.
        classId: detector.classNames.indexOf(boxClass ?? ''),
      }))
      const sample = { name: '', image, objects }
      const found = await certifySample(detector, sample, { patch }, settings, told)
      const certificates = found.certificates.map((certificate, i): CertificateRecord => {
        const { box, boxClass, objectId } = known[i] ?? { box: [0, 0, 0, 0] }
        const isKnown = objects[i]?.classId !== -1 || !settings.classAware
        return {
          ...(objectId === undefined ? {} : { objectId }),
          ...certificate,
          guarantee: 'deterministic',
          ...(isKnown
            ? {}
            : { statement: `Not proven: the detector has no class "${boxClass ?? ''}".` }),
          box,
          ...(boxClass === undefined ? {} : { boxClass }),
          params: settings,
          details: { ...certificate.details, patchWidth: patch.width, patchHeight: patch.height },
          modelId: card.id,
          modelDigest: card.sha256,
          imageDigest: sha256,
        }
      })
      return { detections: [], certificates }
    },
  }
}

/** @throws AppError E_FILE_CHANGED */
function requireSame(
  { path, subjectsOf }: Pick<VisionItem, 'path' | 'subjectsOf'>,
  sha256: string,
) {
  if (subjectsOf === undefined || subjectsOf === sha256) return
  throw new AppError(
    'E_FILE_CHANGED',
    `${showPath(path)} has changed since its boxes were found`,
    'Run the detector again and certify the new run.',
  )
}
