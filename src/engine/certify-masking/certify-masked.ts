import {
  certificateCalls,
  certifyClass,
  type ClassifyHidden,
  type PatchCleanserSettings,
} from '../../defenses/masking/patch-cleanser'
import { parsePatchSize } from '../../defenses/masking/patch-size'
import type { HiddenRectangle } from '../../defenses/masking/covering-masks'
import type { CertificateRecord } from '../../shared/certificate-record'
import type { TallyState } from '../../shared/plugin'
import type { ClassifierCard } from '../../shared/plugin/classifier-card'
import type { RgbImage } from '../../shared/vision'
import type { CertifyRun, Subject } from '../certify-smoothing/certify-picture'
import { cropOf, pixelsOf } from '../certify-smoothing/model-picture'
import type { SampleModel } from '../certify-smoothing/sample-model'
import { maskedPicture } from './masked-picture'

export interface MaskedCertification {
  readonly settings: PatchCleanserSettings
  readonly model: SampleModel
  readonly card: ClassifierCard
  /** As people write it: `2%` of the picture or box, `64`, `64x32`. */
  readonly patch: string
}

/** What an interrupted certificate goes on from: the classes so far, in the order in which they were asked. */
interface MaskedState extends TallyState {
  readonly labels: readonly number[]
}

/** Masked pictures of one model run. */
const BATCH = 64

/**
 * Certifies that one patch of a size cannot change the class of a picture, or of the part that a box cuts out, behind
 * double masking. Null for a box outside of the picture.
 * @throws AppError E_PATCH_SIZE and what running a model throws; the reason of the abort, between batches
 */
export async function certifyMasked(
  { settings, model, card, patch }: MaskedCertification,
  image: RgbImage,
  imageDigest: string,
  subject: Subject,
  run: CertifyRun,
): Promise<CertificateRecord | null> {
  const pixels = subject.box === undefined ? null : pixelsOf(subject.box, image)
  if (subject.box !== undefined && pixels === null) return null
  const crop = pixels === null ? image : cropOf(image, pixels)
  const size = parsePatchSize(patch, crop)
  const total = certificateCalls(crop, size, settings)
  const labels: number[] = []
  const { grey } = settings
  const classify = hiddenClasses({ card, model, grey }, crop, run, labels, total)
  const about = pixels === null ? 'picture' : 'crop'
  const found = await certifyClass(crop, classify, card.classes, size, settings, about)
  const { classId, calls, ...certificate } = found
  const side = Math.min(size.width, size.height)
  return {
    ...(subject.objectId === undefined ? {} : { objectId: subject.objectId }),
    ...certificate,
    guarantee: 'deterministic',
    radius: certificate.certified ? side : 0,
    ...(subject.box === undefined ? {} : { box: subject.box }),
    ...(subject.boxClass === undefined ? {} : { boxClass: subject.boxClass }),
    class: classId === null ? null : (card.classes[classId] ?? null),
    votes: votesOf(labels, card.classes),
    total,
    params: { ...settings },
    details: {
      asked: side,
      patchWidth: size.width,
      patchHeight: size.height,
      ...(calls < total ? { samples: calls } : {}),
    },
    modelId: card.id,
    modelDigest: card.sha256,
    imageDigest,
  }
}

/**
 * Answers for parts of a picture that are hidden, by the model, in batches. They are added to `labels`, after those that an
 * earlier attempt had come to, which are not asked again.
 */
export function hiddenClasses(
  { card, model, grey }: Pick<MaskedCertification, 'card' | 'model'> & { readonly grey: number },
  crop: RgbImage,
  { signal, onBatch, state }: CertifyRun,
  labels: number[] = [],
  total = 0,
): ClassifyHidden {
  // The state of this method.
  const known = (state as MaskedState | undefined)?.labels ?? []
  const picture = maskedPicture(card, crop, grey)
  const { shape } = picture
  const each = shape.channels * shape.height * shape.width
  const answer = async (hidden: readonly (readonly HiddenRectangle[])[]): Promise<number[]> => {
    signal.throwIfAborted()
    const samples = model.lend(hidden.length * each)
    hidden.forEach((some, at) => {
      picture.hide(some, samples.subarray(at * each, (at + 1) * each))
    })
    const logits = await model.answer(samples, hidden.length, shape)
    model.giveBack(samples)
    return hidden.map((_, at) =>
      largest(logits.subarray(at * model.classes, (at + 1) * model.classes)),
    )
  }
  return async (hidden) => {
    const start = labels.length
    labels.push(...known.slice(start, start + hidden.length))
    while (labels.length < start + hidden.length) {
      const from = labels.length - start
      labels.push(...(await answer(hidden.slice(from, from + BATCH))))
      const now: MaskedState = { next: labels.length, labels: [...labels] }
      onBatch?.(now, total)
    }
    return labels.slice(start)
  }
}

/** Of equal logits the first. */
function largest(logits: Float32Array): number {
  let best = 0
  for (let at = 1; at < logits.length; at++) if (logits[at]! > logits[best]!) best = at
  return best
}

function votesOf(labels: readonly number[], names: readonly string[]): Record<string, number> {
  const votes = new Map<number, number>()
  for (const label of labels) votes.set(label, (votes.get(label) ?? 0) + 1)
  const ranked = [...votes].sort((p, q) => q[1] - p[1] || p[0] - q[0])
  return Object.fromEntries(
    ranked.map(([label, count]) => [names[label] ?? `class ${label}`, count]),
  )
}
