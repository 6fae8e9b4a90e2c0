import { z } from 'zod'
import type {
  FileSource,
  ImportedImage,
  ImportProblem,
  ImportRecord,
  JsonValue,
} from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter } from '../../shared/plugin'
import { startText } from '../reading/first-bytes'
import { streamJson } from '../reading/json-stream'
import { isObject } from '../reading/json-fields'
import { noAnnotations } from '../reading/no-annotations'
import {
  problemRecord,
  skipBecause,
  skipFile,
  skipRecord,
  warning,
  type Place,
} from '../reading/problems'
import { findD3s, type D3sSplit } from './find-splits'
import { findPicture } from './picture-path'
import { readRecord } from './record'
import { readReviews, type Review } from './reviews'
import { geometryOf } from './tile'

const params = z.object({
  split: z.enum(['all', 'train', 'val']).default('all').describe('Which pictures to import'),
  verified: z
    .boolean()
    .default(true)
    .describe('Of val only the pictures that people did not reject, where their list is there'),
  geometry: z
    .enum(['tile', 'published'])
    .default('tile')
    .describe(
      'The exact right tile, or the cut of the published loader (two columns further right)',
    ),
  weakBoxes: z
    .boolean()
    .default(false)
    .describe('Propose the whole picture as the box of its class, marked as derived'),
})

const licence = 'D3S is for research only: commercial use and passing it on are not allowed.'

export default defineImporter({
  id: 'd3s',
  name: 'D3S',
  summary: `Generated pictures of ImageNet classes before shifted backgrounds. ${licence}`,
  reference: 'Kattakinda, Levine and Feizi, Diffusion Dreamed Distribution Shifts, 2022',
  params,
  async recognizes(files) {
    const { splits } = await findD3s(files)
    const shifted: D3sSplit[] = []
    for (const split of splits) if (await looksLikeD3s(files, split)) shifted.push(split)
    if (shifted.length === 0) return { certainty: 0, summary: 'No metadata of D3S.' }
    const names = shifted.map(({ split }) => split ?? 'one folder').join(' and ')
    return { certainty: 0.97, summary: `D3S metadata (${names}). ${licence}` }
  },
  async *read(files, settings) {
    const { splits, tables } = await findD3s(files)
    if (splits.length === 0) throw noMetadata(files)
    const problems: ImportProblem[] = []
    const reviews = await readReviews(files, tables, (problem) => problems.push(problem))
    for (const problem of problems) yield problemRecord(problem)
    const classes = new Set<string>()
    for (const split of splits) {
      if (settings.split !== 'all' && split.split !== null && split.split !== settings.split)
        continue
      yield* splitRecords({ files, settings, reviews, classes }, split)
    }
  },
})

interface Job {
  readonly files: FileSource
  readonly settings: z.infer<typeof params>
  readonly reviews: ReadonlyMap<string, Review>
  /** Classes that were yielded, for weak boxes. */
  readonly classes: Set<string>
}

async function* splitRecords(job: Job, split: D3sSplit): AsyncGenerator<ImportRecord> {
  const onlyVerified = job.settings.verified && split.filtered !== null
  const list = onlyVerified ? split.filtered : split.metadata
  const verified =
    split.filtered === null || onlyVerified ? null : await keysOf(job.files, split.filtered)
  const seen = new Set<string>()
  const problems: ImportProblem[] = []
  const report = (problem: ImportProblem) => problems.push(problem)
  for await (const { path, index, value } of streamJson(job.files.stream(list), list, report)) {
    if (path.length > 0) {
      yield problemRecord(skipFile({ file: list }, 'E_JSON_SYNTAX', 'It holds no list of records.'))
      return
    }
    const place = { file: list, record: index }
    const made = await readEntry(job, split, value, place, report)
    for (const problem of problems.splice(0)) yield problemRecord(problem)
    if (!made) continue
    if (seen.has(made.key)) {
      const message = `${showPath(made.key)} occurs twice; the first record was kept.`
      yield problemRecord(skipRecord(place, 'E_DUPLICATE_IMAGE_ID', message))
      continue
    }
    seen.add(made.key)
    const isVerified = onlyVerified ? true : verified?.has(made.key)
    const attributes = {
      ...made.image.attributes,
      ...(isVerified === undefined ? {} : { verified: isVerified }),
    }
    const image = { ...made.image, attributes }
    yield { kind: 'image', image }
    if (job.settings.weakBoxes) yield* weakBox(image, job.classes)
  }
}

async function readEntry(
  { files, settings, reviews }: Job,
  split: D3sSplit,
  value: JsonValue,
  place: Place,
  report: (problem: ImportProblem) => void,
): Promise<{ key: string; image: ImportedImage } | null> {
  const path = isObject(value) ? value['image'] : undefined
  if (!isObject(value) || typeof path !== 'string') {
    report(skipRecord(place, 'E_PATH_INVALID', 'The record names no image.'))
    return null
  }
  try {
    const picture = await findPicture(files, path, split)
    const { label, hasInit, attributes } = readRecord(value, place, report)
    const file = picture.exists ? picture.file : null
    const { strange, ...geometry } = await geometryOf(files, file, hasInit, settings.geometry)
    if (strange) {
      const message = `${showPath(picture.file)} is ${strange.width}x${strange.height} pixels, neither 1030x516 nor 512x512; the whole picture was taken.`
      report(warning({ file: picture.file }, 'W_IMAGE_SIZE_MISMATCH', message))
    }
    const review = reviews.get(picture.key)
    const image: ImportedImage = {
      sourceId: `${split.split === null ? '' : `${split.split}/`}${picture.key}`,
      file: picture.file,
      ...geometry,
      split: split.split,
      ...(label ? { label } : {}),
      attributes: {
        shift: picture.shift,
        ...attributes,
        ...(review ? { review: { ...review } } : {}),
      },
    }
    return { key: picture.key, image }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    report(skipBecause('skip-record', place, error))
    return null
  }
}

/** The whole picture as the box of its class: D3S has no boxes, so this one is a guess and marked as such. */
function* weakBox(
  { sourceId, label, width, height }: ImportedImage,
  classes: Set<string>,
): Generator<ImportRecord> {
  if (typeof label?.index !== 'number' || width === null || height === null) return
  const categoryId = String(label.index)
  if (!classes.has(categoryId)) {
    classes.add(categoryId)
    yield { kind: 'category', category: { sourceId: categoryId, name: label.name } }
  }
  const object = {
    sourceId: null,
    categoryId,
    box: [0, 0, width, height] as const,
    area: width * height,
    isCrowd: false,
    attributes: { derived: 'whole picture' },
  }
  yield { kind: 'object', imageId: sourceId, object }
}

/** Shift and file name of all records of a list. */
async function keysOf(files: FileSource, list: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for await (const { value } of streamJson(files.stream(list), list)) {
    const path = isObject(value) ? value['image'] : undefined
    if (typeof path === 'string') keys.add(path.split(/[/\\]/).slice(-2).join('/'))
  }
  return keys
}

/** Other data sets have a `metadata.json` too: the first bytes tell. */
async function looksLikeD3s(files: FileSource, { metadata }: D3sSplit): Promise<boolean> {
  const head = await startText(files, metadata, 4096)
  return head.includes('"classIdx"') || (head.includes('-shift/') && head.includes('"hasInit"'))
}

const noMetadata = (files: FileSource) =>
  noAnnotations(
    files,
    'no train/metadata.json or val/metadata.json',
    'Choose the folder that holds the folders train and val of D3S.',
  )
