import { expect, test } from 'vitest'
import importer from '../../../src/datasets/datumaro/importer'
import { memoryFiles } from '../../support/memory-files'
import { canonicalMask, expectScene, fixtureFiles } from '../canonical-scene'
import { expectSturdy } from '../fuzz-importer'
import { readAll } from '../read-all'

const annotations = 'annotations/default.json'

test('reads the scene with its masks, crowd and polygon', async () => {
  const files = memoryFiles(fixtureFiles('datumaro'))
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0.95 })
  const read = await readAll(importer, files, {})
  expectScene(read, 'datumaro')
  expect(read.problems).toEqual([])
  const [a, b] = read.images
  expect(a?.objects.map(({ isCrowd }) => isCrowd)).toEqual([false, false, true])
  expect(a?.objects.map(({ area }) => area)).toEqual([1200, 1050, 1000])
  expect(a?.objects[1]?.shape?.polygons).toEqual([[60, 10, 90, 10, 90, 40, 75, 50, 60, 40]])
  expect(a?.objects[2]?.shape?.mask).toEqual(canonicalMask(3))
  expect(b?.objects[0]?.shape?.mask).toEqual(canonicalMask(4))
  expect(a?.attributes).toEqual({ frame: 1 })
})

test('finds the pictures below images, in the folder of the subset first', async () => {
  const json = document([], { subset: 'val' })
  const pictures = { 'images/train/a.png': 'x', 'images/val/a.png': 'x' }
  const read = await readAll(
    importer,
    memoryFiles({ 'annotations/val.json': json, ...pictures }),
    {},
  )
  expect(read.images).toMatchObject([{ file: 'images/val/a.png', split: 'val', width: 20 }])
})

test('equal groups above 0 are one object, group 0 ties nothing', async () => {
  const read = await readDocument([
    {
      type: 'bbox',
      bbox: [1, 1, 5, 5],
      group: 7,
      label_id: 0,
      attributes: { score: 0.5, colour: 'red' },
    },
    { type: 'polygon', points: [1, 1, 6, 1, 6, 6], group: 7, label_id: 0 },
    { type: 'bbox', bbox: [0, 0, 2, 2], group: 0, label_id: 1 },
    { type: 'bbox', bbox: [0, 0, 3, 3], group: 0, label_id: 1, attributes: { is_crowd: true } },
  ])
  expect(read.images[0]?.objects).toMatchObject([
    {
      box: [1, 1, 5, 5],
      score: 0.5,
      attributes: { colour: 'red' },
      shape: { polygons: [[1, 1, 6, 1, 6, 6]] },
    },
    { box: [0, 0, 2, 2], area: 4, isCrowd: false },
    { box: [0, 0, 3, 3], isCrowd: true },
  ])
})

test('labels that stand behind the items are found', async () => {
  const text = document([{ type: 'bbox', bbox: [0, 0, 1, 1], label_id: 1 }])
  const { categories, ...others } = JSON.parse(text) as Record<string, unknown>
  const files = memoryFiles({ [annotations]: JSON.stringify({ ...others, categories }) })
  const read = await readAll(importer, files, {})
  expect(read.images[0]?.objects).toMatchObject([{ categoryId: 'cat' }])
})

test.each([
  [{ type: 'bbox', bbox: [0, 0, -1, 1], label_id: 0 }, 'skip-record E_BBOX_NEGATIVE_SIZE'],
  [{ type: 'bbox', bbox: [0, 0, 1], label_id: 0 }, 'skip-record E_BBOX_MALFORMED'],
  [{ type: 'bbox', bbox: null, label_id: 0 }, 'skip-record E_BBOX_MALFORMED'],
  [{ type: 'bbox', bbox: [0, 0, 1, 1], label_id: 2 }, 'skip-record E_ANN_CATEGORY_UNKNOWN'],
  [{ type: 'polygon', points: [0, 0, 1, 1], label_id: 0 }, 'skip-record E_POLYGON_MALFORMED'],
  [
    { type: 'mask', rle: { counts: 'x', size: [10, 20] }, label_id: 0 },
    'skip-record E_RLE_MALFORMED',
  ],
  [{ type: 'mask', rle: { counts: [1], size: [10, 20] }, label_id: 0 }, 'skip-record E_RLE_LENGTH'],
  [
    { type: 'mask', rle: { counts: [200], size: [20, 10] }, label_id: 0 },
    'skip-record E_RLE_SIZE_MISMATCH',
  ],
  [{ type: 'mask', rle: { size: [10, 20] }, label_id: 0 }, 'skip-record E_RLE_MALFORMED'],
  [{ type: 'cuboid_3d', label_id: 0 }, 'skip-record W_FIELD_TYPE'],
  [{ type: 'bbox', bbox: [15, 0, 10, 1], label_id: 0 }, 'accept-with-warning W_BBOX_OUTSIDE_IMAGE'],
])('%j: %s', async (annotation, verdict) => {
  const read = await readDocument([annotation])
  expect(read.verdicts).toEqual([verdict])
  expect(read.images[0]?.objects).toHaveLength(verdict.startsWith('skip') ? 0 : 1)
})

test('items that lead out of the root or come twice are left out', async () => {
  const items = [
    { id: 'x', annotations: [], image: { path: '../x.png' } },
    { id: 'y', annotations: [], image: { path: 'y.png' } },
    { id: 'y', annotations: [], image: { path: 'y.png' } },
  ]
  const text = JSON.stringify({ ...(JSON.parse(document([])) as object), items })
  const read = await readAll(importer, memoryFiles({ [annotations]: text }), {})
  expect(read.verdicts).toEqual([
    'skip-record E_PATH_ESCAPES_ROOT',
    'skip-record E_DUPLICATE_IMAGE_ID',
  ])
  expect(read.images.map(({ file }) => file)).toEqual(['y.png'])
})

test('nothing to read is refused', async () => {
  const files = memoryFiles({ 'a.json': '{}' })
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0 })
  await expect(readAll(importer, files, {})).rejects.toMatchObject({ code: 'E_NO_ANNOTATIONS' })
})

test('fuzz: damaged annotations give problems or an AppError, never anything else', async () => {
  await expectSturdy(importer, fixtureFiles('datumaro'), annotations)
})

function document(list: readonly object[], { subset = 'default' } = {}): string {
  const labels = [
    { name: 'dog', parent: '', attributes: [] },
    { name: 'cat', parent: 'animal' },
  ]
  const item = { id: 'a', subset, annotations: list, image: { path: 'a.png', size: [10, 20] } }
  return JSON.stringify({ infos: {}, categories: { label: { labels } }, items: [item] })
}

function readDocument(list: readonly object[]) {
  return readAll(importer, memoryFiles({ [annotations]: document(list) }), {})
}
