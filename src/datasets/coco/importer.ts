import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { defineImporter, type Recognition } from '../../shared/plugin'
import { surveyJson } from '../reading/json-survey'
import { streamJson } from '../reading/json-stream'
import { oneByOne } from '../reading/batches'
import { problemRecord, warning } from '../reading/problems'
import { CocoCategories } from './categories'
import { chooseFiles } from './choose-files'
import { readDocument } from './document'
import { noCocoImages } from './errors'

const params = z.object({
  images: z
    .string()
    .default('')
    .describe('Folder of the pictures, relative to the data set; empty: it is looked for'),
})

export default defineImporter({
  id: 'coco',
  name: 'COCO detection',
  summary: 'One JSON file with images, categories and annotations: boxes, polygons, masks, crowds.',
  reference: 'https://cocodataset.org/#format-data',
  params,
  recognizes,
  read: (files, settings) => oneByOne(readInBatches(files, settings)),
  readInBatches,
})

/** JSON files of other formats that are opened before the folder is given up: LabelMe has one for each picture. */
const mostToLookAt = 50
/** Files up to this size are counted through; it takes a moment. */
const countedBytes = 4 * 2 ** 20

async function recognizes(files: FileSource): Promise<Recognition> {
  const chosen = await chooseFiles(files, mostToLookAt)
  const detection = chosen.filter(({ look }) => look === 'detection')
  const [first] = detection
  if (first === undefined) {
    const isOther = chosen.length > 0
    return isOther
      ? { certainty: 0.1, summary: `COCO of another kind: ${chosen[0]?.look ?? ''}` }
      : { certainty: 0, summary: 'No COCO annotations were found.' }
  }
  const counts = detection.length === 1 ? await countsOf(files, first.name) : ''
  const where = detection.length === 1 ? first.name : `${detection.length} files`
  return { certainty: 0.9, summary: `COCO annotations${counts} in ${where}` }
}

async function countsOf(files: FileSource, name: string): Promise<string> {
  if ((await files.size(name)) > countedBytes) return ''
  const { members } = await surveyJson(files.stream(name))
  const count = (key: string) =>
    (members.findLast((member) => member.key === key)?.count ?? 0).toLocaleString('en')
  return ` with ${count('images')} images and ${count('annotations')} objects`
}

/**
 * Streams. Split from the file's name, pictures as `PictureNames` finds them.
 * @throws AppError E_COCO_NO_IMAGES, E_DUPLICATE_IMAGE_ID, E_DUPLICATE_CATEGORY_ID, and those of `streamJson`
 */
async function* readInBatches(
  files: FileSource,
  { images: pictureFolder }: z.infer<typeof params>,
): AsyncGenerator<readonly ImportRecord[]> {
  const chosen = await chooseFiles(files)
  if (chosen.length === 0) throw noCocoImages(files.rootName, 'no file in it looks like them')
  const several = chosen.filter(({ look }) => look !== 'results').length > 1
  const shared = {
    files,
    pictureFolder,
    categories: new CocoCategories(),
    fileNames: new Set<string>(),
  }
  for (const { name } of chosen) {
    const survey = await surveyJson(files.stream(name))
    // What is wrong with the file is said before anything of it is imported.
    if (!survey.isComplete) await readThrough(files, name)
    if (survey.root === 'list') {
      yield [await listAtRoot(files, name)]
      continue
    }
    const images = survey.members.findLast(({ key }) => key === 'images')
    if (images?.kind !== 'list') throw noCocoImages(name, 'it has no list "images"')
    yield* readDocument(name, survey, { ...shared, prefix: several ? `${name}#` : '' })
  }
}

/** @throws AppError as `streamJson`, unless the file is JSON */
async function readThrough(files: FileSource, name: string): Promise<void> {
  const entries = streamJson(files.stream(name), name)[Symbol.asyncIterator]()
  while ((await entries.next()).done !== true);
}

/** @throws AppError E_COCO_NO_IMAGES for a list of anything but detections */
async function listAtRoot(files: FileSource, name: string): Promise<ImportRecord> {
  for await (const { value } of streamJson(files.stream(name), name)) {
    if (typeof value === 'object' && value !== null && 'score' in value) {
      const message =
        'This is a list of detections, no data set: import it as a run of the data set that it belongs to.'
      return problemRecord(warning({ file: name }, 'W_IS_RESULTS_FILE', message))
    }
    break
  }
  throw noCocoImages(name, 'it is a list')
}
