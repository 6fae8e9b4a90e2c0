import { z } from 'zod'
import { certifiers } from '../certificates'
import {
  type CertificateMethod,
  certificateMethod,
  certificateMethods as methodsById,
} from '../engine/certificate-method'
import { openModelStore } from '../engine/models/model-store'
import type { Locations } from '../engine/vision-job'
import type { Output } from '../shared/api'
import { AppError, toErrorRecord } from '../shared/errors'
import type { ModelCard } from '../shared/model-card'
import type { CertifierPlugin } from '../shared/plugin'

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
  const masking = [...methodsById.values()].filter(({ id }) => !certifiers.has(id))
  return [
    ...[...certifiers.values()]
      .filter(({ id }) => !calculators.includes(id))
      .map((certifier) => smoothing(certifier, ofTask('classify'))),
    ...masking.map((method) =>
      masked(method, ofTask(method.about === 'objects' ? 'detect' : 'classify')),
    ),
  ]
}

function smoothing(certifier: CertifierPlugin, cards: readonly ModelCard[]): Method {
  const method = certificateMethod(certifier.id)
  const initial: Record<string, unknown> = certifier.params.parse({})
  const { threat, guarantee, output } = certifier.describe(initial)
  const models = cards.map((card) => fitOf(method, card))
  return {
    ...headOf(method),
    ...{ guarantee, unit: threat.unit },
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

function fitOf(method: CertificateMethod, card: ModelCard): Model {
  const { id, name = id } = card
  try {
    requireEncoding(method.id, card)
    const defaults = shownSettings(method.settings(card, {}))
    return { id, name, refusal: null, isTrained: method.isTrained(card), defaults }
  } catch (error) {
    return { id, name, refusal: toErrorRecord(error).message, isTrained: false, defaults: {} }
  }
}

/** Methods that hide parts of the picture itself take any model of their task, and ask about one size. */
function masked(method: CertificateMethod, cards: readonly ModelCard[]): Method {
  return {
    ...headOf(method),
    ...{ guarantee: 'deterministic', unit: 'px', asks: 'patch', refusal: null },
    models: cards.map((card) => fitOf(method, card)),
  }
}

function headOf(method: CertificateMethod) {
  const { id, name, summary, reference = '', params, about, defaultPatch } = method
  const { properties = {}, ...schema } = z.toJSONSchema(params, {
    io: 'input',
    unrepresentable: 'any',
  })
  return {
    ...{ id, name, summary, reference, about, defaultPatch },
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
