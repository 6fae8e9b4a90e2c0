import { expect, test } from 'vitest'
import confidence from '../../src/certificates/certified-confidence/certifier'
import saliency from '../../src/certificates/certified-saliency/certifier'
import gaussian from '../../src/certificates/gaussian-smoothing/certifier'
import ablation from '../../src/certificates/randomized-ablation/certifier'
import wasserstein from '../../src/certificates/wasserstein-smoothing/certifier'
import type { CertifierPlugin } from '../../src/shared/plugin'

// What is meant where nothing is said, the ends of what is accepted, and what is told of a method before it runs.

interface Expected {
  readonly plugin: CertifierPlugin
  readonly defaults: Readonly<Record<string, unknown>>
  readonly accepted: readonly Readonly<Record<string, unknown>>[]
  readonly refused: readonly Readonly<Record<string, unknown>>[]
  readonly threat: { readonly norm: string; readonly unit: string }
  readonly output?: 'attribution'
  readonly channelFactor?: 2
  readonly plan: { readonly total: number; readonly selection: number }
}

const l2 = { norm: 'L2', unit: 'L2 distance on 0..1 pixels' }
const seeds = [{ seed: -1 }, { seed: 4_294_967_296 }]
const chances = [{ alpha: 0 }, { alpha: 1 }]
const sigmas = [{ sigma: 0 }, { sigma: 100.5 }]

const methods: readonly Expected[] = [
  {
    plugin: gaussian,
    defaults: {
      ...{ bound: 'first-order', sigma: 0.25, selection: 100, estimation: 100_000 },
      ...{ alpha: 0.001, seed: 0 },
    },
    accepted: [{ sigma: 100, selection: 1, estimation: 2, seed: 4_294_967_295 }],
    refused: [...seeds, ...chances, ...sigmas, { bound: 'third-order' }, { selection: 0 }],
    threat: l2,
    plan: { total: 100_100, selection: 100 },
  },
  {
    plugin: confidence,
    defaults: {
      ...{ measure: 'score', bound: 'distribution', threshold: 0.5, gap: 1, sigma: 0.25 },
      ...{ selection: 100, estimation: 100_000, alpha: 0.001, seed: 0 },
    },
    accepted: [{ threshold: -0.99 }, { threshold: 0.99 }, { gap: 1 }],
    refused: [...seeds, ...chances, ...sigmas, { threshold: 1 }, { threshold: -1 }, { gap: 0 }],
    threat: l2,
    plan: { total: 100_100, selection: 100 },
  },
  {
    plugin: wasserstein,
    defaults: {
      ...{ standardDeviation: 0.01, ground: 'l2', tight: false },
      ...{ selection: 1000, estimation: 10_000, alpha: 0.05, seed: 0 },
    },
    accepted: [{ standardDeviation: 10 }],
    refused: [...seeds, ...chances, { standardDeviation: 0 }, { standardDeviation: 10.5 }],
    threat: { norm: 'W1', unit: 'px that brightness moves on average, straight (W1 distance)' },
    plan: { total: 11_000, selection: 1000 },
  },
  {
    plugin: saliency,
    defaults: {
      ...{ rho: 0.03, sigma: 0.1, tau: 0.1, topFraction: 0.2 },
      ...{ estimation: 8192, alpha: 0.05, seed: 0 },
    },
    accepted: [{ rho: 0, tau: 1, topFraction: 0.5, estimation: 1, seed: 4_294_967_295 }],
    refused: [
      ...[...seeds, ...chances, ...sigmas, { rho: -0.1 }, { rho: 1000.5 }, { tau: 0 }],
      ...[{ tau: 1.01 }, { topFraction: 0 }, { topFraction: 0.51 }, { estimation: 0 }],
    ],
    threat: l2,
    output: 'attribution',
    plan: { total: 8192, selection: 0 },
  },
  {
    plugin: ablation,
    defaults: {
      ...{ retained: 45, encoding: 'pair', mean: [] },
      ...{ selection: 1000, estimation: 10_000, alpha: 0.05, seed: 0 },
    },
    accepted: [{ retained: 1, selection: 1, seed: 0 }],
    refused: [...seeds, ...chances, { retained: 0 }, { selection: 0 }],
    threat: { norm: 'L0', unit: 'px' },
    channelFactor: 2,
    plan: { total: 11_000, selection: 1000 },
  },
]

test.each(methods)(
  '$plugin.id',
  ({ plugin, defaults, accepted, refused, threat, output, channelFactor = 1, plan }) => {
    const params = plugin.params.parse({})
    expect(params).toEqual(defaults)
    for (const one of accepted) expect(plugin.params.safeParse(one).success).toBe(true)
    for (const one of refused) expect(plugin.params.safeParse(one).success).toBe(false)
    expect(plugin.describe(params)).toEqual({
      ...{ threat, guarantee: 'probabilistic', channelFactor, output: output ?? 'logits' },
    })
    const shape = { channels: 1, height: 8, width: 8 }
    const sample = { ...shape, channels: channelFactor }
    expect(plugin.plan({ params, shape, classes: 4 })).toEqual({ ...plan, sample, resumable: true })
    expect(plugin.begin({ params, shape, classes: 4 }).next).toBe(0)
  },
)

test('along rows and columns the Wasserstein distance has another unit', () => {
  const { threat } = wasserstein.describe(wasserstein.params.parse({ ground: 'l1' }))
  expect(threat.unit).toBe(
    'px that brightness moves on average, along rows and columns (W1 distance)',
  )
})
