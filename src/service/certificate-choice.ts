import { certificateMethod } from '../engine/certificate-method'
import { openModelStore } from '../engine/models/model-store'
import type { CertifyTask, Locations } from '../engine/vision-job'
import { parsePatchSize } from '../defenses/masking/patch-size'
import type { Attributes } from '../shared/dataset'
import { AppError } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'
import { parseParams } from '../shared/plugin'
import { requireTask } from './settings-models'

/** What somebody chose to certify with, from a form, a command line or the manifest of an earlier run. */
export interface CertificationChoice {
  readonly method: string
  /** Id of a model; on a command line also the path of an ONNX file. */
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

export const isAboutObjects = (method: string): boolean =>
  certificateMethod(method).about === 'objects'

/**
 * The method and model of a choice, checked against each other before any picture is opened.
 * @throws AppError E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_…, E_SETTING_…, E_PATCH_SIZE
 */
export async function certificationFor(
  locations: Locations,
  choice: CertificationChoice,
): Promise<FoundCertification> {
  const { model, patch, radius, scoreThreshold, seed = 0 } = choice
  const method = certificateMethod(choice.method)
  const isObjects = method.about === 'objects'
  const { card } = await (await openModelStore(locations)).resolve(model)
  requireTask(card, isObjects ? 'detect' : 'classify', method.id)
  const params = given(method.id, method.params, choice.params, seed)
  const settings: Record<string, unknown> = { ...method.settings(card, params) }
  const takesPatch = method.isAboutPatches(settings)
  if (takesPatch && radius !== undefined) throw notFor('a radius', method.id)
  if (!takesPatch && patch !== undefined) throw notFor('a patch size', method.id)
  if (!isObjects && scoreThreshold !== undefined) throw notFor('a score threshold', method.id)
  if (patch !== undefined) parsePatchSize(patch, { width: 1_000, height: 1_000 })
  const asked = patch ?? method.defaultPatch
  const { template: _template, ...shown } = settings // of the card, and as long as a picture
  return {
    card,
    seed,
    task: {
      kind: 'certify',
      ...{ method: method.id, model, params },
      ...(asked === null ? {} : { patch: asked }),
      ...(radius === undefined ? {} : { radius }),
      ...(scoreThreshold === undefined ? {} : { scoreThreshold }),
    },
    about: JSON.parse(
      JSON.stringify({
        method: method.id,
        model: { id: card.id, sha256: card.sha256 },
        settings: shown,
        patch: asked,
        radius: radius ?? null,
        scoreThreshold: isObjects ? (scoreThreshold ?? card.scoreThreshold) : null,
        given: { params, patch, radius, scoreThreshold, seed },
      }),
    ) as Attributes, // settings are plain values
  }
}

/** Checked, with the seed where the method has one: equal choices make equal runs. */
function given(
  method: string,
  schema: ReturnType<typeof certificateMethod>['params'],
  params: CertificationChoice['params'],
  seed: number,
): Record<string, unknown> {
  const all: Record<string, unknown> = parseParams(method, schema, params)
  const named = Object.fromEntries(Object.keys(params).map((key) => [key, all[key]]))
  return 'seed' in schema.shape && !('seed' in params) ? { ...named, seed } : named
}

const notFor = (what: string, method: string) =>
  new AppError(
    'E_SETTING_INVALID',
    `${what} means nothing to the method ${method}`,
    'Patch sizes are for methods about patches, radii for the others, and score thresholds for detectors: leave it out.',
  )
