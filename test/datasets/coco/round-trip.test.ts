import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import exporter from '../../../src/datasets/coco/exporter'
import importer from '../../../src/datasets/coco/importer'
import type { ContentImage, ContentObject, DatasetContent } from '../../../src/shared/dataset'
import { polygonToRle } from '../../../src/shared/vision/polygon'
import { encodeMask } from '../../../src/shared/vision/rle'
import { memoryFiles } from '../../support/memory-files'
import { memorySink } from '../../support/memory-sink'
import { readAll } from '../read-all'
import { comparable, contentOfFile, contents } from './contents'

function exported(content: DatasetContent): string {
  const sink = memorySink()
  exporter.write(content, sink, {})
  expect([...sink.files().keys()]).toEqual([exporter.fileName])
  return sink.text('annotations.json')
}

const imported = (text: string, pieceBytes = 65_536) =>
  readAll(importer, memoryFiles({ 'annotations.json': text }, { pieceBytes }), {})

describe('import(export(x)) is x', () => {
  test('for anything that COCO can hold', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 2000 }), async (content, pieceBytes) => {
        const read = await imported(exported(content), pieceBytes)
        const original = { categories: content.categories, images: [...content.images()] }
        expect(comparable(contentOfFile(read))).toEqual(comparable(original))
        expect(exporter.losses(content, {})).toEqual([])
        expect(
          read.verdicts.filter((verdict) => !/ W_(?:BBOX|ANN_ID|DUPLICATE_C)/.test(verdict)),
        ).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('for the scene: the same objects, and with each round the same bytes', async () => {
    const fixture = new URL('../../fixtures/formats/coco/annotations.json', import.meta.url)
    const text = readFileSync(fixture, 'utf8')
    const content = asContent(await imported(text))
    const written = exported(content)
    const [before, after] = [JSON.parse(text), JSON.parse(written)] as [Lists, Lists] // our own fixture
    expect(after.images).toEqual(before.images)
    expect(after.categories).toEqual(before.categories)
    expect(after.annotations).toEqual(before.annotations)
    expect(exported(asContent(await imported(written)))).toBe(written)
  })
})

interface Lists {
  readonly images: unknown
  readonly categories: unknown
  readonly annotations: unknown
}

function asContent(read: Awaited<ReturnType<typeof imported>>): DatasetContent {
  const { categories, images } = contentOfFile(read)
  return { name: 'scene', categories, images: () => images }
}

const object: ContentObject = {
  id: 1,
  categoryId: 1,
  box: [1, 2, 3, 4.5],
  area: 13.5,
  isCrowd: false,
  isPatch: false,
  attributes: {},
}
const image: ContentImage = {
  id: 1,
  file: 'a.jpg',
  width: 8,
  height: 6,
  split: null,
  attributes: {},
  objects: [object],
}

const withObject = (fields: Partial<ContentObject>, more: Partial<ContentImage> = {}) => ({
  name: 'x',
  categories: [{ id: 1, name: 'cat' }],
  images: () => [{ ...image, ...more, objects: [{ ...object, ...fields }] }],
})

test('the document, line by line', () => {
  expect(exported(withObject({ score: 0.25, attributes: { b: 1, a: { d: 1, c: [] } } }))).toBe(
    [
      '{"images":[',
      '{"id":1,"file_name":"a.jpg","width":8,"height":6}',
      '],',
      '"categories":[',
      '{"id":1,"name":"cat"}',
      '],',
      '"annotations":[',
      '{"id":1,"image_id":1,"category_id":1,"segmentation":[],"area":13.5,"bbox":[1,2,3,4.5],"iscrowd":0,' +
        '"score":0.25,"attributes":{"a":{"c":[],"d":1},"b":1}}',
      ']}',
      '',
    ].join('\n'),
  )
})

test('the order in which attributes were noted makes no difference', () => {
  const one = exported(withObject({ attributes: { a: 1, b: { c: 1, d: 2 } } }))
  expect(exported(withObject({ attributes: { b: { d: 2, c: 1 }, a: 1 } }))).toBe(one)
})

test('nothing at all is a document too', async () => {
  const text = exported({ name: '', categories: [], images: () => [] })
  expect(JSON.parse(text)).toEqual({ images: [], categories: [], annotations: [] })
  expect((await imported(text)).images).toEqual([])
})

describe('what COCO cannot hold is said', () => {
  const rectangle = [1, 1, 5, 1, 5, 4, 1, 4]
  const filled = polygonToRle(rectangle, image)
  const other = encodeMask({ width: 8, height: 6, bits: new Uint8Array(48).fill(1) })

  test.each([
    ['image-labels', withObject({}, { label: { index: 3, name: 'fox' } })],
    ['pixel-references', withObject({}, { pixels: { kind: 'hdf5', dataset: 'images', index: 2 } })],
    ['polygons-beside-masks', withObject({ shape: { polygons: [rectangle], mask: other } })],
    [
      'polygons-beside-masks',
      withObject({ isCrowd: true, shape: { polygons: [rectangle], mask: filled } }),
    ],
  ])('%s', (what, content) => {
    expect(exporter.losses(content, {})).toMatchObject([{ what, count: 1 }])
  })

  test('a mask that its polygons enclose is no loss: the polygons are written', async () => {
    const content = withObject({ shape: { polygons: [rectangle], mask: filled } })
    expect(exporter.losses(content, {})).toEqual([])
    const read = await imported(exported(content))
    expect(read.images[0]?.objects[0]?.shape).toEqual({ polygons: [rectangle] })
  })
})

test.each([
  ['E_BBOX_NOT_FINITE', { box: [NaN, 0, 1, 1] as const }],
  ['E_BBOX_NOT_FINITE', { area: Infinity }],
  ['E_SCORE_NOT_FINITE', { score: NaN }],
])('%s for %j', (code, fields) => {
  expect(() => exported(withObject(fields))).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('a.jpg') as string }) as Error,
  )
})
