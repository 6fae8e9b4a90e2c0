import { expect, test } from 'vitest'
import importer from '../../../src/datasets/labelme/importer'
import { bytesToBase64 } from '../../../src/datasets/reading/base64'
import { encodeMaskPng } from '../../../src/datasets/reading/mask-png'
import { rleToText } from '../../../src/shared/vision/rle-text'
import { memoryFiles } from '../../support/memory-files'
import { canonicalMask, expectScene, fixtureFiles } from '../canonical-scene'
import { bitmap } from '../hostile-cases'
import { readAll } from '../read-all'

const document = (shapes: readonly unknown[], more: object = {}) =>
  JSON.stringify({
    shapes,
    imagePath: 'a.png',
    imageData: null,
    imageWidth: 20,
    imageHeight: 10,
    ...more,
  })
const readShapes = (shapes: readonly unknown[], more: object = {}) =>
  readAll(importer, memoryFiles({ 'a.json': document(shapes, more) }), {})
const mask = (width: number, height: number) =>
  bytesToBase64(encodeMaskPng({ width, height, bits: new Uint8Array(width * height).fill(1) }, 1))

test('the scene, pictures beside the folder of the annotations', async () => {
  const files = memoryFiles({
    ...fixtureFiles('labelme', 'labelme/'),
    ...fixtureFiles('images', 'images/'),
  })
  const read = await readAll(importer, files, {})
  expectScene(read, 'labelme', (name) => `images/${name}`)
  expect(read.problems).toEqual([])
  const [a, , b] = read.images
  const masks = [a?.objects[2], b?.objects[0]].map((object) => object?.shape?.mask)
  expect(masks.map((found) => found && rleToText(found))).toEqual(
    [3, 4].map((id) => rleToText(canonicalMask(id))),
  )
  expect(a?.objects[1]).toMatchObject({
    shape: { polygons: [[60, 10, 90, 10, 90, 40, 75, 50, 60, 40]] },
    area: 1050,
  })
  expect([a?.objects[2]?.area, b?.objects[0]?.area]).toEqual([1000, 800])
  expect((await importer.recognizes(files)).certainty).toBe(0.9)
})

test('circles: centre and a point on the rim; the outline is round', async () => {
  const { images } = await readShapes([
    {
      label: 'a',
      shape_type: 'circle',
      points: [
        [10, 5],
        [13, 9],
      ],
    },
  ])
  const circle = images[0]?.objects[0]
  expect(circle?.box).toEqual([5, 0, 10, 10])
  const points = circle?.shape?.polygons?.[0] ?? []
  for (let i = 0; i < points.length; i += 2) {
    expect(Math.hypot(points[i]! - 10, points[i + 1]! - 5)).toBeCloseTo(5, 9)
  }
  expect(Math.abs((circle?.area ?? 0) - 25 * Math.PI)).toBeLessThan(4)
})

test('what the program keeps with a shape stays: group, description, flags', async () => {
  const shape = {
    label: 'a',
    shape_type: 'rectangle',
    points: [
      [3, 9],
      [1, 2],
    ],
  }
  const { images } = await readShapes(
    [
      { ...shape, group_id: 0, description: 'behind', flags: { sure: true } },
      { ...shape, group_id: null, description: '', flags: {} },
    ],
    { flags: { night: false } },
  )
  expect(images[0]?.attributes).toEqual({ flags: { night: false } })
  expect(images[0]?.objects.map(({ box, attributes }) => ({ box, attributes }))).toEqual([
    {
      box: [1, 2, 2, 7],
      attributes: { group_id: 0, description: 'behind', flags: { sure: true } },
    },
    { box: [1, 2, 2, 7], attributes: {} },
  ])
})

test('shapes that cannot be objects are left out one by one', async () => {
  const { verdicts, problems, images } = await readShapes([
    7,
    {
      points: [
        [1, 1],
        [2, 2],
      ],
    },
    {
      label: 'a',
      shape_type: 'line',
      points: [
        [1, 1],
        [2, 2],
      ],
    },
    { label: 'a', shape_type: 'rectangle', points: [[1, 1]] },
    {
      label: 'a',
      points: [
        [1, 1],
        [2, 2],
      ],
    },
    { label: 'a', points: [[1, 1], [2, 2], [3]] },
    { label: 'a', points: 'many' },
    {
      label: 'a',
      points: [
        [1, 1],
        [2, 2],
        [3, 1e300],
      ],
    },
    {
      label: 'a',
      shape_type: 'mask',
      points: [
        [1, 1],
        [3, 3],
      ],
      mask: mask(2, 3),
    },
    {
      label: 'a',
      shape_type: 'mask',
      points: [
        [18, 1],
        [20, 3],
      ],
      mask: mask(3, 3),
    },
    {
      label: 'a',
      shape_type: 'mask',
      points: [
        [1, 1],
        [3, 3],
      ],
      mask: '%%%',
    },
    {
      label: 'a',
      shape_type: 'mask',
      points: [
        [1, 1],
        [3, 3],
      ],
      mask: 'AAAA',
    },
    {
      label: 'a',
      points: [
        [-1, 1],
        [2, 2],
        [3, 3],
      ],
    },
  ])
  expect(verdicts).toEqual([
    'skip-record E_BBOX_MALFORMED',
    'skip-record E_ANN_CATEGORY_UNKNOWN',
    'skip-record E_BBOX_MALFORMED',
    'skip-record E_BBOX_MALFORMED',
    'skip-record E_POLYGON_MALFORMED',
    'skip-record E_POLYGON_MALFORMED',
    'skip-record E_POLYGON_MALFORMED',
    'skip-record E_POLYGON_MALFORMED',
    'skip-record E_MASK_SIZE_MISMATCH',
    'skip-record E_MASK_SIZE_MISMATCH',
    'skip-record E_IMAGE_CORRUPT',
    'skip-record E_IMAGE_UNKNOWN_FORMAT',
    'accept-with-warning W_BBOX_OUTSIDE_IMAGE',
  ])
  expect(problems.map(({ record }) => record)).toEqual([...Array(13).keys()])
  expect(images[0]?.objects).toHaveLength(1)
})

test('NaN, which Python writes, is refused shape by shape', async () => {
  const text = document([
    {
      label: 'a',
      points: [
        [1, 1],
        [2, 2],
        [3, 'X'],
      ],
    },
    {
      label: 'a',
      points: [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    },
  ]).replace('"X"', 'NaN')
  const read = await readAll(importer, memoryFiles({ 'a.json': text }), {})
  expect(read.verdicts).toEqual(['skip-record E_BBOX_NOT_FINITE'])
  expect(read.images[0]?.objects).toHaveLength(1)
})

test('paths: either separator, climbing inside the root only, no addresses', async () => {
  const files = memoryFiles({
    'x/y/a.json': document([], { imagePath: '..\\pictures\\a.png' }),
    'x/y/b.json': document([], { imagePath: '../../../b.png' }),
    'x/y/c.json': document([], { imagePath: 'https://example.org/c.png' }),
    'x/y/d.json': document([], { imagePath: 'C:\\pictures\\d.png' }),
    'x/y/e.json': document([], { imagePath: '../pictures/a.png' }),
  })
  const { images, verdicts } = await readAll(importer, files, {})
  expect(images.map(({ file }) => file)).toEqual(['x/pictures/a.png', 'x/pictures/a.png'])
  expect(verdicts).toEqual([
    'skip-file E_PATH_ESCAPES_ROOT',
    'skip-file E_PATH_IS_URL',
    'skip-file E_PATH_ESCAPES_ROOT',
    'accept-with-warning W_DUPLICATE_FILE_NAME',
  ])
})

test('a size that is not stated is that of the picture, or of the embedded picture', async () => {
  const noSize = { imageWidth: null, imageHeight: undefined }
  const embedded = bytesToBase64(bitmap(7, 6))
  const files = memoryFiles({
    'a.json': document([], { ...noSize, imagePath: 'a.bmp', imageData: embedded }),
    'a.bmp': bitmap(5, 4),
    'b.json': document([], { ...noSize, imagePath: 'b.bmp', imageData: embedded }),
    'c.json': document(
      [
        {
          label: 'a',
          shape_type: 'mask',
          points: [
            [0, 0],
            [1, 1],
          ],
          mask: mask(2, 2),
        },
      ],
      {
        ...noSize,
        imagePath: 'c.bmp',
      },
    ),
  })
  const { images, verdicts } = await readAll(importer, files, {})
  expect(images.map(({ width, height }) => [width, height])).toEqual([
    [5, 4],
    [7, 6],
    [null, null],
  ])
  expect(verdicts).toEqual(['skip-record E_MASK_SIZE_MISMATCH'])
})

test('other documents and broken ones are left out', async () => {
  const files = memoryFiles({
    'a.json': '{"shapes": [',
    'b.json': '{"images": []}',
    'c.json': '',
    'd.json': '{"shapes": [], "shapes": [], "imagePath": "d.png"}',
  })
  const { verdicts, images } = await readAll(importer, files, {})
  expect(verdicts).toEqual([
    'skip-file E_JSON_TRUNCATED',
    'skip-file W_UNKNOWN_FIELD',
    'skip-file E_FILE_EMPTY',
    'accept-with-warning W_JSON_DUPLICATE_KEY',
  ])
  expect(images).toHaveLength(1)
  const none = memoryFiles({ 'b.json': '{"images": []}', 'c.json': '' })
  expect((await importer.recognizes(none)).certainty).toBe(0)
})
