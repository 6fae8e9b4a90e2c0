import { z } from 'zod'
import { certifiers } from '../certificates'
import { objectSeekerCertificate } from '../defenses/masking/objectseeker-certificate'
import { certifierSettings, isTrainedFor } from '../engine/certify-smoothing/certifier-settings'
import { openModelStore } from '../engine/models/model-store'
import type { Locations } from '../engine/vision-job'
import type { Output } from '../shared/api'
import { AppError, toErrorRecord } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'
import type { CertifierPlugin } from '../shared/plugin'
import { parseClassifierCard } from '../shared/plugin/classifier-card'

type Method = Output<'certificates.methods'>['methods'][number]
type Model = Method['models'][number]

/** The card's to say, or as long as a picture: no control is shown for them. */
const hidden = ['template', 'encoding', 'mapPatch']

/** A calculator makes no certificate: its figures are told where a certificate says no. */
const calculators = ['smoothing-limits']

/** Every method, and for each model on this machine whether it can be certified with it, or why not. */
export async function certificateMethods(locations: Locations): Promise<Method[]> {
  const listings = await (await openModelStore(locations)).list()
  const cards = listings.flatMap(({ card, available, error }) =>
    available && card && !error ? [card] : [],
  )
  const ofTask = (task: string) => cards.filter((card) => card.task === task)
  return [
    ...[...certifiers.values()]
      .filter(({ id }) => !calculators.includes(id))
      .map((certifier) => smoothing(certifier, ofTask('classify'))),
    objects(ofTask('detect')),
  ]
}

function smoothing(certifier: CertifierPlugin, cards: readonly ModelCard[]): Method {
  const initial: Record<string, unknown> = certifier.params.parse({})
  const { threat, guarantee, output } = certifier.describe(initial)
  const models = cards.map((card) => fitOf(certifier, card))
  return {
    ...headOf(certifier),
    ...{ guarantee, about: 'classes', unit: threat.unit },
    asks: threat.norm === 'patch' ? 'patch' : 'radius',
    models,
    refusal:
      output === 'attribution' && models.every(({ refusal }) => refusal !== null)
        ? needsAttribution
        : null,
  }
}

const needsAttribution =
  'It explains single pixels, and needs a model that also returns a score for each of them, such as its gradient. No model here does.'

function fitOf(certifier: CertifierPlugin, card: ModelCard): Model {
  const { id, name = id } = card
  try {
    requireEncoding(certifier.id, card)
    const classifier = parseClassifierCard(card)
    const defaults = shownSettings(certifierSettings(certifier, classifier, {}))
    return { id, name, refusal: null, isTrained: isTrainedFor(certifier.id, classifier), defaults }
  } catch (error) {
    return { id, name, refusal: toErrorRecord(error).message, isTrained: false, defaults: {} }
  }
}

function objects(cards: readonly ModelCard[]): Method {
  const defaults = shownSettings(objectSeekerCertificate.params.parse({}))
  return {
    ...headOf(objectSeekerCertificate),
    ...{ guarantee: 'deterministic', about: 'objects', unit: 'px', asks: 'patch', refusal: null },
    models: cards.map(({ id, name = id }) => ({
      id,
      name,
      refusal: null,
      isTrained: true,
      defaults,
    })),
  }
}

interface Head {
  readonly id: string
  readonly name: string
  readonly summary: string
  readonly reference?: string
  readonly params: z.ZodObject
}

function headOf({ id, name, summary, reference = '', params }: Head) {
  const { properties = {}, ...schema } = z.toJSONSchema(params, {
    io: 'input',
    unrepresentable: 'any',
  })
  return {
    ...{ id, name, summary, reference },
    params: plain({ ...schema, properties: shownSettings(properties) }),
  }
}

const shownSettings = (settings: Readonly<Record<string, unknown>>) =>
  plain(Object.fromEntries(Object.entries(settings).filter(([key]) => !hidden.includes(key))))

/** Schemas and settings are plain values; JSON drops what is undefined. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Method['params']

/**
 * Methods that hide pixels need a model that has learned what hidden ones look like: without, certificates hold all the
 * same, but almost nothing is certified, and nobody at a screen should wait for that.
 * @throws AppError E_CERTIFIER_MODEL
 */
export function requireEncoding(method: string, { id, input }: ModelCard): void {
  const hidesPixels = method === 'derandomized-smoothing' || method === 'randomized-ablation'
  if (!hidesPixels || input.encoding === 'pair') return
  throw new AppError(
    'E_CERTIFIER_MODEL',
    `The model "${id}" does not know hidden pixels: its card names no ablation encoding.`,
    'Choose a model whose card does, such as crops-columns.',
  )
}
