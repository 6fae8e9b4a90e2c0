import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { diskSource } from '../../../src/engine/import/disk-source'
import { openModelStore } from '../../../src/engine/models/model-store'
import { createModelHost } from '../../../src/engine/models/sessions'
import { classifierViews } from '../../../src/engine/studies/classifier-views'
import { type D3sOptions, studyD3s } from '../../../src/engine/studies/d3s'
import { studyOmImagenet } from '../../../src/engine/studies/om-imagenet'
import { openPictureModel } from '../../../src/engine/studies/picture-model'
import { spread } from '../../../src/engine/studies/study-pictures'
import { parseClassifierCard } from '../../../src/shared/plugin/classifier-card'
import { seededRandom } from '../../../src/shared/random'
import { probeSettings } from '../../../src/shared/studies'
import type { RgbImage } from '../../../src/shared/vision'
import { perturbed, smoothedClass } from '../../support/smoothed-classifier'

const packageRoot = resolve(import.meta.dirname, '../../..')
const miniatures = join(packageRoot, 'test/fixtures/miniatures')
const folder = mkdtempSync(join(tmpdir(), 'patchwarden-studies-'))
const { signal } = new AbortController()
const host = createModelHost({
  store: await openModelStore({ packageRoot, projectDir: folder, cacheDir: folder }),
  threads: 1,
})
afterAll(async () => {
  await host.release()
  rmSync(folder, { recursive: true })
})

const faults: string[] = []
const onFault = (file: string) => faults.push(file)

function noise(width: number, height: number, seed: number): RgbImage {
  const random = seededRandom(seed)
  // Blocks of one colour, so that a classifier is not always of one opinion.
  const data = new Uint8Array(3 * width * height)
  const colours = Array.from({ length: 48 }, () => Math.floor(256 * random()))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const block = 4 * Math.floor((4 * y) / height) + Math.floor((4 * x) / width)
      for (let c = 0; c < 3; c++) data[3 * (y * width + x) + c] = colours[3 * block + c]!
    }
  }
  return { width, height, data }
}

/** A picture of the model's own size as the methods see it: channel, row, column; 0..1. */
function planesOf(picture: RgbImage, { channels }: { readonly channels: number }): Float32Array {
  const area = picture.width * picture.height
  const value = (pixel: number, c: number): number => picture.data[3 * pixel + c]! / 255
  return Float32Array.from({ length: channels * area }, (_, at) => {
    const pixel = at % area
    if (channels > 1) return value(pixel, Math.floor(at / area))
    return 0.299 * value(pixel, 0) + 0.587 * value(pixel, 1) + 0.114 * value(pixel, 2)
  })
}

describe('classifiers', () => {
  test.each(['cifar10-columns', 'mnist-columns'])(
    '%s answers as its method says, in batches as one by one',
    async (id) => {
      const model = await host.load(id)
      const { width, height } = model.card.input
      const pictures = [1, 2, 3].map((seed) => noise(width, height, seed))
      const classifier = await openPictureModel(id, host)
      const answers = await classifier.classify(pictures, signal)
      for (const [i, picture] of pictures.entries()) {
        const copies = perturbed(model, planesOf(picture, model.card.input), width, () => 0)
        expect(answers[i]?.predicted).toBe(await smoothedClass(model, copies))
        expect(answers[i]?.features).toHaveLength(model.card.classes.length)
        const [alone] = await classifier.classify([picture], signal)
        expect(alone?.predicted).toBe(answers[i]?.predicted)
        alone?.features.forEach((value, k) => {
          expect(value).toBeCloseTo(answers[i]?.features[k] ?? NaN, 4)
        })
      }
    },
  )

  test('splitting noise: one view for each level, as the method makes them', async () => {
    const model = await host.load('cifar10-splitting')
    const card = parseClassifierCard(model.card)
    const picture = noise(card.input.width, card.input.height, 5)
    const views = classifierViews(card, picture)
    const { data } = perturbed(model, planesOf(picture, card.input), views.length, () => 0)
    expect(views).toHaveLength(
      card.output.smoothing?.method === 'splitting-noise' ? card.output.smoothing.levels : NaN,
    )
    views.forEach((view, shift) => {
      expect(view).toEqual(data.slice(shift * view.length, (shift + 1) * view.length))
    })
  })

  test('a segmenter is no classifier', async () => {
    await expect(openPictureModel('sac-lite', host)).rejects.toThrow(
      expect.objectContaining({ code: 'E_MODEL_TASK' }),
    )
  })
})

describe('D3S', () => {
  const options = (): Omit<D3sOptions, 'model'> => ({
    limit: 1_000,
    probePictures: 1_000,
    probe: { ...probeSettings, epochs: 3 },
    withRejected: true,
    geometry: 'tile',
    chosenClasses: {},
    signal,
    onFault,
  })

  test('the miniature, by a detector', async () => {
    const source = await diskSource(join(miniatures, 'd3s'))
    const model = await openPictureModel('patchwarden-nano', host)
    const study = await studyD3s(source, { ...options(), model, chosenClasses: { tabby: 'cat' } })
    const { accuracy, classes, probes } = study
    // Of the ten pictures of val, two are not on the verified list; shared names and the chosen one can be right.
    expect(accuracy?.pictures).toBe(10)
    expect(accuracy?.shown).toEqual(accuracy?.all)
    expect((accuracy?.verified.pictures ?? 0) + (accuracy?.rejected.pictures ?? 0)).toBe(
      accuracy?.all.pictures,
    )
    expect(classes.unmappedDataset).toContain('tench')
    expect(classes.unmappedDataset).not.toContain('tabby')
    expect(classes.mapped + classes.unmappedDataset.length).toBe(6)
    expect((accuracy?.all.pictures ?? 0) + (accuracy?.withoutClass ?? 0)).toBe(10)
    // Tabbies are before sand in val and before water in train.
    expect(accuracy?.gap.usual.pictures).toBe(0)
    expect(probes).toMatchObject({ trainingPictures: 6, foregroundClasses: 6 })
    expect(study.problems.filter(({ decision }) => decision !== 'accept-with-warning')).toEqual([])
    expect(faults).toEqual([])
  })

  test('without a model: statistics, all ten pictures held out or told', async () => {
    const source = await diskSource(join(miniatures, 'd3s'))
    const { accuracy, probes, model } = await studyD3s(source, { ...options(), model: null })
    expect(accuracy).toBeNull()
    expect(model).toBeNull()
    expect(probes?.width).toBe(103)
    // Backgrounds of val that train lacks: road, sand, rain and grass.
    expect(probes?.backgrounds).toEqual(['cave', 'forest', 'grass', 'indoors', 'snow', 'water'])
    expect((probes?.heldOutPictures ?? 0) + (probes?.heldOutUnseen ?? 0)).toBe(10)
  })

  test('only the verified pictures, and no probes', async () => {
    const source = await diskSource(join(miniatures, 'd3s'))
    const model = await openPictureModel('cifar10-columns', host)
    const study = await studyD3s(source, {
      ...options(),
      withRejected: false,
      probePictures: 0,
      model,
      chosenClasses: { tabby: 'cat', tench: 'bird' },
    })
    expect(study.probes).toBeNull()
    expect(study.accuracy?.shown).toEqual(study.accuracy?.verified)
    expect(study.classes.mapped).toBe(2)
  })

  test('a folder without the data set', async () => {
    const source = await diskSource(join(miniatures, 'om-imagenet'))
    await expect(studyD3s(source, { ...options(), model: null })).rejects.toThrow(
      expect.objectContaining({ code: 'E_NO_ANNOTATIONS' }),
    )
  })
})

describe('OM-ImageNet', () => {
  test('the miniature', async () => {
    const source = await diskSource(join(miniatures, 'om-imagenet'))
    const model = await openPictureModel('cifar10-columns', host)
    const study = await studyOmImagenet(source, null, {
      model,
      limit: 1_000,
      chosenClasses: { car: 'automobile', boat: 'ship' },
      signal,
      onFault,
    })
    // Train has one picture of each class, test two dogs, a monkey and a boat; natural is one car.
    expect(study.classes.mapped).toBe(5)
    expect(study.classes.unmappedDataset).toEqual(['insect', 'monkey', 'feline', 'fruit', 'fungus'])
    expect(study.onManifold).toMatchObject({ pictures: 8, withoutClass: 6 })
    expect(study.natural).toMatchObject({ pictures: 1, withoutClass: 0 })
    expect(study.pairs).toMatchObject({ count: 0, unpaired: 9, agreement: null })
    expect(study.latents).toMatchObject({ trainingLatents: 10, classes: 10, withoutMean: 0 })
    expect(study.latents?.all.pictures).toBe(4)
    expect(faults).toEqual([])
  })

  test('a second root for the natural pictures: the same folder twice agrees with itself', async () => {
    const source = await diskSource(join(miniatures, 'om-imagenet/test'))
    const model = await openPictureModel('cifar10-columns', host)
    const { pairs, byClass } = await studyOmImagenet(source, source, {
      model,
      limit: 1_000,
      chosenClasses: {},
      signal,
      onFault,
    })
    expect(pairs).toMatchObject({ count: 2, unpaired: 0, agreeing: 2, agreement: 1 })
    expect(pairs.test).toEqual({ onlyFirst: 0, onlySecond: 0, p: 1 })
    for (const own of byClass) expect(own.natural).toEqual(own.onManifold)
  })
})

test('a limit is spread over the list', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7])
  expect(spread([1, 2], 4)).toEqual([1, 2])
  expect(spread([1, 2], 0)).toEqual([])
})
