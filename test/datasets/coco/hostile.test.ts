import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import importer from '../../../src/datasets/coco/importer'
import type { FileSource } from '../../../src/shared/dataset'
import { memoryFiles } from '../../support/memory-files'
import { type ReadAll, readAll } from '../read-all'

const folder = fileURLToPath(new URL('../../fixtures/miniatures/hostile/', import.meta.url))

interface Case {
  readonly path: string
  readonly decision: string
  readonly code: string | null
  readonly what: string
  readonly imported?: { readonly images?: number; readonly annotations?: number }
}

const manifest = JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8')) as { files: Case[] } // our own fixture
const cases = manifest.files.filter(({ path }) => /^coco\/(?!apricot-)/.test(path))

/** What only the pictures tell, which an importer does not open. */
const foundByPipeline = ['W_IMAGE_FILE_MISSING', 'W_IMAGE_SIZE_MISMATCH', 'W_EXIF_ORIENTATION']
/** Said of a whole file. */
const ofWholeFile = ['W_UNKNOWN_FIELD', 'W_IS_RESULTS_FILE', 'W_BBOX_LOOKS_XYXY']

test('there are as many cases as the fixtures have', () => {
  expect(cases).toHaveLength(56)
})

test.each(cases)('$path: $decision $code ($what)', async ({ path, decision, code, imported }) => {
  const started = process.cpuUsage()
  const layouts = [besidePictures(path), aboveOfPictures(path)]
  for (const files of layouts) {
    if (decision === 'refuse-import') {
      await expect(readAll(importer, files, {})).rejects.toMatchObject({
        code,
        message: expect.stringContaining(path.slice('coco/'.length)) as string,
      })
      continue
    }
    const read = await readAll(importer, files, {})
    const isSilent = code === null || foundByPipeline.includes(code)
    expect([...new Set(read.verdicts)]).toEqual(isSilent ? [] : [`${decision} ${code}`])
    expectPlaces(read, files.entry ?? '')
    if (imported?.images !== undefined) expect(read.images).toHaveLength(imported.images)
    const objects = read.images.flatMap((image) => image.objects)
    if (imported?.annotations !== undefined) expect(objects).toHaveLength(imported.annotations)
  }
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000) // ms
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
})

test('pictures are found in the folder beside the annotations', async () => {
  const read = await readAll(importer, besidePictures('coco/path-inner-dots.json'), {})
  expect(read.images.map(({ file }) => file)).toEqual(['images/good.jpg'])
  const encoded = await readAll(importer, besidePictures('coco/path-encoded.json'), {})
  expect(encoded.images[0]?.file).toContain('%2e%2e/%2e%2e/x.jpg')
})

test('sizes stay as they are stated', async () => {
  const read = await readAll(importer, besidePictures('coco/size-swapped.json'), {})
  expect(read.images).toMatchObject([{ width: 32, height: 48 }])
  const mismatch = await readAll(importer, besidePictures('coco/size-mismatch.json'), {})
  expect(mismatch.images).toMatchObject([{ width: 96, height: 64 }])
})

function expectPlaces(read: ReadAll, file: string): void {
  for (const problem of read.problems) {
    expect(problem.file).toBe(file)
    if (ofWholeFile.includes(problem.code)) continue
    expect(problem.offset ?? problem.line).toBeGreaterThan(0)
    if (problem.code !== 'W_JSON_DUPLICATE_KEY') expect(problem.record).toBeGreaterThanOrEqual(0)
  }
}

/** The annotations at the root and the pictures in a folder. */
function besidePictures(path: string): FileSource {
  const name = path.slice('coco/'.length)
  return memoryFiles({ [name]: bytesOf(path), ...pictures() }, { entry: name })
}

/** Both in folders of their own, below a root that holds more. */
function aboveOfPictures(path: string): FileSource {
  return memoryFiles({ [path]: bytesOf(path), 'x.jpg': '', ...pictures() }, { entry: path })
}

const bytesOf = (path: string) => new Uint8Array(readFileSync(folder + path))

function pictures(): Record<string, Uint8Array> {
  const names = readdirSync(`${folder}images`)
  return Object.fromEntries(names.map((name) => [`images/${name}`, Uint8Array.of(0)]))
}
