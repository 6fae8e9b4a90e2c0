import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { datasetExporters, importers } from '../../src/datasets'
import { picturePlaces } from '../../src/engine/export/picture-places'
import { diskSource } from '../../src/engine/import/disk-source'
import { importRecords } from '../../src/engine/import/import-records'
import { recognize } from '../../src/engine/import/recognize'
import type { DatasetContent } from '../../src/shared/dataset'
import type { DatasetExporterPlugin } from '../../src/shared/plugin'
import { encodeMask, rleBox } from '../../src/shared/vision/rle'
import { contents } from '../datasets/contents'
import { temporaryFolder } from '../engine/temporary-folder'
import { memorySink } from '../support/memory-sink'

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url))
const folder = temporaryFolder()

/** What a small data set of each format consists of: folders of the fixtures, and where they belong. */
const formatFiles = (name: string, pictures: string) => ({
  [`formats/${name}`]: '',
  'formats/images': pictures,
})
const samples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  apricot: { 'miniatures/apricot-mask/v1.1': '' },
  'apricot-mask': {
    'miniatures/apricot-mask/v1.1': '',
    'miniatures/apricot-mask/masks-png': 'masks',
  },
  'box-table': { 'formats/images': '' },
  coco: formatFiles('coco', 'images'),
  cvat: formatFiles('cvat', 'images'),
  d3s: { 'miniatures/d3s': '' },
  datumaro: formatFiles('datumaro', 'images/default'),
  fiftyone: formatFiles('fiftyone', 'data'),
  folder: { 'formats/images': '' },
  'label-studio': formatFiles('label-studio', 'images'),
  labelme: { 'formats/labelme': 'labels', 'formats/images': 'images' },
  'om-imagenet': { 'miniatures/om-imagenet': '' },
  'open-images': formatFiles('open-images', ''),
  voc: formatFiles('voc', 'JPEGImages'),
  yolo: formatFiles('yolo-detect', 'images'),
}

function sampleOf(format: string): string {
  const place = join(folder, format)
  for (const [from, to] of Object.entries(samples[format] ?? {})) {
    cpSync(join(fixtures, from), join(place, to), { recursive: true })
  }
  if (format === 'box-table') {
    writeFileSync(join(place, 'boxes.csv'), 'image,label,xmin,ymin,xmax,ymax\na.png,cat,1,2,5,6\n')
  }
  return place
}

test('every importer has a sample here, so that none goes unchecked', () => {
  expect(Object.keys(samples).sort()).toEqual([...importers.keys()].sort())
})

describe.each([...importers.values(), ...datasetExporters.values()])('$kind $id', (plugin) => {
  test('says what it is, and every setting has a default and a description', () => {
    expect(plugin.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
    expect(plugin.name.trim()).not.toBe('')
    expect(plugin.summary).toMatch(/^[A-Z].*\.$/s)
    expect(Object.isFrozen(plugin)).toBe(true)
    expect(plugin.params.safeParse({}).success).toBe(true)
    const { properties } = z.toJSONSchema(plugin.params, { io: 'input' })
    for (const setting of Object.values(properties ?? {})) {
      expect(setting).toHaveProperty('description')
      expect(setting).toHaveProperty('default')
    }
  })
})

describe.each([...importers.values()])('importer $id', (importer) => {
  const place = sampleOf(importer.id)
  const params = importer.params.parse({})

  test('its sample is recognised as itself before all other formats', async () => {
    const candidates = await recognize(await diskSource(place))
    expect(candidates[0]?.importer.id).toBe(importer.id)
    for (const { certainty, summary } of candidates) {
      expect(certainty).toBeGreaterThan(0)
      expect(certainty).toBeLessThanOrEqual(1)
      expect(summary.trim()).not.toBe('')
    }
    expect(candidates[0]?.certainty).toBeGreaterThan(candidates[1]?.certainty ?? 0)
  })

  test('an empty folder is none of it, and is refused with advice', async () => {
    const nothing = join(folder, `nothing here ${importer.id}`)
    mkdirSync(nothing)
    const empty = await diskSource(nothing)
    expect((await importer.recognizes(empty)).certainty).toBe(0)
    const reading = importRecords(empty, importer, params).next()
    await expect(reading).rejects.toMatchObject({
      code: expect.stringMatching(/^E_(?:[A-Z0-9]+_)?NO_(?:IMAGES|ANNOTATIONS)$/) as string,
      message: expect.stringContaining('nothing here') as string,
      hint: expect.stringMatching(/\w.*\.$/) as string,
    })
  })

  test('classes and images come before the objects that name them', async () => {
    const seen = new Set<string>()
    let images = 0
    const source = await diskSource(place)
    for await (const record of importRecords(source, importer, params)) {
      if (record.kind === 'category') seen.add(`category ${record.category.sourceId}`)
      if (record.kind === 'image') {
        expect(seen.has(`image ${record.image.sourceId}`)).toBe(false)
        seen.add(`image ${record.image.sourceId}`)
        images++
      }
      if (record.kind === 'object') expect(seen).toContain(`category ${record.object.categoryId}`)
      if (record.kind === 'object' || record.kind === 'patch') {
        expect(seen).toContain(`image ${record.imageId}`)
      }
    }
    expect(images).toBeGreaterThan(0)
    source.close()
  })

  test('an abort ends it between two records', async () => {
    const source = await diskSource(place)
    const abort = new AbortController()
    const reason = new Error('that is enough')
    let records = 0
    const reading = async () => {
      const options = { signal: abort.signal, filesInFlight: 1 }
      for await (const record of importRecords(source, importer, params, options)) {
        expect(abort.signal.aborted && record.kind === 'end').toBe(false)
        records++
        abort.abort(reason)
      }
    }
    await expect(reading()).rejects.toBe(reason)
    // What was already in flight may still come out.
    expect(records).toBeLessThanOrEqual(64)
    source.close()
  })
})

/** What all formats hold: boxes in whole pixels, names, pictures below folders; patches have masks. */
function commonContent(): DatasetContent {
  const frame = { width: 40, height: 30 }
  const bits = new Uint8Array(1200)
  for (let y = 4; y < 12; y++) bits.fill(1, y * 40 + 6, y * 40 + 20)
  const mask = encodeMask({ ...frame, bits })
  const object = { isCrowd: false, isPatch: false, attributes: {} }
  const box = [2, 3, 20, 16] as const
  const patch = { ...object, isPatch: true, box: rleBox(mask), shape: { mask }, area: 112 }
  const image = { ...frame, split: null, attributes: {} }
  return {
    name: 'common',
    categories: [
      { id: 1, name: 'person' },
      { id: 2, name: 'stop sign' },
      { id: 3, name: 'adversarial patch' },
    ],
    images: () => [
      {
        ...{ ...image, id: 1, file: 'a.jpg' },
        objects: [
          { ...object, id: 1, categoryId: 2, box, area: 320 },
          { ...patch, id: 2, categoryId: 3 },
        ],
      },
      {
        ...image,
        id: 2,
        file: 'more/b.jpg',
        objects: [{ ...object, id: 3, categoryId: 1, box, area: 320 }],
      },
    ],
  }
}

const emptyContent: DatasetContent = { name: 'empty', categories: [], images: () => [] }

describe.each([...datasetExporters.values()])('exporter $id', (exporter) => {
  const params = exporter.params.parse({})

  test('tells losses of any content without failing, and writes the same bytes each time', () => {
    fc.assert(
      fc.property(
        fc.oneof({ weight: 20, arbitrary: contents() }, fc.constant(emptyContent)),
        (content) => {
          const frozen = frozenContent(content)
          for (const { what, message, count } of exporter.losses(frozen, params)) {
            expect(what).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
            expect(message).toMatch(/^[A-Z].*\.$/s)
            expect(count).toBeGreaterThan(0)
          }
          const written = files(exporter, frozen)
          expect(files(exporter, frozen)).toEqual(written)
          if (exporter.fileName !== null) expect([...written.keys()]).toEqual([exporter.fileName])
        },
      ),
      { numRuns: 50 },
    )
  })

  const importer = importers.get(exporter.id)
  test.skipIf(importer === undefined)('what all formats hold can be imported again', async () => {
    if (importer === undefined) return
    const content = commonContent()
    const placeOf = picturePlaces(exporter.id, content)
    const background = 'teal'
    const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background } })
      .jpeg()
      .toBuffer()
    const pictures = [...content.images()].map((image) => [placeOf(image), picture] as const)
    const written = files(exporter, content)
    const place = join(folder, `export-${exporter.id}`)
    for (const [name, bytes] of [...written, ...pictures]) {
      mkdirSync(join(place, name, '..'), { recursive: true })
      writeFileSync(join(place, name), bytes)
    }
    const source = await diskSource(place)
    const nameOf = new Map<string, string>()
    const found: string[] = []
    for await (const record of importRecords(source, importer, importer.params.parse({}))) {
      if (record.kind === 'category') nameOf.set(record.category.sourceId, record.category.name)
      if (record.kind === 'object') {
        found.push(`${nameOf.get(record.object.categoryId)} ${rounded(record.object.box)}`)
      }
      if (record.kind === 'patch') found.push(`patch ${rounded(record.patch.box)}`)
      if (record.kind === 'end')
        expect(record.counts).toMatchObject({ missing: 0, skippedObjects: 0 })
    }
    source.close()
    const patches = ['patch 6,4,14,8']
    const objects = ['person 2,3,20,16', 'stop sign 2,3,20,16']
    expect(found.sort()).toEqual(
      exporter.id === 'apricot-mask' ? patches : [...patches, ...objects],
    )
  })
})

const rounded = (box: readonly number[]) => box.map((value) => Math.round(value * 1e3) / 1e3).join()

function files<P extends z.ZodObject>(exporter: DatasetExporterPlugin<P>, content: DatasetContent) {
  const sink = memorySink()
  exporter.write(content, sink, exporter.params.parse({}))
  return sink.files()
}

/** A content that throws when anything in it is written to. Typed arrays cannot be frozen; they stay as they are. */
function frozenContent(content: DatasetContent): DatasetContent {
  const images = deepFreeze([...content.images()])
  return { name: content.name, categories: deepFreeze(content.categories), images: () => images }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (!Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
