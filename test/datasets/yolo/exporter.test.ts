import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContentImage, DatasetContent } from '../../../src/shared/dataset'
import exporter from '../../../src/datasets/yolo/exporter'
import importer from '../../../src/datasets/yolo/importer'
import { maskToPolygons } from '../../../src/shared/vision/outline'
import { polygonsToRle } from '../../../src/shared/vision/polygon'
import { decodeRle } from '../../../src/shared/vision/rle'
import { rleToText } from '../../../src/shared/vision/rle-text'
import { memoryFiles } from '../../support/memory-files'
import { propertyRuns } from '../../support/mutations'
import { boxInside, contents, maskInside, plainFile, polygonInside } from '../arbitrary-content'
import { canonicalContent, expectScene, fixtureFiles } from '../canonical-scene'
import { bitmap } from '../hostile-cases'
import { type ReadAll, readAll } from '../read-all'
import { expectSame, exported } from '../round-trip'

interface Params {
  readonly task?: 'detect' | 'segment'
}
const lossNames = (content: DatasetContent, params: Params = {}) =>
  exporter.losses(content, exporter.params.parse(params)).map(({ what }) => what)
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

const wideEdge = (side: number) => fc.nat(64 * side).map((n) => n / 64)
const shared = {
  file: plainFile.map((file) => `images/${file}`),
  split: fc.constantFrom('train', 'val', 'test', 'dev'),
  categoryName: fc.string({ minLength: 1, unit: 'binary' }),
}

/** Every picture at its place, and images without the note about their label files. */
async function readBack(
  content: DatasetContent,
  params: Params,
  predictions = false,
): Promise<ReadAll> {
  const files = exported(exporter, content, params)
  for (const { file, width, height } of content.images()) files[file] = bitmap(width, height)
  const read = await readAll(importer, memoryFiles(files), {
    predictions,
  })
  return { ...read, images: read.images.map((image) => ({ ...image, attributes: {} })) }
}

/** Half a unit of the sixth decimal for each of centre and size. */
const tolerance = ({ width, height }: ContentImage) => 1.01e-6 * Math.max(width, height)

test('boxes come back within six decimals, with splits, names and ids of classes', async () => {
  const arbitrary = contents({ ...shared, geometry: (w, h) => boxInside(w, h, wideEdge) })
  await fc.assert(
    fc.asyncProperty(arbitrary, async (content) => {
      expect(lossNames(content).filter((what) => what !== 'empty-images')).toEqual([])
      const read = await readBack(content, {})
      expectSame(read, content, { tolerance })
      expect(read.categories.map(({ sourceId }) => sourceId)).toEqual(
        content.categories.map(({ id }) => String(id)),
      )
    }),
    { numRuns: propertyRuns },
  )
})

test('runs come back with their scores, as boxes and as polygons', async () => {
  const score = fc.double({ min: 0, max: 1, noNaN: true })
  const boxes = contents({ ...shared, score, geometry: (w, h) => boxInside(w, h, wideEdge) })
  const polygons = contents({ ...shared, score, geometry: (w, h) => polygonInside(w, h, wideEdge) })
  await fc.assert(
    fc.asyncProperty(boxes, polygons, async (detected, segmented) => {
      expectSame(await readBack(detected, {}, true), detected, { tolerance })
      expectSame(await readBack(segmented, { task: 'segment' }, true), segmented, { tolerance })
    }),
    { numRuns: propertyRuns },
  )
})

test('polygons come back as drawn', async () => {
  const arbitrary = contents({ ...shared, geometry: (w, h) => polygonInside(w, h, wideEdge) })
  await fc.assert(
    fc.asyncProperty(arbitrary, async (content) => {
      const kept = lossNames(content, { task: 'segment' }).filter((what) => what !== 'empty-images')
      expect(kept).toEqual([])
      expectSame(await readBack(content, { task: 'segment' }), content, { tolerance })
    }),
    { numRuns: propertyRuns },
  )
})

test('masks become one ring with the same pixels, holes closed and parts kept', async () => {
  const arbitrary = contents({ ...shared, geometry: maskInside })
  await fc.assert(
    fc.asyncProperty(arbitrary, async (content) => {
      const read = await readBack(content, { task: 'segment' })
      for (const image of content.images()) {
        const found = read.images.find(({ file }) => file === image.file)?.objects ?? []
        image.objects.forEach(({ shape }, i) => {
          const mask = shape?.mask
          const filled = mask && polygonsToRle(maskToPolygons(decodeRle(mask)), image)
          const got = polygonsToRle(found[i]?.shape?.polygons ?? [], image)
          expect(rleToText(got)).toBe(filled && rleToText(filled))
        })
      }
    }),
    { numRuns: propertyRuns },
  )
})

for (const task of ['detect', 'segment'] as const) {
  test(`the scene is written as the fixture has it: ${task}`, async () => {
    const files = exported(exporter, canonicalContent(), { task })
    const fixture = fixtureFiles(`yolo-${task}`)
    const labels = Object.keys(fixture).filter((name) => name.endsWith('.txt'))
    for (const name of labels) {
      // The outline of a mask may begin at another corner.
      const numbers = (bytes?: Uint8Array) => text(bytes).split(/\s+/).sort()
      expect(numbers(files[name]), name).toEqual(numbers(fixture[name]))
    }
    const pictures = fixtureFiles('images', 'images/train/')
    const read = await readAll(importer, memoryFiles({ ...files, ...pictures }), {})
    expectScene(read, `yolo-${task}`, (name) => `images/train/${name}`)
  })
}

test('losses of the scene', () => {
  const content = canonicalContent()
  const always = ['empty-images', 'splits', 'folders', 'supercategories']
  expect(lossNames(content)).toEqual(['crowd-flag', 'shape', 'areas', ...always])
  expect(lossNames(content, { task: 'segment' })).toEqual([
    ...['crowd-flag', 'holes', 'mask-becomes-polygon', 'box-becomes-polygon'],
    ...always,
  ])
  const holes = exporter.losses(content, { task: 'segment' }).find(({ what }) => what === 'holes')
  expect(holes?.count).toBe(1)
})

const base = { split: null, attributes: {}, width: 10, height: 10 }
const object = { id: 1, categoryId: 1, area: 1, isCrowd: false, isPatch: false, attributes: {} }

test('what lies outside is cut off or left out, and pictures that share a label file are told', () => {
  const boxes = [
    [-1, 2, 4, 4],
    [11, 2, 4, 4],
    [2, 2, 4, 4],
  ] as const
  const images: ContentImage[] = [
    { ...base, id: 1, file: 'images/a.jpg', objects: boxes.map((box) => ({ ...object, box })) },
    { ...base, id: 2, file: 'images/a.png', objects: [] },
  ]
  const content = { name: 'x', categories: [{ id: 1, name: 'a' }], images: () => images }
  expect(text(exported(exporter, content, {})['labels/a.txt'])).toBe(
    '0 0.150000 0.400000 0.300000 0.400000\n0 0.400000 0.400000 0.400000 0.400000\n',
  )
  const counts = exporter
    .losses(content, { task: 'detect' })
    .map(({ what, count }) => [what, count])
  expect(counts).toContainEqual(['outside-image', 2])
  expect(counts).toContainEqual(['same-label-file', 1])
})

test('data.yaml names lists of pictures for both splits that training needs', () => {
  const images: ContentImage[] = [
    { ...base, id: 1, file: 'images/b.jpg', split: 'val', objects: [] },
    { ...base, id: 2, file: 'a.jpg', split: 'Odd one', objects: [] },
  ]
  const categories = [
    { id: 1, name: 'say "cheese"' },
    { id: 90, name: '# no: comment' },
  ]
  const files = exported(exporter, { name: 'x', categories, images: () => images }, {})
  expect(text(files['data.yaml'])).toBe(
    'path: .\ntrain: train.txt\nval: val.txt\nnames:\n  0: "say \\"cheese\\""\n  1: "# no: comment"\ncategory_ids:\n  0: 1\n  1: 90\n',
  )
  expect(text(files['train.txt'])).toBe('./images/train/a.jpg\n')
  expect(text(files['val.txt'])).toBe('./images/b.jpg\n')
  expect(text(files['labels/train/a.txt'])).toBe('')
})
