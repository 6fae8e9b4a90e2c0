import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classifyDefended, patchCleanser } from '../../../src/defenses/masking/patch-cleanser'
import {
  certifyMasked,
  hiddenClasses,
  type MaskedCertification,
} from '../../../src/engine/certify-masking/certify-masked'
import { sampleModel } from '../../../src/engine/certify-smoothing/sample-model'
import { createModelHost } from '../../../src/engine/models/sessions'
import type { LoadedModel, TallyState } from '../../../src/shared/plugin'
import { parseClassifierCard } from '../../../src/shared/plugin/classifier-card'
import { seededRandom } from '../../../src/shared/random'
import type { RgbImage } from '../../../src/shared/vision'
import { writeOnnx } from '../../support/onnx-writer'
import { createTestStore } from '../../support/test-store'

const { signal } = new AbortController()
const SIDE = 6
const classes = ['red', 'green', 'blue', 'cyan', 'magenta', 'yellow']
const own = await createTestStore()
const host = createModelHost({ store: own.store, threads: 1 })
const loaded = new Map<string, LoadedModel>()

beforeAll(async () => {
  for (const encoding of ['plain', 'pair']) {
    for (const type of encoding === 'plain' ? ['float32', 'uint8'] : ['float32']) {
      loaded.set(`${encoding} ${type}`, await colourModel(encoding, type))
    }
  }
})
afterAll(async () => {
  await host.release()
  own.remove()
})

/** Names the colour of which the picture has most: the mean of each channel is its logit. */
async function colourModel(encoding: string, type: string): Promise<LoadedModel> {
  const channels = encoding === 'pair' ? 6 : 3
  const isBytes = type === 'uint8'
  const file = writeOnnx({
    inputs: [
      { name: 'image', dims: ['n', channels, SIDE, SIDE], type: isBytes ? 'uint8' : 'float32' },
    ],
    outputs: [{ name: 'logits', dims: ['n', channels] }],
    nodes: [
      ...(isBytes
        ? [{ op: 'Cast', inputs: ['image'], outputs: ['values'], attributes: { to: 1 } }]
        : []),
      {
        op: 'ReduceMean',
        inputs: [isBytes ? 'values' : 'image'],
        outputs: ['logits'],
        attributes: { axes: [2, 3], keepdims: 0 },
      },
    ],
  })
  const id = `colours-${encoding}-${type}`
  const path = own.write(`${id}.onnx`, file)
  own.write(`${id}.json`, {
    ...{ id, task: 'classify', file: `${id}.onnx`, licence: 'MIT', origin: 'a test' },
    sha256: createHash('sha256').update(file).digest('hex'),
    input: {
      ...{ name: 'image', type, width: SIDE, height: SIDE, range: isBytes ? 255 : 1 },
      ...{ channelOrder: 'rgb', resize: 'stretch', interpolation: 'area', encoding },
    },
    output: {
      ...{ family: 'classifier', names: ['logits'] },
      ...(encoding === 'pair' ? { smoothing: { method: 'randomized-ablation', retained: 4 } } : {}),
    },
    classes: classes.slice(0, channels),
  })
  return host.load(path)
}

function certificationOf(kind: string, patch: string, masksPerAxis = 2): MaskedCertification {
  const model = loaded.get(kind)
  if (model === undefined) throw new Error(`there is no model ${kind}`)
  const card = parseClassifierCard(model.card)
  const settings = patchCleanser.params.parse({ masksPerAxis })
  return { settings, card, model: sampleModel(model, card), patch }
}

/** Noise with some more of one colour. */
function noisy(width: number, height: number, seed: number, more: number): RgbImage {
  const random = seededRandom(seed)
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) =>
    Math.min(255, Math.floor(200 * random()) + (i % 3 === seed % 3 ? more : 0)),
  )
  return { data, width, height }
}

/** The picture with a patch of one colour. */
function attacked(image: RgbImage, x: number, y: number, size: number, colour: number): RgbImage {
  const data = image.data.slice()
  for (let row = Math.max(0, y); row < Math.min(image.height, y + size); row++) {
    for (let column = Math.max(0, x); column < Math.min(image.width, x + size); column++) {
      for (let channel = 0; channel < 3; channel++) {
        data[3 * (row * image.width + column) + channel] = (colour >> channel) & 1 ? 255 : 0
      }
    }
  }
  return { ...image, data }
}

// As large as the model's picture, larger and smaller: what a patch reaches after the resize has to be hidden with it.
describe.each([
  { kind: 'plain float32', frame: [6, 6], patch: 1, masks: 2 },
  { kind: 'plain uint8', frame: [6, 6], patch: 2, masks: 2 },
  { kind: 'pair float32', frame: [6, 6], patch: 1, masks: 2 },
  { kind: 'plain float32', frame: [13, 11], patch: 2, masks: 2 },
  { kind: 'pair float32', frame: [4, 5], patch: 1, masks: 4 },
])('$kind on $frame, patch of $patch', ({ kind, frame: [width = 1, height = 1], patch, masks }) => {
  test('what is certified stays, wherever a patch is put', async () => {
    const certification = certificationOf(kind, String(patch), masks)
    const { card, model, settings } = certification
    const counts = { yes: 0, no: 0 }
    for (let seed = 0; seed < 12; seed++) {
      const image = noisy(width, height, seed, 15 * seed)
      const record = await certifyMasked(certification, image, 'digest', {}, { signal })
      counts[record?.certified ? 'yes' : 'no']++
      if (!record?.certified) continue
      expect(record.radius).toBe(patch)
      for (let y = 1 - patch; y < height; y++) {
        for (let x = 1 - patch; x < width; x++) {
          const seen = attacked(image, x, y, patch, (x + y + seed) & 7)
          const classify = hiddenClasses({ card, model, grey: settings.grey }, seen, { signal })
          const size = { width: patch, height: patch }
          const { label } = await classifyDefended(seen, classify, size, settings)
          expect([x, y, card.classes[label]]).toEqual([x, y, record.class])
        }
      }
    }
    expect(counts.yes, JSON.stringify(counts)).toBeGreaterThan(0)
    expect(counts.no, JSON.stringify(counts)).toBeGreaterThan(0)
  })
})

test('the model runs k²(k² + 1) / 2 times for a certificate, and seldom so often without', async () => {
  for (const masksPerAxis of [2, 3, 4]) {
    const certification = certificationOf('plain float32', '1', masksPerAxis)
    const image = noisy(SIDE, SIDE, 0, 0)
    image.data.fill(90)
    let runs = 0
    const counting: MaskedCertification = {
      ...certification,
      model: {
        ...certification.model,
        answer(samples, count, shape) {
          runs += count
          return certification.model.answer(samples, count, shape)
        },
      },
    }
    // Three places on six pixels are three; a fourth is no more than that.
    const places = Math.min(masksPerAxis, 3) ** 2
    const record = await certifyMasked(counting, image, 'digest', {}, { signal })
    expect(record).toMatchObject({ certified: true, class: 'red', total: runs })
    expect(runs).toBe((places * (places + 1)) / 2)
    expect(record?.votes).toEqual({ red: runs })
    // Green pixels in a corner outweigh the others, until a mask hides them.
    runs = 0
    const odd = attacked(image, 0, 0, 2, 2)
    const open = await certifyMasked(counting, odd, 'digest', {}, { signal })
    expect(open).toMatchObject({ certified: false, radius: 0 })
    expect(runs).toBeLessThan((places * (places + 1)) / 2 + 1)
  }
})

test('a certificate that was cut off goes on where it was', async () => {
  const certification = certificationOf('plain float32', '1', 6)
  const image = noisy(19, 17, 1, 80)
  const box: [number, number, number, number] = [2, 1, 17, 16]
  const certify = (given: { state?: TallyState; told?: (state: TallyState) => void }) =>
    certifyMasked(
      certification,
      image,
      'digest',
      { box, boxClass: 'a colour' },
      {
        signal,
        ...(given.state ? { state: given.state } : {}),
        // What is kept has to survive JSON.
        onBatch: (state) => given.told?.(JSON.parse(JSON.stringify(state)) as TallyState),
      },
    )
  const states: TallyState[] = []
  const whole = await certify({ told: (state) => states.push(state) })
  expect(whole).toMatchObject({ total: 325, box, boxClass: 'a colour' })
  expect(states.at(-1)?.next).toBe(325)
  const [, , third] = states
  if (third === undefined) throw new Error('nothing was told')
  const later: number[] = []
  expect(await certify({ state: third, told: ({ next }) => later.push(next) })).toEqual(whole)
  expect(later[0]).toBe(third.next + 64)
  const ending = new AbortController()
  const run = certifyMasked(
    certification,
    image,
    'digest',
    {},
    {
      signal: ending.signal,
      onBatch: () => {
        ending.abort(new Error('enough'))
      },
    },
  )
  await expect(run).rejects.toThrow('enough')
})

test('a box outside of the picture has none, and a size that is none is told', async () => {
  const image = noisy(SIDE, SIDE, 0, 0)
  const outside = { box: [50, 50, 60, 60] as const }
  const certification = certificationOf('plain float32', '1')
  expect(await certifyMasked(certification, image, 'digest', outside, { signal })).toBeNull()
  await expect(
    certifyMasked({ ...certification, patch: '0%' }, image, 'digest', {}, { signal }),
  ).rejects.toMatchObject({ code: 'E_PATCH_SIZE' })
})
