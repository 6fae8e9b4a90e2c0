import { ablationOf, settingsSchema } from '../../certificates/derandomized-smoothing/settings'
import { parsePatchSize } from '../../defenses/masking/patch-size'
import type { CertificateRecord } from '../../shared/certificate-record'
import type { JsonValue } from '../../shared/dataset'
import type { CertifierPlugin, SmoothingFinding, TallyState } from '../../shared/plugin'
import type { ClassifierCard } from '../../shared/plugin/classifier-card'
import type { BoxXyxy, RgbImage } from '../../shared/vision'
import { cropOf, type ModelPicture, modelPicture, pixelsOf } from './model-picture'
import { patchAnswer } from './patch-answer'
import { runCertifier } from './run-certifier'
import type { SampleModel } from './sample-model'

/** How pictures are certified: a method with its settings, a model, and the size that is asked about. */
export interface Certification {
  readonly certifier: CertifierPlugin
  readonly params: Readonly<Record<string, unknown>>
  readonly model: SampleModel
  readonly card: ClassifierCard
  /** For patches, as people write it: `2%` of the picture or box, `64`, `64x32`. The run ends once it is answered. */
  readonly patch?: string
  /** For other changes, in the unit of the method. */
  readonly radius?: number
}

/** What a certificate is about: a box with what it was called, or the whole picture. */
export interface Subject {
  readonly box?: BoxXyxy
  readonly boxClass?: string
  readonly objectId?: number
}

export interface CertifyRun {
  readonly signal: AbortSignal
  readonly onBatch?: (state: TallyState, total: number) => void
  /** Where an earlier attempt at the same certificate had come to. */
  readonly state?: TallyState
}

/**
 * Certifies the class of a picture, or of the part of it that a box cuts out. Sizes of patches are pixels of `image`.
 * Null for a box outside of the picture.
 * @throws AppError E_PATCH_SIZE, E_SETTING_INVALID and what running a model throws
 */
export async function certifyPicture(
  certification: Certification,
  image: RgbImage,
  imageDigest: string,
  subject: Subject,
  run: CertifyRun,
): Promise<CertificateRecord | null> {
  const { certifier, params, model, card } = certification
  const pixels = subject.box === undefined ? null : pixelsOf(subject.box, image)
  if (subject.box !== undefined && pixels === null) return null
  const crop = pixels === null ? image : cropOf(image, pixels)
  const seen = modelPicture(card, crop)
  const job = { params, shape: seen.picture, classes: model.classes }
  const asked = askedOf(certification, crop, seen, pixels, job.classes)
  const counted = await runCertifier({
    ...{ certifier, job, picture: seen.picture, model },
    ...run,
    // A certificate that may be stopped looks often enough for that to save something.
    ...(asked.settled === null ? {} : { batch: 16, settled: asked.settled }),
  })
  const finding = certifier.certify(counted.state, job)
  const isCut = counted.state.next < counted.total
  const isExplanation = certifier.describe(params).output === 'attribution'
  const about = asked.describe(finding, counted.state, counted.answer, isCut)
  return {
    ...(subject.objectId === undefined ? {} : { objectId: subject.objectId }),
    method: finding.method,
    guarantee: finding.guarantee,
    ...(finding.alpha === undefined ? {} : { alpha: finding.alpha }),
    ...about,
    ...(subject.box === undefined ? {} : { box: subject.box }),
    ...(subject.boxClass === undefined ? {} : { boxClass: subject.boxClass }),
    // A run that ended with "no" had not counted enough to say which class it is; an explanation is about none.
    ...((isCut && counted.answer !== true) || isExplanation
      ? {}
      : { class: finding.class === null ? null : (card.classes[finding.class] ?? null) }),
    votes: votesByName(finding.votes, card.classes),
    total: finding.total,
    params: storedParams(finding.params, card),
    details: {
      ...(finding.bounds ?? {}),
      ...about.details,
      ...(isCut ? { samples: counted.state.next } : {}),
    },
    modelId: card.id,
    modelDigest: card.sha256,
    imageDigest,
  }
}

type About = Pick<
  CertificateRecord,
  'statement' | 'threat' | 'certified' | 'radius' | 'unit' | 'assumptions'
> & { readonly details: Readonly<Record<string, JsonValue>> }

interface Asked {
  /** Null where nothing was asked that could end the run early. */
  readonly settled: ((state: TallyState) => boolean | null) | null
  describe(
    finding: SmoothingFinding,
    state: TallyState,
    answer: boolean | null,
    isCut: boolean,
  ): About
}

function askedOf(
  certification: Certification,
  crop: RgbImage,
  seen: ModelPicture,
  pixels: BoxXyxy | null,
  classes: number,
): Asked {
  const { certifier, params, patch } = certification
  if (certifier.describe(params).threat.norm !== 'patch') {
    return otherChange(certification, seen, crop, pixels !== null, classes)
  }
  const settings = settingsSchema.parse(params) // the one method about patches
  const size = patch === undefined ? null : parsePatchSize(patch, crop)
  return patchAnswer({
    ...{ certifier, settings, classes, size, seen, crop },
    ablation: ablationOf(settings, seen.picture),
    box: pixels,
  })
}

/** Changes that are not patches are measured in the model's own picture. */
function otherChange(
  { certifier, params, radius }: Certification,
  seen: ModelPicture,
  crop: RgbImage,
  isCrop: boolean,
  classes: number,
): Asked {
  const job = { params, shape: seen.picture, classes }
  return {
    settled:
      radius === undefined || radius <= 0 ? null : (state) => certifier.settled(state, radius, job),
    describe: (finding) => ({
      statement: finding.statement,
      threat: `any change of the picture, measured as ${finding.threat.unit}`,
      // Asked about no change at all, nothing is certified where nothing is.
      certified: finding.radius > 0 && finding.radius >= (radius ?? 0),
      radius: finding.radius,
      unit: finding.threat.unit,
      assumptions: [
        ...finding.assumptions,
        ...(finding.total === 0
          ? [] // a calculator asks no model
          : ['The model gives the same answer whenever it is given the same sample.']),
        ...(seen.isResized
          ? [
              `The ${isCrop ? 'box' : 'picture'} of ${crop.width} x ${crop.height} pixels is resized for the model first; the change is measured after it.`,
            ]
          : []),
        ...(isCrop ? ['The box is taken as it is: an attack may move or suppress it.'] : []),
      ],
      details: {
        ...(radius === undefined ? {} : { asked: radius }),
        ...(finding.largestInteger === undefined ? {} : { largestInteger: finding.largestInteger }),
        ...(finding.details ?? {}),
      },
    }),
  }
}

function votesByName(votes: readonly number[], names: readonly string[]): Record<string, number> {
  const some = votes.flatMap((count, c): [string, number][] =>
    count > 0 ? [[names[c] ?? `class ${c}`, count]] : [],
  )
  return Object.fromEntries(some.sort((a, b) => b[1] - a[1]))
}

/** Lists as long as the picture that are the card's own are known by the model's digest. */
function storedParams(
  params: SmoothingFinding['params'],
  { output: { smoothing } }: ClassifierCard,
): Record<string, JsonValue> {
  const { template, ...rest } = params
  if (!Array.isArray(template) || template.length === 0) return { ...params }
  const isOfCard =
    smoothing?.method === 'splitting-noise' &&
    smoothing.template.length === template.length &&
    smoothing.template.every((offset, i) => offset === template[i])
  return isOfCard ? { ...rest, template: 'of the card' } : { ...params }
}
