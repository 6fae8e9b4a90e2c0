import { describe, expect, test } from 'vitest'
import importer from '../../../src/datasets/coco/importer'
import { memoryFiles } from '../../support/memory-files'
import { canonical, canonicalMask, expectScene, fixtureFiles } from '../canonical-scene'
import { readAll } from '../read-all'
import { annotation, category, documentWith, image, readAnnotation, readDocument } from './scenes'

const fixture = () => memoryFiles({ ...fixtureFiles('coco'), ...fixtureFiles('images', 'images/') })

test('the scene is the truth', async () => {
  const read = await readAll(importer, fixture(), {})
  expectScene(read, 'coco', (name) => `images/${name}`)
  const objects = read.images.flatMap(({ objects }) => objects)
  expect(objects.map(({ area }) => area)).toEqual(canonical.objects.map(({ area }) => area))
  expect(objects.map(({ isCrowd }) => isCrowd)).toEqual([false, false, true, false, false])
  expect(objects.map(({ shape }) => shape)).toEqual([
    undefined,
    { polygons: [canonical.objects[1]?.polygon] },
    { mask: canonicalMask(3) },
    { mask: canonicalMask(4) },
    undefined,
  ])
  expect(read.verdicts).toEqual(['accept-with-warning W_IS_RESULTS_FILE'])
})

test('is recognised by its contents, and says how much there is', async () => {
  expect(await importer.recognizes(fixture())).toEqual({
    certainty: 0.9,
    summary: 'COCO annotations with 3 images and 5 objects in annotations.json',
  })
  for (const text of ['{"shapes": []}', '[1]', 'x', '', '{"items": []}', '{"images": ["a"]}']) {
    expect(await importer.recognizes(memoryFiles({ 'a.json': text }))).toMatchObject({
      certainty: 0,
    })
  }
})

describe('order', () => {
  const lists = {
    annotations: [annotation, { ...annotation, id: 2 }],
    images: [image],
    categories: [category],
  }

  test.each([
    ['annotations', 'images', 'categories'],
    ['images', 'annotations', 'categories'],
    ['images', 'categories', 'annotations'],
  ] as const)('%s, %s, %s', async (...order) => {
    const text = JSON.stringify(Object.fromEntries(order.map((key) => [key, lists[key]])))
    const read = await readDocument(text)
    expect(read.verdicts).toEqual([])
    expect(read.images[0]?.objects).toHaveLength(2)
  })

  test('of a list given twice the last counts, wherever it stands', async () => {
    const first = `"images": ${JSON.stringify([{ ...image, id: 5 }])}`
    const rest = documentWith({}).slice(1)
    const read = await readDocument(`{${first}, ${rest}`)
    expect(read.images.map(({ sourceId }) => sourceId)).toEqual(['1'])
    const more = `"annotations": [], "categories": ${JSON.stringify([category, { id: 2, name: 'dog' }])}`
    const again = await readDocument(`${documentWith({}).slice(0, -1)}, ${more}}`)
    expect(again.categories).toHaveLength(2)
    expect(again.images[0]?.objects).toHaveLength(0)
    expect(again.verdicts).toEqual(Array(2).fill('accept-with-warning W_JSON_DUPLICATE_KEY'))
  })
})

describe('fields', () => {
  test('unknown ones become attributes and are told once a field', async () => {
    const annotations = [1, 2, 3].map((id) => ({ ...annotation, id, truncated: id, by: 'me' }))
    const images = [{ ...image, license: 3, weather: { wind: [1] } }]
    const read = await readDocument(documentWith({ annotations, images }))
    expect(read.verdicts).toEqual(Array(3).fill('accept-with-warning W_UNKNOWN_FIELD'))
    expect(read.images[0]?.attributes).toEqual({ license: 3, weather: { wind: [1] } })
    expect(read.images[0]?.objects[2]?.attributes).toEqual({ truncated: 3, by: 'me' })
  })

  test('attributes are taken out of their field, unless that would hide another', async () => {
    const plain = await readAnnotation({ attributes: { occluded: true } })
    expect(plain.images[0]?.objects[0]?.attributes).toEqual({ occluded: true })
    const clash = await readAnnotation({ x: 1, attributes: { x: 2 } })
    expect(clash.images[0]?.objects[0]?.attributes).toEqual({ x: 1, attributes: { x: 2 } })
  })

  test('numbers that are not finite do not get into attributes', async () => {
    const text = documentWith({ annotations: [{ ...annotation, depth: [1, 'NUMBER'] }] })
    const read = await readDocument(text.replace('"NUMBER"', 'NaN'))
    expect(read.images[0]?.objects[0]?.attributes).toEqual({ depth: [1, null] })
    expect(read.verdicts).toContain('accept-with-warning W_FIELD_TYPE')
  })

  test.each([
    [{ area: 'big' }, { area: 100 }],
    [{ score: 'high' }, {}],
    [{ iscrowd: 'yes' }, { isCrowd: false }],
    [{ iscrowd: 2 }, { isCrowd: true }],
    [{ id: {} }, { sourceId: null }],
  ])('%j is told and replaced', async (fields, object) => {
    const read = await readAnnotation(fields)
    expect(read.verdicts).toEqual(['accept-with-warning W_FIELD_TYPE'])
    expect(read.images[0]?.objects[0]).toMatchObject(object)
    expect(read.images[0]?.objects[0]).not.toHaveProperty('score')
  })

  test.each([
    [
      { iscrowd: true, score: 0.5, area: 7.5 },
      { isCrowd: true, score: 0.5, area: 7.5 },
    ],
    [{ area: undefined }, { area: 100 }],
    [{ area: 0 }, { area: 0 }],
    [{ segmentation: { size: [32, 48], counts: [33, 5, 1498] } }, { area: 5 }],
    [{ bbox: undefined, segmentation: [[1, 2, 5, 2, 5, 6]] }, { box: [1, 2, 4, 4] }],
    [{ segmentation: [[]] }, { area: 100 }],
    [{ segmentation: null }, { area: 100 }],
  ])('%j is understood', async (fields, object) => {
    const read = await readAnnotation(fields)
    expect(read.verdicts).toEqual([])
    expect(read.images[0]?.objects[0]).toMatchObject(object)
  })

  test.each([
    [{ image_id: null }, 'E_ANN_IMAGE_UNKNOWN'],
    [{ category_id: [1] }, 'E_ANN_CATEGORY_UNKNOWN'],
    [{ bbox: [1, 2, 1e200, 1e200] }, 'E_BBOX_NOT_FINITE'],
    [{ bbox: [1, 2, 3, 4, 5] }, 'E_BBOX_MALFORMED'],
    [{ segmentation: 'x' }, 'E_POLYGON_MALFORMED'],
    [{ segmentation: [1, 2, 3, 4, 5, 6] }, 'E_POLYGON_MALFORMED'],
    [{ segmentation: [[1, 2, 3, 4, 5, 'x']] }, 'E_POLYGON_MALFORMED'],
    [{ segmentation: [[1, 2, 3, 4, 5, 1e300]] }, 'E_POLYGON_MALFORMED'],
    [{ segmentation: {} }, 'E_RLE_MALFORMED'],
    [{ segmentation: { size: [32, 48], counts: null } }, 'E_RLE_MALFORMED'],
    [{ segmentation: { size: [32, 48], counts: [1, 'x'] } }, 'E_RLE_MALFORMED'],
    [{ segmentation: { size: [32], counts: [1] } }, 'E_RLE_MALFORMED'],
  ])('%j is left out', async (fields, code) => {
    const read = await readAnnotation(fields)
    expect(read.verdicts).toEqual([`skip-record ${code}`])
    expect(read.images[0]?.objects).toEqual([])
  })

  test('sizes that are none are told and left out', async () => {
    const read = await readDocument(
      documentWith({ images: [{ ...image, width: '48', height: -1 }] }),
    )
    expect(read.images).toMatchObject([{ width: null, height: null, objects: [{}] }])
    expect(read.verdicts).toEqual(Array(2).fill('accept-with-warning W_FIELD_TYPE'))
  })

  test('images and categories that are none', async () => {
    const images = [image, null, { id: 2 }, { id: 3, file_name: '' }]
    const categories = [
      category,
      7,
      { id: 3 },
      { id: 'x', name: 'x' },
      { id: 4, name: 'y', supercategory: 1 },
    ]
    const read = await readDocument(documentWith({ images, categories }))
    expect(read.images).toHaveLength(1)
    expect(read.categories.map(({ name }) => name)).toEqual(['cat', '3', 'x', 'y'])
    expect(read.verdicts).toEqual([
      'skip-record E_ID_OUT_OF_RANGE',
      'skip-record E_PATH_INVALID',
      'skip-record E_PATH_INVALID',
      'skip-record E_ID_OUT_OF_RANGE',
      'accept-with-warning W_FIELD_TYPE',
      'accept-with-warning W_ID_NOT_INTEGER',
      'accept-with-warning W_FIELD_TYPE',
    ])
  })
})

describe('boxes', () => {
  test('a single good box lifts the suspicion of corners, and all others are told', async () => {
    const boxes = [
      [20, 10, 45, 30],
      [30, 20, 47, 31],
      [1, 1, 2, 2],
    ]
    const annotations = boxes.map((bbox, i) => ({ ...annotation, id: i + 1, bbox }))
    const read = await readDocument(documentWith({ annotations }))
    expect(read.verdicts).toEqual(Array(2).fill('accept-with-warning W_BBOX_OUTSIDE_IMAGE'))
    expect(read.problems.map(({ record }) => record)).toEqual([0, 1])
  })

  test('one box alone is no habit', async () => {
    const read = await readAnnotation({ bbox: [20, 10, 45, 30] })
    expect(read.verdicts).toEqual(['accept-with-warning W_BBOX_OUTSIDE_IMAGE'])
  })
})

describe('several files', () => {
  const files = (more: Record<string, string> = {}) =>
    memoryFiles({
      'annotations/instances_train2017.json': documentWith({}),
      'annotations/instances_val2017.json': documentWith({
        categories: [
          { id: 1, name: 'dog' },
          { id: 2, name: 'cat' },
        ],
      }),
      'train2017/a.jpg': 'picture',
      'images/val2017/a.jpg': 'picture',
      ...more,
    })

  test('ids are kept apart, classes of one name are one class', async () => {
    const read = await readAll(importer, files(), {})
    expect(read.images.map(({ file, split }) => [file, split])).toEqual([
      ['train2017/a.jpg', 'train'],
      ['images/val2017/a.jpg', 'val'],
    ])
    expect(read.categories.map(({ sourceId, name }) => [sourceId, name])).toEqual([
      ['1', 'cat'],
      ['annotations/instances_val2017.json#1', 'dog'],
    ])
    expect(read.images[1]?.objects[0]?.categoryId).toBe('annotations/instances_val2017.json#1')
  })

  test('files of other tasks and formats are passed over', async () => {
    const keypoints = documentWith({ annotations: [{ ...annotation, keypoints: [1, 2, 2] }] })
    const captions = documentWith({ annotations: [{ id: 1, image_id: 1, caption: 'a cat' }] })
    const read = await readAll(
      importer,
      files({
        'annotations/person_keypoints_val2017.json': keypoints,
        'annotations/captions_val2017.json': captions,
        'other.json': '{"a": 1}',
        'broken.json': '{',
        '._instances.json': documentWith({}),
      }),
      {},
    )
    expect(read.images).toHaveLength(2)
    expect(read.verdicts).toEqual([])
  })

  test('a folder without annotations is refused', async () => {
    await expect(readAll(importer, memoryFiles({ 'a.json': '{}' }), {})).rejects.toMatchObject({
      code: 'E_COCO_NO_IMAGES',
    })
  })
})

describe('pictures', () => {
  test.each([
    ['train.json', 'a.jpg'],
    ['train.json', 'images/a.jpg'],
    ['train.json', 'images/train/a.jpg'],
    ['train.json', 'train/a.jpg'],
    ['x/labels.json', 'x/data/a.jpg'],
    ['x/anno/train.json', 'x/a.jpg'],
    ['x/anno/train.json', 'x/images/a.jpg'],
    ['x/anno/instances_train2014.json', 'x/images/train2014/a.jpg'],
    ['x/anno/instances_train2014.json', 'x/train/a.jpg'],
    ['valid/_annotations.coco.json', 'valid/a.jpg'],
  ])('%s finds %s', async (json, picture) => {
    const files = memoryFiles(
      { [json]: documentWith({}), [picture]: 'x', 'zz/a.jpg': 'x' },
      { entry: json },
    )
    const read = await readAll(importer, files, {})
    expect(read.images[0]?.file).toBe(picture)
  })

  test('the user may name the folder', async () => {
    const files = memoryFiles({ 'a.json': documentWith({}), 'a.jpg': 'x', 'far/off/a.jpg': 'x' })
    const read = await readAll(importer, files, { images: 'far/off/' })
    expect(read.images[0]?.file).toBe('far/off/a.jpg')
    await expect(readAll(importer, files, { images: '../x' })).rejects.toMatchObject({
      code: 'E_PATH_ESCAPES_ROOT',
    })
  })

  test('questions do not grow with the number of folders', async () => {
    const images = Array.from({ length: 1000 }, (_, i) => ({
      ...image,
      id: i,
      file_name: `${i}.jpg`,
    }))
    const text = documentWith({ images })
    for (const folder of ['nowhere', 'images']) {
      const pictures = images.map(({ file_name }) => [`${folder}/${file_name}`, 'x'] as const)
      const files = memoryFiles({ 'x/train.json': text, ...Object.fromEntries(pictures) })
      let asked = 0
      const counting = {
        ...files,
        has: (name: string) => {
          asked++
          return files.has(name)
        },
      }
      expect((await readAll(importer, counting, {})).images).toHaveLength(1000)
      expect(asked).toBeLessThan(2500)
    }
  })
})
