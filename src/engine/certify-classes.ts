import { patchCleanser } from '../defenses/masking/patch-cleanser'
import { certifiers } from '../certificates'
import type { CertificateRecord } from '../shared/certificate-record'
import { AppError } from '../shared/errors'
import { modelCardInvalid } from '../shared/model-errors'
import { type LoadedModel, type ModelHost, parseParams } from '../shared/plugin'
import { type ClassifierCard, parseClassifierCard } from '../shared/plugin/classifier-card'
import type { RgbImage } from '../shared/vision'
import { certificateMethod } from './certificate-method'
import { type OpenedCertification, requireSame } from './certified-item'
import { certifyMasked } from './certify-masking/certify-masked'
import { certifyPicture, type CertifyRun, type Subject } from './certify-smoothing/certify-picture'
import { sampleModel } from './certify-smoothing/sample-model'
import { someSteps } from './picture-progress'
import type { CertifySubject, CertifyTask } from './vision-job'

/** One certificate of a picture or of a box in it; null for a box outside of it. */
type CertifyOne = (
  image: RgbImage,
  sha256: string,
  subject: Subject,
  run: CertifyRun,
) => Promise<CertificateRecord | null>

/**
 * The class of the whole picture, or of each box.
 * @throws AppError E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_TASK, E_SETTING_…, and what loading a model throws
 */
export async function openClasses(
  task: CertifyTask,
  models: ModelHost,
): Promise<OpenedCertification> {
  const method = certificateMethod(task.method)
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
  const params = method.settings(card, task.params)
  const certifyOne = certifyOneFor(task, loaded, card, params)
  const isTrained = method.isTrained(card)
  return {
    classNames: card.classes,
    async process(item, { image, sha256 }, run, _newRun, tell) {
      requireSame(item, sha256)
      const step = someSteps(tell)
      if (!isTrained) {
        run.warn(
          `W_CERTIFIER_UNTRAINED the model ${card.id} was not trained on pictures as ${method.id} makes them: its certificates hold, and will be small`,
        )
      }
      const wanted: readonly Partial<CertifySubject>[] = item.subjects ?? [{}]
      // What was counted of other bytes is not about this picture.
      const cut = item.partial?.sha256 === sha256 ? item.partial : null
      const certificates = [...(cut?.certificates ?? [])]
      for (const [at, subject] of wanted.entries()) {
        if (at < (cut?.subject ?? 0)) continue
        const record = await run.stage('certify', () =>
          certifyOne(image, sha256, subject, {
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

function certifyOneFor(
  { method, patch, radius }: CertifyTask,
  loaded: LoadedModel,
  card: ClassifierCard,
  params: Readonly<Record<string, unknown>>,
): CertifyOne {
  const certifier = certifiers.get(method)
  if (certifier === undefined) {
    const certification = {
      settings: parseParams(method, patchCleanser.params, params),
      model: sampleModel(loaded, card),
      card,
      patch: patch ?? certificateMethod(method).defaultPatch ?? '',
    }
    return (...asked) => certifyMasked(certification, ...asked)
  }
  const certification = {
    ...{ certifier, params, card },
    model: sampleModel(loaded, card, certifier.describe(params).output),
    ...(patch === undefined ? {} : { patch }),
    ...(radius === undefined ? {} : { radius }),
  }
  return (...asked) => certifyPicture(certification, ...asked)
}
