import { expect, test } from 'vitest'
import { encodeBrush } from '../../../src/datasets/label-studio/brush'
import importer from '../../../src/datasets/label-studio/importer'
import { encodeMask } from '../../../src/shared/vision'
import { memoryFiles } from '../../support/memory-files'
import { canonical, fixtureFiles } from '../canonical-scene'
import { expectSturdy } from '../fuzz-importer'
import { readAll } from '../read-all'

const frame = { original_width: 200, original_height: 100 }

test('reads the scene without its brush masks, and the predictions with their scores', async () => {
  const files = memoryFiles(fixtureFiles('label-studio'))
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0.9 })
  const read = await readAll(importer, files, {})
  expect(read.problems).toEqual([])
  expect(read.categories.map(({ name }) => name)).toEqual(['person', 'adversarial patch'])
  expect(read.images.map(({ file, width, height }) => [file, width, height])).toEqual([
    ['a.png', 100, 80],
    ['sub/b.png', 60, 90],
    ['none.png', null, null],
  ])
  const truth = read.images.map(({ objects }) => objects.filter(({ score }) => score === undefined))
  // Objects 3 and 4 are not in this sample.
  const held = [1, 2, 5].map((id) => canonical.objects.find((object) => object.id === id))
  const boxes = truth.flat().map(({ box }) => box)
  expect(boxes).toHaveLength(3)
  boxes.forEach((box, i) => {
    box.forEach((edge, k) => {
      expect(Math.abs(edge - (held[i]?.bbox[k] ?? NaN))).toBeLessThan(1e-4)
    })
  })
  expect(truth[0]?.[1]?.shape?.polygons).toEqual([[60, 10, 90, 10, 90, 40, 75, 50, 60, 40]])
  expect(truth[0]?.[1]?.area).toBe(1050)
  const found = read.images.flatMap(({ objects }) =>
    objects.filter(({ score }) => score !== undefined),
  )
  expect(found).toMatchObject([
    { categoryId: 'person', score: 0.875, attributes: { model_version: 'sample' } },
    { categoryId: 'adversarial patch', score: 0.5 },
    { categoryId: 'adversarial patch', score: 0.25 },
  ])
  found[0]?.box.forEach((edge, k) => {
    expect(edge).toBeCloseTo([11.5, 19, 29, 41][k] ?? NaN, 4)
  })
})

test.each([
  ['annotations', [undefined, undefined]],
  ['predictions', [0.875, 0.5]],
] as const)('takes %s alone on request', async (take, scores) => {
  const read = await readAll(importer, memoryFiles(fixtureFiles('label-studio')), { take })
  expect(read.images[0]?.objects.map(({ score }) => score)).toEqual(scores)
})

test('boxes are turned clockwise about their upper left corner and kept as polygons', async () => {
  const read = await readResults([box({ x: 50, y: 25, width: 20, height: 10, rotation: 90 })])
  // 200 x 100 pixels: upper left (100, 25), 40 wide, 10 high. Turned, it lies below and left of that corner.
  expect(read.images[0]?.objects).toMatchObject([
    { box: [90, 25, 10, 40], shape: { polygons: [[100, 25, 100, 65, 90, 65, 90, 25]] }, area: 400 },
  ])
  const slanted = await readResults([box({ x: 50, y: 25, width: 20, height: 10, rotation: 30 })])
  const ring = slanted.images[0]?.objects[0]?.shape?.polygons?.[0] ?? []
  const wanted = [100, 25, 100 + 40 * Math.cos(Math.PI / 6), 45]
  wanted.forEach((value, i) => {
    expect(ring[i]).toBeCloseTo(value, 9)
  })
  expect(ring).toHaveLength(8)
})

test('a full turn is none', async () => {
  const read = await readResults([box({ x: 0, y: 0, width: 10, height: 10, rotation: 360 })])
  expect(read.images[0]?.objects[0]).toMatchObject({ box: [0, 0, 20, 10], area: 200 })
  expect(read.images[0]?.objects[0]?.shape).toBeUndefined()
})

test('the newest annotation that was not cancelled counts', async () => {
  const annotation = (name: string, time: string, was_cancelled = false) => ({
    result: [box({ rectanglelabels: [name] })],
    updated_at: `2024-01-0${time}T00:00:00Z`,
    was_cancelled,
  })
  const annotations = [annotation('b', '2'), annotation('c', '3', true), annotation('a', '1')]
  const read = await readTasks([{ id: 1, data: { image: 'a.png' }, annotations }])
  expect(read.images[0]?.objects.map(({ categoryId }) => categoryId)).toEqual(['b'])
})

test('brush masks are read', async () => {
  const mask = { width: 200, height: 100, bits: new Uint8Array(20_000).fill(1, 205, 210) }
  const value = { format: 'rle', rle: encodeBrush(mask), brushlabels: ['x'] }
  const read = await readResults([{ ...frame, type: 'brushlabels', value }])
  expect(read.images[0]?.objects).toMatchObject([
    { box: [5, 1, 5, 1], area: 5, shape: { mask: encodeMask(mask) } },
  ])
})

test('ellipses become outlines; shapes repeated for their labels count once; choices label the picture', async () => {
  const ellipse = { x: 50, y: 50, radiusX: 10, radiusY: 20, ellipselabels: ['x'] }
  const read = await readResults([
    { ...frame, type: 'ellipselabels', value: ellipse },
    { ...box({ rectanglelabels: undefined }), id: 'r', type: 'rectangle' },
    { ...box({ rectanglelabels: undefined, labels: ['y'] }), id: 'r', type: 'labels' },
    { id: 'c', type: 'choices', value: { choices: ['indoors'] } },
  ])
  expect(read.problems).toEqual([])
  expect(read.images[0]).toMatchObject({ label: { index: null, name: 'indoors' } })
  expect(read.images[0]?.objects.map(({ categoryId }) => categoryId)).toEqual(['x', 'y'])
  expect(read.images[0]?.objects[0]?.box.map(Math.round)).toEqual([80, 30, 40, 40])
})

test.each([
  ['sub/b.png', 'pictures/sub/b.png'],
  ['https://example.org/some/where/b.png?token=1', 'pictures/sub/b.png'],
  ['s3://bucket/sub/b.png', 'pictures/sub/b.png'],
  ['/data/local-files/?d=all%20of/sub/b.png', 'pictures/sub/b.png'],
  ['/data/upload/1/0123abcd-b.png', 'pictures/sub/b.png'],
  ['C:\\pictures\\B.PNG', 'pictures/sub/b.png'],
  ['https://example.org/missing.png', 'missing.png'],
  ['missing/sub.png', 'missing/sub.png'],
])('the picture %s is %s', async (image, file) => {
  const tasks = [{ id: 1, data: { image }, annotations: [] }]
  const read = await readTasks(tasks, { 'pictures/sub/b.png': 'x', 'pictures/other.png': 'x' })
  expect(read.images.map((one) => one.file)).toEqual([file])
})

test.each([
  ['../../x.png', 'E_PATH_ESCAPES_ROOT'],
  ['https://example.org/', 'E_PATH_INVALID'],
  ['data:image/png;base64,iVBORw0KGgo/x', 'E_PATH_IS_URL'],
  ['', 'E_PATH_INVALID'],
  [undefined, 'E_PATH_INVALID'],
  ['a\u0000.png', 'E_PATH_INVALID'],
])('the picture %j is left out', async (image, code) => {
  const read = await readTasks([{ id: 1, data: { image }, annotations: [] }])
  expect(read.verdicts).toEqual([`skip-record ${code}`])
})

test.each([
  [box({ width: -1 }), 'skip-record E_BBOX_NEGATIVE_SIZE'],
  [box({ width: 'x' }), 'skip-record E_BBOX_MALFORMED'],
  [box({ rectanglelabels: [] }), 'skip-record E_ANN_CATEGORY_UNKNOWN'],
  [box({ rectanglelabels: ['a', 'b'] }), 'accept-with-warning W_FIELD_TYPE'],
  [box({ width: 200 }), 'accept-with-warning W_BBOX_OUTSIDE_IMAGE'],
  [{ ...box({}), original_width: 0 }, 'skip-record W_FIELD_TYPE'],
  [{ ...box({}), original_width: 1e9 }, 'skip-record W_FIELD_TYPE'],
  [
    { ...frame, type: 'polygonlabels', value: { points: [[1, 2], [3]], polygonlabels: ['x'] } },
    'skip-record E_POLYGON_MALFORMED',
  ],
  [
    { ...frame, type: 'brushlabels', value: { rle: 'x', brushlabels: ['x'] } },
    'skip-record E_RLE_MALFORMED',
  ],
  [
    { ...frame, type: 'brushlabels', value: { rle: [1, 2], brushlabels: ['x'] } },
    'skip-record E_RLE_MALFORMED',
  ],
  [
    { ...frame, type: 'keypointlabels', value: { x: 1, y: 1, keypointlabels: ['x'] } },
    'skip-record W_FIELD_TYPE',
  ],
  [7, 'skip-record W_FIELD_TYPE'],
])('%j: %s', async (result, verdict) => {
  const read = await readResults([result])
  expect(read.verdicts).toEqual([verdict])
})

test('nothing to read is refused', async () => {
  const files = memoryFiles({ 'a.json': '[{"id": 1}]' })
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0 })
  await expect(readAll(importer, files, {})).rejects.toMatchObject({ code: 'E_NO_ANNOTATIONS' })
})

test('fuzz: damaged tasks give problems or an AppError, never anything else', async () => {
  await expectSturdy(importer, fixtureFiles('label-studio'), 'export.json')
})

function box(value: object) {
  const percent = { x: 0, y: 0, width: 10, height: 10, rotation: 0, rectanglelabels: ['x'] }
  return {
    ...frame,
    type: 'rectanglelabels',
    value: { ...percent, ...value },
  }
}

function readResults(result: readonly unknown[]) {
  return readTasks([{ id: 1, data: { image: 'a.png' }, annotations: [{ result }] }])
}

function readTasks(tasks: readonly object[], more: Record<string, string> = {}) {
  return readAll(importer, memoryFiles({ 'tasks.json': JSON.stringify(tasks), ...more }), {})
}
