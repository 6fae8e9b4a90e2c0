import { certifierFor, certifierSettings } from '../engine/certify-smoothing/certifier-settings'
import { DEFAULT_OBJECT_PATCH } from '../engine/certify-task'
import { openModelStore } from '../engine/models/model-store'
import type { CertifyTask, Locations } from '../engine/vision-job'
import { objectSeekerCertificate } from '../defenses/masking/objectseeker-certificate'
import { parsePatchSize } from '../defenses/masking/patch-size'
import type { Attributes } from '../shared/dataset'
import { AppError } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'
import { parseParams } from '../shared/plugin'
import { parseClassifierCard } from '../shared/plugin/classifier-card'
import { requireId } from './detection-choice'
import { requireTask } from './settings-models'

/** What somebody chose to certify with, from a form or from the manifest of an earlier run. */
export interface CertificationChoice {
  readonly method: string
  readonly model: string
  /** Settings that were given: those not named are the card's to say, or have their defaults. */
  readonly params: Readonly<Record<string, unknown>>
  /** `2%`, `64`, `64x32`; without it the largest is wanted. */
  readonly patch?: string | undefined
  /** For other changes, in the unit of the method. */
  readonly radius?: number | undefined
  readonly scoreThreshold?: number | undefined
  readonly seed?: number | undefined
}

export interface FoundCertification {
  readonly card: ModelCard
  readonly task: CertifyTask
  readonly seed: number
  /** What reports and runs say of it; `given` is what the same order is made of again. */
  readonly about: Attributes
}

export const isAboutObjects = (method: string): boolean => method === objectSeekerCertificate.id

/**
 * The method and model of a choice, checked against each other before any picture is opened.
 * @throws AppError E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_…, E_SETTING_…, E_PATCH_SIZE
 */
export async function certificationFor(
  locations: Locations,
  choice: CertificationChoice,
): Promise<FoundCertification> {
  const { method, model, patch, radius, scoreThreshold, seed = 0 } = choice
  const isObjects = isAboutObjects(method)
  const certifier = isObjects ? null : certifierFor(method)
  requireId(model)
  const { card } = await (await openModelStore(locations)).resolve(model)
  requireTask(card, isObjects ? 'detect' : 'classify', method)
  const schema = certifier?.params ?? objectSeekerCertificate.params
  const params = given(method, schema, choice.params, seed)
  const settings: Record<string, unknown> =
    certifier === null
      ? objectSeekerCertificate.params.parse(params)
      : { ...certifierSettings(certifier, parseClassifierCard(card), params) }
  const takesPatch = certifier === null || certifier.describe(settings).threat.norm === 'patch'
  if (takesPatch && radius !== undefined) throw notFor('radius', method)
  if (!takesPatch && patch !== undefined) throw notFor('patch', method)
  if (!isObjects && scoreThreshold !== undefined) throw notFor('scoreThreshold', method)
  if (patch !== undefined) parsePatchSize(patch, { width: 1_000, height: 1_000 })
  const asked = isObjects ? (patch ?? DEFAULT_OBJECT_PATCH) : patch
  const { template: _template, ...shown } = settings // of the card, and as long as a picture
  return {
    card,
    seed,
    task: {
      kind: 'certify',
      ...{ method, model: card.id, params },
      ...(asked === undefined ? {} : { patch: asked }),
      ...(radius === undefined ? {} : { radius }),
      ...(scoreThreshold === undefined ? {} : { scoreThreshold }),
    },
    about: JSON.parse(
      JSON.stringify({
        method,
        model: { id: card.id, sha256: card.sha256 },
        settings: shown,
        patch: asked ?? null,
        radius: radius ?? null,
        scoreThreshold: isObjects ? (scoreThreshold ?? card.scoreThreshold) : null,
        given: { params, patch, radius, scoreThreshold, seed },
      }),
    ) as Attributes, // settings are plain values
  }
}

type Schema = typeof objectSeekerCertificate.params | ReturnType<typeof certifierFor>['params']

/** Checked, with the seed where the method has one: equal choices make equal runs. */
function given(
  method: string,
  schema: Schema,
  params: CertificationChoice['params'],
  seed: number,
): Record<string, unknown> {
  const all: Record<string, unknown> = parseParams(method, schema, params)
  const named = Object.fromEntries(Object.keys(params).map((key) => [key, all[key]]))
  return 'seed' in schema.shape && !('seed' in params) ? { ...named, seed } : named
}

const notFor = (setting: string, method: string) =>
  new AppError(
    'E_SETTING_INVALID',
    `${setting} means nothing to ${method}`,
    'Patch sizes are for methods about patches, radii for the others, and scores for detectors: leave it out.',
  )
