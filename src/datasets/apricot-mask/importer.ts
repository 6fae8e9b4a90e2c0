import { z } from 'zod'
import type { FileSource, ImportProblem, ImportRecord, ImportTools } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { maskSizeMismatch } from '../../shared/image-errors'
import { defineImporter } from '../../shared/plugin'
import { decodeRle, encodeMask } from '../../shared/vision/rle'
import { findApricot } from '../reading/apricot/annotation-files'
import { headRecords, imageRecords, readSplits } from '../reading/apricot/records'
import type { ApricotImage, SplitContent } from '../reading/apricot/read-split'
import { problemRecord, skipBecause } from '../reading/problems'
import { resizeMask } from '../../shared/vision/resize-mask'
import { assignMasks } from './assign-masks'
import type { MaskContent } from './mask-content'
import { findMaskFiles, type MaskFile } from './mask-files'
import { pairMasks, stemOf } from './pair-masks'
import { readJpegMask, readPngMask } from './read-pictures'
import { readTorchMask } from './read-torch-mask'
import { readRleDocument } from './rle-documents'
import { loosePictures } from './loose-pictures'

const params = z.object({
  split: z.enum(['all', 'dev', 'test']).default('all').describe('Which photographs to import'),
  halfSize: z
    .enum(['refuse', 'enlarge'])
    .default('refuse')
    .describe(
      'Masks of half the size of their picture: leave out, or enlarge by nearest neighbour',
    ),
})

export default defineImporter({
  id: 'apricot-mask',
  name: 'APRICOT-Mask',
  summary: 'APRICOT with the pixels of its patches, from torch files, PNG masks or COCO runs.',
  reference: 'Liu et al., Segment and Complete, CVPR 2022',
  params,
  async recognizes(files) {
    const none = { certainty: 0, summary: 'No APRICOT masks.' }
    if (files.entry !== null) return none
    const { masks } = await findMaskFiles(files)
    if (masks.length === 0) return none
    const splits = await findApricot(files)
    const speaks = masks.some(({ file }) => /(?:^|\/)data_mask|apricot-mask/i.test(file))
    if (splits.length === 0 && !speaks) return none
    const summary = `APRICOT with ${masks.length} masks.`
    return { certainty: splits.length > 0 ? 0.98 : 0.9, summary }
  },
  async *read(files, settings, tools = {}) {
    const { masks, documents } = await findMaskFiles(files)
    const problems: ImportProblem[] = []
    const runs = await readDocuments(files, documents, (problem) => problems.push(problem))
    for (const problem of problems) yield problemRecord(problem)
    const categories = new Set<string>()
    const hasAnnotations = (await findApricot(files)).length > 0
    const contents = hasAnnotations
      ? readSplits(files, settings.split)
      : loosePictures(files, masks, settings.split)
    for await (const content of contents) {
      yield* headRecords(content, categories)
      yield* splitRecords({ files, tools, settings, runs }, content, masks)
    }
  },
})

interface Job {
  readonly files: FileSource
  readonly tools: ImportTools
  readonly settings: z.infer<typeof params>
  readonly runs: ReadonlyMap<string, MaskContent>
}

async function* splitRecords(
  job: Job,
  { split, images }: SplitContent,
  masks: readonly MaskFile[],
): AsyncGenerator<ImportRecord> {
  const own = masks.filter((mask) => mask.split === null || split === null || mask.split === split)
  const paired = await pairMasks(job.files, images, own, job.tools)
  for (const problem of paired.problems) yield problemRecord(problem)
  for (const image of images) {
    const mask = paired.masks.get(image)
    yield* maskedRecords(job, image, mask)
  }
}

/** A picture with its objects, and its patches with their masks. */
async function* maskedRecords(
  job: Job,
  image: ApricotImage,
  mask: MaskFile | undefined,
): AsyncGenerator<ImportRecord> {
  const runs = mask ? undefined : job.runs.get(stemOf(image))
  const place = { file: mask?.file ?? image.image.file }
  try {
    const content = mask ? await readMask(job, mask) : runs
    if (!content) {
      yield* imageRecords(image)
      return
    }
    const fitted = fitToImage(content, image, place.file, job.settings.halfSize)
    for (const problem of content.problems) yield problemRecord(problem)
    const assigned = assignMasks(image.patches, fitted.instances, place.file)
    for (const problem of assigned.problems) yield problemRecord(problem)
    yield* imageRecords({ ...image, patches: [...assigned.patches] })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    yield problemRecord(skipBecause('skip-file', place, error))
    yield* imageRecords(image)
  }
}

function readMask({ files, tools }: Job, { file, kind }: MaskFile): Promise<MaskContent> {
  if (kind === 'png') return readPngMask(files, file)
  return kind === 'torch' ? readTorchMask(files, file) : readJpegMask(file, tools)
}

/** Masks of half the size may be enlarged, if asked for; any other difference is an error. */
function fitToImage(
  content: MaskContent,
  { image: { width, height } }: ApricotImage,
  file: string,
  halfSize: 'refuse' | 'enlarge',
): MaskContent {
  if (width === null || height === null) return content
  if (content.width === width && content.height === height) return content
  const isHalf =
    Math.abs(content.width - width / 2) <= 1 && Math.abs(content.height - height / 2) <= 1
  if (!isHalf) throw maskSizeMismatch(file, content, { width, height })
  if (halfSize === 'refuse') throw halfSizeMismatch(file, content, { width, height })
  const instances = content.instances.map((rle) =>
    encodeMask(resizeMask(decodeRle(rle), width, height)),
  )
  return { ...content, width, height, instances }
}

interface Size {
  readonly width: number
  readonly height: number
}

function halfSizeMismatch(file: string, mask: Size, image: Size): AppError {
  const { code, message } = maskSizeMismatch(file, mask, image)
  return new AppError(
    code,
    `${message} It has half the size of the picture.`,
    'Import again with the setting halfSize=enlarge to enlarge such masks by nearest neighbour.',
  )
}

async function readDocuments(
  files: FileSource,
  documents: readonly string[],
  report: (problem: ImportProblem) => void,
): Promise<ReadonlyMap<string, MaskContent>> {
  const all = new Map<string, MaskContent>()
  for (const file of documents) {
    try {
      for (const [stem, content] of await readRleDocument(files, file, report)) {
        if (!all.has(stem)) all.set(stem, content)
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      report(skipBecause('skip-file', { file }, error))
    }
  }
  return all
}
