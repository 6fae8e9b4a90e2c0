import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { CheckedRecord } from '../../../src/engine/import/checked-records'
import { diskSource } from '../../../src/engine/import/disk-source'
import { importRecords } from '../../../src/engine/import/import-records'
import type {
  ImportedImage,
  ImportedObject,
  ImportRecord,
  PixelReference,
} from '../../../src/shared/dataset/records'
import { defineImporter } from '../../../src/shared/plugin'
import { temporaryFolder } from '../temporary-folder'
import { hostileFolder } from './hostile-cases'

const folder = temporaryFolder()

/** An importer that says what it is told to, as third-party ones may. */
const scripted = (records: Iterable<ImportRecord>) =>
  defineImporter({
    id: 'scripted',
    name: 'Scripted',
    summary: 'Says what it is told to.',
    params: z.object({}),
    recognizes: () => Promise.resolve({ certainty: 1, summary: 'scripted' }),
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous
    async *read() {
      yield* records
    },
  })

function rootWith(...pictures: readonly string[]): string {
  const root = mkdtempSync(join(folder, 'root-'))
  for (const name of pictures) copyFileSync(join(hostileFolder, 'images', name), join(root, name))
  return root
}

async function run(root: string, records: Iterable<ImportRecord>): Promise<CheckedRecord[]> {
  const found: CheckedRecord[] = []
  for await (const record of importRecords(await diskSource(root), scripted(records), {})) {
    found.push(record)
  }
  return found
}

const image = (file: string, more: Partial<ImportedImage> = {}): ImportRecord => ({
  kind: 'image',
  image: { sourceId: file, file, width: null, height: null, split: null, attributes: {}, ...more },
})
const category = (name: string): ImportRecord => ({
  kind: 'category',
  category: { sourceId: name, name },
})
const object = (
  imageId: string,
  box: readonly [number, number, number, number],
  more: Partial<ImportedObject> = {},
): ImportRecord => ({
  kind: 'object',
  imageId,
  object: {
    sourceId: null,
    categoryId: 'cat',
    box,
    area: box[2] * box[3],
    isCrowd: false,
    attributes: {},
    ...more,
  },
})

const codes = (records: readonly CheckedRecord[]) =>
  records.flatMap((record) => (record.kind === 'problem' ? [record.problem.code] : []))
const images = (records: readonly CheckedRecord[]) =>
  records.flatMap((record) => (record.kind === 'image' ? [record.image] : []))
const boxes = (records: readonly CheckedRecord[]) =>
  records.flatMap((record) => (record.kind === 'object' ? [record.object.box] : []))
const counts = (records: readonly CheckedRecord[]) => {
  const last = records.at(-1)
  if (last?.kind !== 'end') throw new Error('no end')
  return last.counts
}

test('the file tells what a picture is', async () => {
  const [found] = images(await run(rootWith('exif-6.jpg'), [image('exif-6.jpg')]))
  const bytes = readFileSync(join(hostileFolder, 'images/exif-6.jpg'))
  expect(found).toMatchObject({
    width: 32,
    height: 48,
    contentId: hash('sha256', bytes),
    contents: {
      sha256: hash('sha256', bytes),
      bytes: bytes.length,
      format: 'jpeg',
      stored: { width: 48, height: 32 },
      orientation: 6,
    },
  })
})

test('order is kept although files are read at the same time, and many records wait', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `${i}.png`)
  const root = rootWith()
  for (const [i, name] of names.entries()) {
    const side = i % 7 === 0 ? 700 : 8
    const picture = sharp({ create: { width: side, height: 8, channels: 3, background: 'red' } })
    writeFileSync(join(root, name), await picture.png().toBuffer())
  }
  const records = [
    category('cat'),
    ...names.map((name) => image(name)),
    ...names.flatMap((name) =>
      Array.from({ length: 100 }, (_, i) => object(name, [i / 100, 0, 1, 1])),
    ),
  ]
  const found = await run(root, records)
  expect(images(found).map(({ file }) => file)).toEqual(names)
  expect(boxes(found)).toHaveLength(6_000)
  expect(found.map(({ kind }) => kind)).toEqual([...records.map(({ kind }) => kind), 'end'])
})

test('objects of a picture that is left out go with it, silently but counted', async () => {
  const found = await run(rootWith('truncated.jpg', 'good.jpg'), [
    category('cat'),
    category('adversarial patch'),
    image('truncated.jpg'),
    image('good.jpg'),
    object('truncated.jpg', [1, 1, 2, 2]),
    object('truncated.jpg', [1, 1, 2, 2], { categoryId: 'adversarial patch' }),
    object('good.jpg', [1, 1, 2, 2]),
  ])
  expect(codes(found)).toEqual(['E_IMAGE_TRUNCATED'])
  expect(counts(found)).toEqual({
    categories: 1,
    images: 1,
    missing: 0,
    objects: 1,
    patches: 0,
    skippedImages: 1,
    skippedObjects: 1,
    skippedPatches: 1,
  })
})

test('objects of the class "adversarial patch" are patches', async () => {
  const found = await run(rootWith('good.jpg'), [
    { kind: 'category', category: { sourceId: '12', name: ' Adversarial Patch' } },
    image('good.jpg'),
    object('good.jpg', [1, 2, 3, 4], {
      categoryId: '12',
      score: 0.5,
      attributes: { patch: 'frc1', target: 7, angle: 1 },
    }),
  ])
  expect(found.map(({ kind }) => kind)).toEqual(['image', 'patch', 'end'])
  expect(found[1]).toMatchObject({
    patch: {
      name: 'frc1',
      target: null,
      box: [1, 2, 3, 4],
      attributes: { target: 7, angle: 1, score: 0.5 },
    },
  })
})

describe('boxes of importers that did not know the size', () => {
  test('are turned upright and looked at', async () => {
    const found = await run(rootWith('exif-6.jpg'), [
      category('cat'),
      image('exif-6.jpg'),
      object('exif-6.jpg', [4, 5, 10, 7]),
      object('exif-6.jpg', [40, 5, 10, 7]),
      object('exif-6.jpg', [4, 5, 0, 7]),
    ])
    expect(boxes(found)[0]).toEqual([32 - 5 - 7, 4, 7, 10])
    expect(codes(found)).toEqual(['W_EXIF_ORIENTATION', 'W_BBOX_OUTSIDE_IMAGE', 'W_BBOX_EMPTY'])
  })

  test('that were stated with a size are the importer’s business', async () => {
    const found = await run(rootWith('good.jpg'), [
      category('cat'),
      image('good.jpg', { width: 48, height: 32 }),
      object('good.jpg', [40, 5, 10, 7]),
    ])
    expect(codes(found)).toEqual([])
  })

  test('that all fit as corners only are told once', async () => {
    const found = await run(rootWith('good.jpg'), [
      category('cat'),
      image('good.jpg'),
      object('good.jpg', [20, 10, 45, 30]),
      object('good.jpg', [30, 20, 47, 31]),
    ])
    expect(codes(found).filter((code) => code === 'W_BBOX_LOOKS_XYXY')).toHaveLength(1)
  })
})

test('what no importer should yield is caught', async () => {
  const found = await run(rootWith('good.jpg'), [
    category('cat'),
    image('good.jpg'),
    object('nobody', [1, 1, 1, 1]),
    object('good.jpg', [1, 1, 1, 1], { categoryId: 'none' }),
    object('good.jpg', [1, NaN, 1, 1]),
    image('../secret.jpg'),
  ])
  expect(codes(found)).toEqual([
    'E_ANN_IMAGE_UNKNOWN',
    'E_ANN_CATEGORY_UNKNOWN',
    'E_BBOX_NOT_FINITE',
    'E_PATH_ESCAPES_ROOT',
  ])
  const twice = run(rootWith('good.jpg'), [image('good.jpg'), image('good.jpg')])
  await expect(twice).rejects.toMatchObject({ code: 'E_DUPLICATE_IMAGE_ID' })
})

test('tiles and rows of a file are told apart, and the file is read once', async () => {
  const root = rootWith('good.png')
  writeFileSync(join(root, '0.h5'), 'rows')
  const tile = (x: number): PixelReference => ({
    kind: 'tile',
    x,
    y: 0,
    width: 24,
    height: 32,
  })
  const row = (index: number): PixelReference => ({
    kind: 'hdf5',
    dataset: 'images',
    index,
  })
  const found = await run(root, [
    image('good.png', { sourceId: 'left', pixels: tile(0) }),
    image('good.png', { sourceId: 'right', pixels: tile(24) }),
    image('good.png', { sourceId: 'beyond', pixels: tile(30) }),
    image('0.h5', { sourceId: 'a', pixels: row(0), width: 256, height: 256 }),
    image('0.h5', { sourceId: 'b', pixels: row(1), width: 256, height: 256 }),
  ])
  expect(codes(found)).toEqual(['W_IMAGE_SIZE_MISMATCH'])
  const all = images(found)
  expect(new Set(all.map(({ contentId }) => contentId)).size).toBe(5)
  expect(new Set(all.map(({ contents }) => contents?.sha256)).size).toBe(2)
  expect(all.map(({ width }) => width)).toEqual([24, 24, 48, 256, 256])
  expect(all[2]).not.toHaveProperty('pixels')
  expect(all[3]?.contents?.format).toBe('hdf5')
})

test('an import can be stopped', async () => {
  const stop = new AbortController()
  const records = importRecords(
    await diskSource(rootWith('good.jpg')),
    scripted([category('cat'), image('good.jpg'), category('dog')]),
    {},
    { signal: stop.signal },
  )
  const act = async () => {
    for await (const { kind } of records) if (kind === 'category') stop.abort()
  }
  await expect(act()).rejects.toThrow(/abort/i)
})
