import {
  certifySample,
  objectSeekerCertificate,
} from '../defenses/masking/objectseeker-certificate'
import { parsePatchSize } from '../defenses/masking/patch-size'
import type { CertificateRecord } from '../shared/certificate-record'
import { type ModelHost, parseParams, type RunContext } from '../shared/plugin'
import { openClasses } from './certify-classes'
import { type OpenedCertification, requireSame } from './certified-item'
import { certificateMethod } from './certificate-method'
import { openDetector } from './detector'
import { someSteps } from './picture-progress'
import type { CertifySubject, CertifyTask } from './vision-job'

/**
 * Opens a model for certificates.
 * @throws AppError E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_TASK, E_SETTING_…, and what loading a model throws
 */
export function openCertification(
  task: CertifyTask,
  models: ModelHost,
): Promise<OpenedCertification> {
  return certificateMethod(task.method).about === 'objects'
    ? openObjects(task, models)
    : openClasses(task, models)
}

/** Whether a patch can hide objects from the detector behind ObjectSeeker. */
async function openObjects(task: CertifyTask, models: ModelHost): Promise<OpenedCertification> {
  const { defaultPatch } = certificateMethod(task.method)
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
      const patch = parsePatchSize(task.patch ?? defaultPatch ?? '', image)
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
          assumptions: [
            ...certificate.assumptions,
            `The defended detector keeps boxes from a score of ${task.scoreThreshold ?? card.scoreThreshold} on, as here.`,
          ],
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
