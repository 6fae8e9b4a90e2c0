import { certificateMethod, certificateMethods } from '../engine/certificate-method'
import type { Locations } from '../engine/vision-job'
import { certificationFor, type FoundCertification } from '../service/certificate-choice'
import { AppError } from '../shared/errors'
import { parseSettings } from '../shared/plugin'

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

/**
 * The method and model of a command line, checked against each other before any picture is opened: the same order as one
 * from the app, so that either can go on with what the other began.
 * @throws AppError E_USAGE, E_CERTIFIER_UNKNOWN, E_CERTIFIER_MODEL, E_MODEL_…, E_SETTING_…, E_PATCH_SIZE
 */
export async function chosenCertification(
  locations: Locations,
  { method: id, model, set = [], ...asked }: CertificationFlags,
): Promise<FoundCertification> {
  if (id === undefined) {
    throw missing('--method', `Choose one of ${[...certificateMethods.keys()].join(', ')}.`)
  }
  const method = certificateMethod(id)
  if (model === undefined) {
    const task = method.about === 'objects' ? 'detect' : 'classify'
    throw missing('--model', `"patchwarden models list" shows those for ${task}.`)
  }
  return certificationFor(locations, {
    ...{ method: id, model, params: namedSettings(method, set) },
    ...{ patch: asked.patch, radius: asked.radius },
    ...{ scoreThreshold: asked.scoreThreshold, seed: asked.seed },
  })
}

/** The settings that `--set` names: what is not named is the card's to say. */
function namedSettings(
  { id, params }: ReturnType<typeof certificateMethod>,
  set: readonly string[],
): Record<string, unknown> {
  const all: Record<string, unknown> = parseSettings(id, params, set)
  const keys = set.map((text) => text.slice(0, text.indexOf('=')))
  return Object.fromEntries(keys.map((key) => [key, all[key]]))
}

const missing = (option: string, hint: string) =>
  new AppError('E_USAGE', `${option} is missing`, hint)
