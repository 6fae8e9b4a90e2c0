import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { drawScene } from '../../../src/datasets/drawn-scenes'
import {
  type Certification,
  certifyPicture,
} from '../../../src/engine/certify-smoothing/certify-picture'
import { openDetector } from '../../../src/engine/detector'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { renderSvg } from '../../../src/engine/images/render-svg'
import { createRunContext } from '../../../src/engine/run-context'
import type { CertificateRecord } from '../../../src/shared/certificate-record'
import { seededRandom } from '../../../src/shared/random'
import type { BoxXyxy, RgbImage } from '../../../src/shared/vision'
import { hasSharedData, needsSharedData, sharedData } from '../../support/shared-data'
import { certify, shippedModels, signal } from './shipped-models'

const { models, certificationOf } = shippedModels('certify-picture')

interface Scene {
  readonly image: RgbImage
  readonly boxes: readonly BoxXyxy[]
}
let scene: Scene
let crops: Certification

beforeAll(async () => {
  const { image } = await decodeImageBytes(await renderSvg(drawScene(3).svg), 'scene')
  const detector = await openDetector('patchwarden-nano', await models, 0.4)
  const run = createRunContext({ signal, seed: 0, digest: '0'.repeat(64) })
  const found = await detector.detect(image, run)
  scene = { image, boxes: found.map(({ box }) => box) }
  crops = await certificationOf('crops-columns', 'derandomized-smoothing')
})

/** The boxes whose class is certified, with their certificates. */
async function certifiedBoxes(): Promise<readonly { box: BoxXyxy; record: CertificateRecord }[]> {
  const all = []
  for (const box of scene.boxes) {
    all.push({ box, record: await certify(crops, scene.image, { box }) })
  }
  return all.filter(({ record }) => record.certified)
}

/** Overwrites a strip of `width` columns from `left` on, over the whole height of the picture, with `paint`. */
function withStrip(
  image: RgbImage,
  left: number,
  width: number,
  paint: (pixel: number, channel: number) => number,
): RgbImage {
  const data = image.data.map((value, i) => {
    const pixel = Math.floor(i / 3)
    const x = pixel % image.width
    return x >= left && x < left + width ? paint(pixel, i % 3) : value
  })
  return { ...image, data }
}

describe('boxes of a drawn scene', () => {
  test('carry the sentence, their votes, and a map that says where a larger patch may win', async () => {
    const found = await certifiedBoxes()
    expect(found.length).toBeGreaterThan(3)
    for (const { box, record } of found) {
      const right = Math.min(scene.image.width, Math.round(box[2]))
      const width = right - Math.max(0, Math.round(box[0]))
      expect(record.statement).toBe(
        `The class of this crop cannot change under any one patch up to ${record.radius} px wide; the box's position is not certified.`,
      )
      expect(record).toMatchObject({ box, guarantee: 'deterministic', modelId: 'crops-columns' })
      expect(record.total).toBe(64)
      expect(record.params).toMatchObject({ band: 8, theta: 0.24, encoding: 'pair' })
      expect(Object.values(record.votes ?? {})[0]).toBe(record.votes?.[record.class ?? ''])
      const map = record.details?.['map'] as {
        patch: number
        places: number
        from: number
        vulnerable: [number, number][]
        harmless: [number, number][]
      }
      expect(map.patch).toBe(record.radius! + 1)
      expect(map.places).toBe(width - map.patch + 1)
      expect(map.vulnerable.length).toBeGreaterThan(0)
      for (const [from, to] of map.vulnerable) {
        expect(from).toBeGreaterThanOrEqual(map.from)
        expect(to).toBeLessThan(map.from + map.places)
        expect(from).toBeLessThanOrEqual(to)
      }
      // The map of every size says the same of the largest size that is proven, and of the one that is drawn.
      const isHarmless = (place: number, size: number): boolean =>
        place + size <= (map.harmless.findLast(([from]) => from <= place)?.[1] ?? 0)
      const placesOf = (size: number) =>
        Array.from({ length: width - size + 1 }, (_, k) => map.from + k)
      expect(placesOf(record.radius!).every((place) => isHarmless(place, record.radius!))).toBe(
        true,
      )
      for (const place of placesOf(map.patch)) {
        const isVulnerable = map.vulnerable.some(([from, to]) => place >= from && place <= to)
        expect(isHarmless(place, map.patch)).toBe(!isVulnerable)
      }
    }
  })

  test('keep their class under every strip of the certified width that attackers tried', async () => {
    const random = seededRandom(7)
    for (const { box, record } of (await certifiedBoxes()).slice(0, 3)) {
      const left = Math.max(0, Math.round(box[0]))
      const right = Math.min(scene.image.width, Math.round(box[2]))
      const stay = async (attacked: RgbImage): Promise<number> => {
        const after = await certify(crops, attacked, { box })
        expect(after.class).toBe(record.class)
        return marginOf(after, record.class ?? '')
      }
      const width = record.radius!
      const place = (): number => left + Math.floor(random() * (right - left - width + 1))
      const random256 = (): number => Math.floor(random() * 256)
      // Noise, flat colours and stripes at random places.
      for (let attempt = 0; attempt < 2; attempt++) {
        const colour = [random256(), random256(), random256()]
        await stay(withStrip(scene.image, place(), width, random256))
        await stay(withStrip(scene.image, place(), width, (_, channel) => colour[channel]!))
      }
      // Greedy: the worst place first, then blocks of it repainted while that hurts the margin.
      let worst = { image: scene.image, margin: Infinity, at: left }
      for (const at of [left, Math.floor((left + right - width) / 2), right - width]) {
        const image = withStrip(scene.image, at, width, random256)
        const margin = await stay(image)
        if (margin < worst.margin) worst = { image, margin, at }
      }
      for (let step = 0; step < 6; step++) {
        const colour = [255, 0, random256()]
        const top = Math.floor(random() * scene.image.height)
        const inBlock = (pixel: number): boolean => {
          const y = Math.floor(pixel / scene.image.width)
          return y >= top && y < top + 24
        }
        const image = withStrip(worst.image, worst.at, width, (pixel, channel) =>
          inBlock(pixel) ? colour[channel]! : worst.image.data[3 * pixel + channel]!,
        )
        const margin = await stay(image)
        if (margin < worst.margin) worst = { ...worst, image, margin }
      }
    }
  }, 120_000)

  test('asked about one size the answer is the same, from fewer bands', async () => {
    let saved = 0
    for (const box of scene.boxes.slice(0, 8)) {
      const whole = await certify(crops, scene.image, { box })
      for (const patch of ['2%', '12', '1']) {
        const asked = await certify({ ...crops, patch }, scene.image, { box })
        const size = Number(asked.details?.['asked'])
        expect(asked.certified).toBe(whole.radius! >= size)
        expect(asked.radius).toBeLessThanOrEqual(whole.radius!)
        if (asked.certified) expect(asked.class).toBe(whole.class)
        if (asked.details?.['samples'] !== undefined) saved++
      }
    }
    expect(saved).toBeGreaterThan(3)
  })

  test('a box outside of the picture has none', async () => {
    const box: BoxXyxy = [5000, 5000, 5100, 5100]
    expect(await certifyPicture(crops, scene.image, 'digest', { box }, { signal })).toBeNull()
  })
})

const marginOf = ({ votes = {} }: CertificateRecord, winner: string): number =>
  (votes[winner] ?? 0) -
  Math.max(0, ...Object.entries(votes).map(([name, count]) => (name === winner ? 0 : count)))

describe('other ways to certify', () => {
  test.each([
    { method: 'derandomized-smoothing', given: { ablation: 'rows', band: 8 }, patch: 'high' },
    {
      method: 'derandomized-smoothing',
      given: { ablation: 'blocks', band: 32, stride: 16 },
      patch: 'on each side',
    },
    {
      method: 'derandomized-smoothing',
      given: { sampling: 'random', selection: 16, estimation: 64 },
      patch: 'wide',
    },
  ])('$method with $given', async ({ method, given, patch }) => {
    const certification = await certificationOf('crops-columns', method, given)
    const record = await certify(certification, scene.image, { box: scene.boxes[0]! })
    expect(record.statement).toContain(`px ${patch}`)
    expect(record.radius! > 0).toBe(record.certified)
  })

  test('models and methods that do not go together are told apart', async () => {
    const wrong = (model: string, method: string, given = {}) =>
      certificationOf(model, method, given)
    await expect(wrong('crops-columns', 'splitting-noise')).rejects.toMatchObject({
      code: 'E_CERTIFIER_MODEL',
    })
    await expect(wrong('cifar10-splitting', 'certified-saliency')).rejects.toMatchObject({
      code: 'E_CERTIFIER_MODEL',
      message: expect.stringMatching(/names no output with them$/) as string,
      hint: expect.stringContaining('output.attribution') as string,
    })
    await expect(wrong('cifar10-splitting', 'no-such')).rejects.toMatchObject({
      code: 'E_CERTIFIER_UNKNOWN',
    })
    await expect(
      wrong('crops-columns', 'derandomized-smoothing', { band: 99 }),
    ).rejects.toMatchObject({ code: 'E_SETTING_INVALID' })
    // Not trained for, and sound all the same.
    const plain = await wrong('cifar10-splitting', 'derandomized-smoothing', { band: 4 })
    expect(plain.params).toMatchObject({ encoding: 'zero-fill' })
    await expect(
      certify({ ...crops, patch: '0' }, scene.image, { box: scene.boxes[0]! }),
    ).rejects.toMatchObject({ code: 'E_PATCH_SIZE' })
  })
})

describe.skipIf(!hasSharedData)(`test pictures of CIFAR-10${needsSharedData}`, () => {
  const pictures = (count: number): { image: RgbImage; label: number }[] => {
    const bytes = gunzipSync(readFileSync(join(sharedData, 'cifar10/test-1000.bin.gz')))
    return Array.from({ length: count }, (_, n) => {
      const row = bytes.subarray(3073 * n, 3073 * (n + 1))
      const data = Uint8Array.from(
        { length: 3072 },
        (_, i) => row[1 + (i % 3) * 1024 + Math.floor(i / 3)]!,
      )
      return { image: { data, width: 32, height: 32 }, label: row[0]! }
    })
  }

  test('keep their class while attackers spend all certified grey levels', async () => {
    // Fewer levels than the model was trained with: votes are as good, and there are seven times fewer.
    const coarse = { levels: 60, template: [] }
    const splitting = await certificationOf('cifar10-splitting', 'splitting-noise', coarse)
    const random = seededRandom(11)
    const below = (n: number): number => Math.floor(random() * n)
    for (const { image } of pictures(12)) {
      const record = await certify(splitting, image)
      const budget = Number(record.details?.['largestInteger'])
      if (budget < 10) continue
      /** Changes single values by at most `most`, towards black or white, until nothing is left to spend. */
      const spent = (from: RgbImage, most: number, levels: number): RgbImage => {
        const data = from.data.slice()
        for (let left = levels; left > 0;) {
          const i = below(data.length)
          const room = data[i]! < 128 ? 255 - data[i]! : -data[i]!
          const step = Math.min(left, most, Math.abs(room))
          data[i] = data[i]! + Math.sign(room) * step
          left -= step
        }
        const moved = data.reduce((sum, value, i) => sum + Math.abs(value - image.data[i]!), 0)
        expect(moved).toBeLessThanOrEqual(budget)
        return { ...image, data }
      }
      const stay = async (attacked: RgbImage): Promise<number> => {
        const after = await certify(splitting, attacked)
        expect(after.class).toBe(record.class)
        return marginOf(after, record.class ?? '')
      }
      // Many values a little, or few of them all the way.
      await stay(spent(image, 1, budget))
      await stay(spent(image, 255, budget))
      // Greedy: half of the budget where it hurts, then the rest on top of the worse of the two.
      const halves = [spent(image, 60, budget >> 1), spent(image, 60, budget >> 1)]
      const margins = [await stay(halves[0]!), await stay(halves[1]!)]
      const worse = halves[margins[0]! <= margins[1]! ? 0 : 1]!
      await stay(spent(worse, 60, budget - (budget >> 1)))
      return
    }
    expect.unreachable('no picture is certified against ten grey levels')
  }, 120_000)

  test('are certified as votes over whole columns say', async () => {
    const columns = await certificationOf('cifar10-columns', 'derandomized-smoothing')
    let [right, certified] = [0, 0]
    for (const { image, label } of pictures(24)) {
      const record = await certify(columns, image)
      if (record.class !== columns.card.classes[label]) continue
      right++
      // Looking at each place certifies what counting the worst place does, and now and then a little more.
      expect(record.radius).toBeGreaterThanOrEqual(Number(record.details?.['modelRadius']))
      if (record.radius! >= 5) certified++
    }
    expect(right).toBeGreaterThanOrEqual(14)
    expect(certified).toBeGreaterThanOrEqual(7)
  })

  test('keep their class when as many grey levels change as splitting noise certifies', async () => {
    const split = await certificationOf('cifar10-splitting', 'splitting-noise')
    const random = seededRandom(3)
    let attacked = 0
    for (const { image } of pictures(2)) {
      if (attacked > 0) break // one is enough: each takes hundreds of model runs
      const record = await certify(split, image)
      const levels = Number(record.details?.['largestInteger'])
      expect(record.radius).toBe(levels / 255)
      expect(record.params).toMatchObject({ levels: 441, template: 'of the card' })
      if (levels === 0) continue
      const data = Uint8Array.from(image.data)
      for (let left = levels; left > 0; left--) {
        const at = Math.floor(random() * data.length)
        data[at] = Math.min(255, Math.max(0, data[at]! + (random() < 0.5 ? -1 : 1)))
      }
      expect((await certify(split, { ...image, data })).class).toBe(record.class)
      attacked++
    }
    expect(attacked).toBeGreaterThan(0)
  }, 120_000)
})
