import type { z } from 'zod'
import { certifiers } from '../certificates'
import { objectSeekerCertificate } from '../defenses/masking/objectseeker-certificate'
import { patchCleanser } from '../defenses/masking/patch-cleanser'
import { AppError } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'
import { type CertifierPlugin, parseParams } from '../shared/plugin'
import { parseClassifierCard } from '../shared/plugin/classifier-card'
import { certifierSettings, isTrainedFor } from './certify-smoothing/certifier-settings'

type Values = Readonly<Record<string, unknown>>

/** A way to certify, whatever it rests on: what people choose by, and what it makes of a model. */
export interface CertificateMethod {
  readonly id: string
  readonly name: string
  readonly summary: string
  readonly reference?: string
  readonly params: z.ZodObject
  /** Of pictures or boxes the class, by a classifier; or known objects, by a detector. */
  readonly about: 'classes' | 'objects'
  /** Asked about where nothing is said; null: the largest that can be proven is found. */
  readonly defaultPatch: string | null
  /**
   * All settings for a model: its card's, then those that were given.
   * @throws AppError E_SETTING_UNKNOWN, E_SETTING_INVALID, E_CERTIFIER_MODEL, E_MODEL_CARD_INVALID
   */
  settings(card: ModelCard, given: Values): Values
  /** Whether sizes are those of patches, not of other changes. */
  isAboutPatches(settings: Values): boolean
  /** Whether the model was trained for it: else what is proven holds, and is little. */
  isTrained(card: ModelCard): boolean
}

/** The size that most of the literature gives figures for: masks have to be laid for one. */
const USUAL_PATCH = '2%'

export const certificateMethods: ReadonlyMap<string, CertificateMethod> = new Map(
  [
    masking(objectSeekerCertificate, 'objects'),
    masking(patchCleanser, 'classes'),
    ...[...certifiers.values()].map(smoothing),
  ].map((method) => [method.id, method]),
)

/** @throws AppError E_CERTIFIER_UNKNOWN */
export function certificateMethod(id: string): CertificateMethod {
  const method = certificateMethods.get(id)
  if (method) return method
  throw new AppError(
    'E_CERTIFIER_UNKNOWN',
    `there is no certificate method "${id}"`,
    `Choose one of ${[...certificateMethods.keys()].join(', ')}.`,
  )
}

type Head = Pick<CertificateMethod, 'id' | 'name' | 'summary' | 'reference' | 'params'>

function headOf({ id, name, summary, reference, params }: Head): Head {
  return { id, name, summary, params, ...(reference === undefined ? {} : { reference }) }
}

function masking(head: Head, about: CertificateMethod['about']): CertificateMethod {
  return {
    ...headOf(head),
    about,
    defaultPatch: USUAL_PATCH,
    settings(card, given) {
      if (about === 'classes') parseClassifierCard(card)
      return parseParams(head.id, head.params, given)
    },
    isAboutPatches: () => true,
    isTrained: () => true,
  }
}

function smoothing(certifier: CertifierPlugin): CertificateMethod {
  return {
    ...headOf(certifier),
    about: 'classes',
    defaultPatch: null,
    settings: (card, given) => certifierSettings(certifier, parseClassifierCard(card), given),
    isAboutPatches: (settings) => certifier.describe(settings).threat.norm === 'patch',
    isTrained: (card) => isTrainedFor(certifier.id, parseClassifierCard(card)),
  }
}
