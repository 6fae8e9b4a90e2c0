import { expect, test } from 'vitest'
import importer from '../../../src/datasets/fiftyone/importer'
import { encodePackedMask } from '../../../src/datasets/fiftyone/npy'
import { rleArea, rleBox } from '../../../src/shared/vision'
import { memoryFiles } from '../../support/memory-files'
import { expectScene, fixtureFiles } from '../canonical-scene'
import { expectSturdy } from '../fuzz-importer'
import { bitmap } from '../hostile-cases'
import { readAll } from '../read-all'

test('reads the scene; null means unlabelled', async () => {
  const files = memoryFiles({ ...fixtureFiles('fiftyone'), ...fixtureFiles('images', 'data/') })
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0.95 })
  const read = await readAll(importer, files, {})
  expectScene(read, 'fiftyone', (name) => `data/${name}`)
  expect(read.problems).toEqual([])
  expect(read.images[0]?.objects.map(({ isCrowd }) => isCrowd)).toEqual([false, false, true])
  expect(read.images.map(({ attributes }) => attributes)).toEqual([{}, {}, { unlabelled: true }])
})

test('without pictures boxes cannot be placed: each image is told and kept without its objects', async () => {
  const read = await readAll(importer, memoryFiles(fixtureFiles('fiftyone')), {})
  expect(read.verdicts).toEqual(Array(2).fill('skip-record W_IMAGE_FILE_MISSING'))
  expect(read.images.map(({ file, objects }) => [file, objects.length])).toEqual([
    ['a', 0],
    ['sub/b', 0],
    ['none', 0],
  ])
})

test('the native export is refused with advice', async () => {
  const files = memoryFiles({ 'metadata.json': '{}', 'samples.json': '{"samples": []}' })
  expect((await importer.recognizes(files)).certainty).toBeGreaterThan(0)
  await expect(readAll(importer, files, {})).rejects.toMatchObject({
    code: 'E_FORMAT_UNSUPPORTED',
    hint: expect.stringContaining('FiftyOneImageDetectionDataset') as string,
  })
})

test('labels by name, scores, attributes and pictures that are not named', async () => {
  const detection = {
    label: 'dog',
    bounding_box: [0.5, 0, 0.5, 1],
    confidence: 0.25,
    index: 3,
    attributes: { colour: 'red' },
  }
  const read = await readLabels({ labels: { a: [detection] } }, { 'data/b.bmp': bitmap(5, 5) })
  expect(read.images).toMatchObject([
    {
      file: 'data/a.bmp',
      objects: [
        {
          categoryId: 'dog',
          box: [5, 0, 5, 10],
          score: 0.25,
          attributes: { index: 3, colour: 'red' },
        },
      ],
    },
    { file: 'data/b.bmp', attributes: { unlabelled: true }, objects: [] },
  ])
})

test('classes that stand behind the labels are found', async () => {
  const read = await readLabels({
    labels: { a: [{ label: 1, bounding_box: [0, 0, 1, 1] }] },
    classes: ['x', 'y'],
  })
  expect(read.images[0]?.objects).toMatchObject([{ categoryId: 'y' }])
})

test('masks of a box are put in their place, smaller ones enlarged', async () => {
  const mask = encodePackedMask({ width: 2, height: 1, bits: Uint8Array.of(0, 1) })
  const forms = [mask, { $binary: { base64: mask, subType: '00' } }, [[0, 1]], [[false, true]]]
  const read = await readLabels({
    labels: {
      a: forms.map((form) => ({ label: 'x', bounding_box: [0.2, 0.4, 0.4, 0.2], mask: form })),
    },
  })
  for (const { shape, area } of read.images[0]?.objects ?? []) {
    expect(shape?.mask && rleBox(shape.mask)).toEqual([4, 4, 2, 2])
    expect(shape?.mask && rleArea(shape.mask)).toBe(4)
    expect(area).toBe(4)
  }
  expect(read.images[0]?.objects).toHaveLength(4)
})

test.each([
  [{ label: 9, bounding_box: [0, 0, 1, 1] }, 'skip-record E_ANN_CATEGORY_UNKNOWN'],
  [{ label: null, bounding_box: [0, 0, 1, 1] }, 'skip-record E_ANN_CATEGORY_UNKNOWN'],
  [{ label: 0, bounding_box: [0, 0, '1', 1] }, 'skip-record E_BBOX_MALFORMED'],
  [{ label: 0, bounding_box: [0, 0, -1, 1] }, 'skip-record E_BBOX_NEGATIVE_SIZE'],
  [{ label: 0, bounding_box: [0, 0, 1e308, 1] }, 'skip-record E_BBOX_MALFORMED'],
  [{ label: 0, bounding_box: [0, 0, 1, 1], mask: 'x' }, 'skip-record E_IMAGE_CORRUPT'],
  [{ label: 0, bounding_box: [0, 0, 1, 1], mask: [[1], [1, 1]] }, 'skip-record E_TENSOR_SHAPE'],
  [{ label: 0, bounding_box: [0.5, 0, 1, 1] }, 'accept-with-warning W_BBOX_OUTSIDE_IMAGE'],
  [{ label: 0, bounding_box: [0.5, 0, 0, 1] }, 'accept-with-warning W_BBOX_EMPTY'],
  [7, 'skip-record W_FIELD_TYPE'],
])('%j: %s', async (detection, verdict) => {
  const read = await readLabels({ classes: ['x'], labels: { a: [detection] } })
  expect(read.verdicts).toEqual([verdict])
})

test('names that lead out of the root are left out', async () => {
  const read = await readLabels({ labels: { '../../x': [], 'https://x/y': [], '': [] } })
  expect(read.verdicts).toEqual([
    'skip-record E_PATH_ESCAPES_ROOT',
    'skip-record E_PATH_IS_URL',
    'skip-record E_PATH_INVALID',
  ])
})

test('fuzz: damaged labels give problems or an AppError, never anything else', async () => {
  const mask = encodePackedMask({ width: 2, height: 2, bits: Uint8Array.of(0, 1, 1, 0) })
  const labels = {
    classes: ['x', 'y'],
    labels: {
      a: [{ label: 0, bounding_box: [0, 0, 0.5, 0.5], mask, attributes: { iscrowd: 1 } }],
      b: null,
    },
  }
  const bytes = new TextEncoder().encode(JSON.stringify(labels))
  await expectSturdy(
    importer,
    { 'labels.json': bytes, 'data/a.bmp': bitmap(10, 10) },
    'labels.json',
  )
})

function readLabels(labels: object, more: Record<string, Uint8Array> = {}) {
  const files = { 'labels.json': JSON.stringify(labels), 'data/a.bmp': bitmap(10, 10), ...more }
  return readAll(importer, memoryFiles(files), {})
}
