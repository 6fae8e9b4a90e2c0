import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { openModelStore } from '../../../src/engine/models/model-store'
import { createModelHost } from '../../../src/engine/models/sessions'
import { modelCardSchema } from '../../../src/shared/model-card'
import type { ModelCard } from '../../../src/shared/model-card'
import { parseClassifierCard } from '../../../src/shared/plugin/classifier-card'
import { seededRandom } from '../../../src/shared/random'
import { hasSharedData, needsSharedData, sharedData } from '../../support/shared-data'
import { encodePairs, inBand, logitsOf, perturbed, smoothedClass } from '../../support/smoothed-classifier'
import type { Planes } from '../../support/smoothed-classifier'

const packageRoot = resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'classifiers-'))
const host = openModelStore({
  packageRoot,
  projectDir: join(folder, 'project'),
  cacheDir: join(folder, 'cache'),
}).then((store) => createModelHost({ store, threads: 1 }))
afterAll(async () => {
  await (await host).release()
  rmSync(folder, { recursive: true })
})

const classifiers = readdirSync(join(packageRoot, 'models'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'training')
  .map(({ name }) => join(packageRoot, 'models', name, 'model.json'))
  .map((file) => modelCardSchema.parse(JSON.parse(readFileSync(file, 'utf8'))))
  .filter(({ task }) => task === 'classify')
  .map((card) => [card.id, card] as const)

function noise({ input }: ModelCard, seed: number): Planes {
  const random = seededRandom(seed)
  const values = input.channels * input.width * input.height
  return Float32Array.from({ length: values }, () => Math.floor(random() * 256) / 255)
}

describe('shipped classifiers', () => {
  test('say what their pictures were like in training', () => {
    expect(classifiers.length).toBeGreaterThan(0)
    for (const [, card] of classifiers) {
      expect(parseClassifierCard(card).output.smoothing).toBeDefined()
    }
  })

  test.each(classifiers)('%s gives logits to a batch as to its pictures alone', async (id, card) => {
    const model = await (await host).load(id)
    const picture = noise(card, 3)
    const batch = perturbed(model, picture, 5, seededRandom(4))
    const together = await logitsOf(model, batch)
    expect(together.flatMap((row) => [...row]).every(Number.isFinite)).toBe(true)
    const values = batch.data.length / 5
    for (const [i, row] of together.entries()) {
      const [alone] = await logitsOf(model, {
        data: batch.data.slice(i * values, (i + 1) * values),
        dims: [1, ...batch.dims.slice(1)],
      })
      row.forEach((value, c) => {
        expect(value).toBeCloseTo(alone![c]!, 3)
      })
    }
    expect([...together[0]!]).not.toEqual([...together[1]!])
  })

  const columns = classifiers.filter(([, { output }]) =>
    JSON.stringify(output).includes('derandomized-smoothing'),
  )
  test.each(columns)('%s finds the band wherever it lies, around the edge too', async (id) => {
    const model = await (await host).load(id)
    const card = parseClassifierCard(model.card)
    const { smoothing } = card.output
    if (smoothing?.method !== 'derandomized-smoothing') throw new Error('not a column classifier')
    const { width } = card.input
    // Every column is alike but for its position, so only the place of the band can tell the logits apart...
    const flat = noise(card, 5).map((_, i, all) => all[Math.floor(i / width) * width]!)
    const positions = Array.from({ length: width }, (_, q) => inBand(q, smoothing.band, width))
    const byPlace = await logitsOf(model, encodePairs(card, flat, positions))
    expect(new Set(byPlace.map((row) => row.join())).size).toBe(width)
    // ...and a picture that changes outside the band alone looks the same through it.
    const [a, b] = [noise(card, 6), noise(card, 7)]
    for (const isKept of [positions[0]!, positions[width - 1]!]) {
      const mixed = a.map((value, i) => (isKept(i % width) ? value : b[i]!))
      const [first] = await logitsOf(model, encodePairs(card, a, [isKept]))
      const [second] = await logitsOf(model, encodePairs(card, mixed, [isKept]))
      expect(second).toEqual(first)
      const [other] = await logitsOf(model, encodePairs(card, b, [isKept]))
      expect(other).not.toEqual(first)
    }
  })
})

interface Labelled {
  readonly planes: Planes
  readonly label: number
}

function cifarTest(count: number): Labelled[] {
  const bytes = gunzipSync(readFileSync(join(sharedData, 'cifar10/test-1000.bin.gz')))
  return Array.from({ length: count }, (_, i) => {
    const row = bytes.subarray(3073 * i, 3073 * (i + 1))
    return { label: row[0]!, planes: Float32Array.from(row.subarray(1), (v) => v / 255) }
  })
}

function mnistTest(count: number): Labelled[] {
  const read = (name: string) => gunzipSync(readFileSync(join(sharedData, 'mnist', name)))
  const pixels = read('t10k-images-idx3-ubyte.gz').subarray(16)
  const labels = read('t10k-labels-idx1-ubyte.gz').subarray(8)
  return Array.from({ length: count }, (_, i) => ({
    label: labels[i]!,
    planes: Float32Array.from(pixels.subarray(784 * i, 784 * (i + 1)), (v) => v / 255),
  }))
}

// Few pictures and few samples: this proves that encoding, card and weights belong together, not how good they are.
describe.skipIf(!hasSharedData)(`shipped classifiers on test pictures${needsSharedData}`, () => {
  test.each([
    { id: 'cifar10-columns', pictures: () => cifarTest(16), copies: 32, least: 9 },
    { id: 'cifar10-splitting', pictures: () => cifarTest(16), copies: 48, least: 11 },
    { id: 'cifar10-gaussian', pictures: () => cifarTest(16), copies: 32, least: 11 },
    { id: 'mnist-columns', pictures: () => mnistTest(16), copies: 28, least: 14 },
    { id: 'mnist-ablation', pictures: () => mnistTest(16), copies: 48, least: 14 },
  ])('$id names $least of 16 at least', async ({ id, pictures, copies, least }) => {
    const model = await (await host).load(id)
    const random = seededRandom(1)
    let right = 0
    for (const { planes, label } of pictures()) {
      const found = await smoothedClass(model, perturbed(model, planes, copies, random))
      if (found === label) right += 1
    }
    expect(right).toBeGreaterThanOrEqual(least)
  })
})
