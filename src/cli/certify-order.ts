import { certifiers } from '../certificates'
import { objectSeekerCertificate } from '../defenses/masking/objectseeker-certificate'
import { certifierFor, certifierSettings } from '../engine/certify-smoothing/certifier-settings'
import { DEFAULT_OBJECT_PATCH } from '../engine/certify-task'
import { openModelStore } from '../engine/models/model-store'
import type { CertifyTask, Locations } from '../engine/vision-job'
import type { Attributes } from '../shared/dataset'
import { AppError } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'
import { parseSettings } from '../shared/plugin'
import { parseClassifierCard } from '../shared/plugin/classifier-card'
import { requireTask } from './settings-models'

/** What of a command line decides what is certified. */
export interface CertificationFlags {
  readonly method?: string
  readonly model?: string
  readonly set?: readonly string[]
  readonly patch?: string
  readonly radius?: number
  readonly scoreThreshold?: number
  readonly seed: number
}

export interface ChosenCertification {
  readonly card: ModelCard
  readonly task: CertifyTask
  /** What reports and runs say of it. */
  readonly about: Attributes
}

/**
 * The method and model of a command line, checked against each other before any picture is opened.
 * @throws AppError E_USAGE, E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_…, E_SETTING_…
 */
export async function chosenCertification(
  locations: Locations,
  flags: CertificationFlags,
): Promise<ChosenCertification> {
  const { method, model, patch, radius, scoreThreshold } = flags
  if (method === undefined) {
    throw missing('--method', `Choose one of objectseeker, ${[...certifiers.keys()].join(', ')}.`)
  }
  const isObjects = method === objectSeekerCertificate.id
  const certifier = isObjects ? null : certifierFor(method)
  if (model === undefined) {
    throw missing(
      '--model',
      `"patchwarden models list" shows those for ${isObjects ? 'detect' : 'classify'}.`,
    )
  }
  const { card } = await (await openModelStore(locations)).resolve(model)
  requireTask(card, isObjects ? 'detect' : 'classify', `--method ${method}`)
  const schema = certifier === null ? objectSeekerCertificate.params : certifier.params
  const params = given(method, schema, flags)
  const settings =
    certifier === null
      ? objectSeekerCertificate.params.parse(params)
      : certifierSettings(certifier, parseClassifierCard(card), params)
  if (certifier !== null) refuseOtherSizes(certifier.describe(settings).threat.norm, flags)
  else if (radius !== undefined) throw notFor('--radius', method)
  if (certifier !== null && scoreThreshold !== undefined) throw notFor('--score-threshold', method)
  const asked = isObjects ? (patch ?? DEFAULT_OBJECT_PATCH) : patch
  const { template: _template, ...shown } = settings as Record<string, unknown> // of the card, and as long as a picture
  return {
    card,
    task: {
      kind: 'certify',
      ...{ method, model, params },
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
      }),
    ) as Attributes, // settings are plain values
  }
}

/** The settings that `--set` and `--seed` name: what is not named is the card's to say. */
function given(
  method: string,
  schema:
    | typeof objectSeekerCertificate.params
    | NonNullable<ReturnType<typeof certifiers.get>>['params'],
  { set = [], seed }: CertificationFlags,
): Record<string, unknown> {
  const all: Record<string, unknown> = parseSettings(method, schema, set)
  const keys = set.map((text) => text.slice(0, text.indexOf('=')))
  const named = Object.fromEntries(keys.map((key) => [key, all[key]]))
  return 'seed' in schema.shape && !keys.includes('seed') ? { ...named, seed } : named
}

function refuseOtherSizes(norm: string, { patch, radius, method = '' }: CertificationFlags): void {
  if (norm === 'patch' && radius !== undefined) throw notFor('--radius', method)
  if (norm !== 'patch' && patch !== undefined) throw notFor('--patch', method)
}

const notFor = (option: string, method: string) =>
  new AppError(
    'E_USAGE',
    `${option} means nothing to the method ${method}`,
    'Leave it out; "patchwarden certify --help" says what each method certifies.',
  )

const missing = (option: string, hint: string) =>
  new AppError('E_USAGE', `${option} is missing`, hint)
