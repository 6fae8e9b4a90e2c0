import { z } from 'zod'
import type { FileSource, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { defineImporter, type Recognition } from '../../shared/plugin'
import { startText } from '../reading/first-bytes'
import { pictureSize, type PictureSize } from '../../shared/vision/picture-size'
import { noAnnotations } from '../reading/no-annotations'
import { hasPictureEnding } from '../reading/pictures'
import { problemRecord, skipFile } from '../reading/problems'
import { isNameList, readClasses } from './classes'
import { CategoryList } from './category-list'
import { isBelow, labelNamesOf } from './layout'
import { readLabelFile } from './read-label-file'
import { readSplits } from './splits'

const params = z.object({
  predictions: z
    .boolean()
    .default(false)
    .describe('The files are detections of a run: the last column is the score'),
})

export default defineImporter({
  id: 'yolo',
  name: 'YOLO',
  summary: 'One text file of boxes or polygons for each picture, in fractions of its size.',
  reference: 'https://docs.ultralytics.com/datasets/detect/',
  params,
  recognizes,
  read,
})

async function recognizes(files: FileSource): Promise<Recognition> {
  const { pictures, texts } = await listNames(files)
  const withLabels = pictures.filter((name) => labelNamesOf(name).some((label) => texts.has(label)))
  const below = [...texts].filter((name) => isBelow(name, 'labels') && !isNameList(name))
  const sample = [...below, ...withLabels.map((name) => labelNamesOf(name)[0] ?? '')]
  if (sample.length === 0) return { certainty: 0, summary: 'No label files were found.' }
  const summary = `YOLO labels for ${withLabels.length} of ${pictures.length} pictures`
  const verdict = await looksLikeLabels(files, sample.slice(0, 20))
  if (verdict === false) return { certainty: 0, summary: 'The text files hold no YOLO labels.' }
  const isSure = verdict === true && (below.length > 0 || withLabels.length > 0)
  return { certainty: isSure ? 0.9 : below.length > 0 ? 0.5 : 0, summary }
}

/** Whether the first text file that has contents begins with a line of labels; null if all are empty. */
async function looksLikeLabels(
  files: FileSource,
  names: readonly string[],
): Promise<boolean | null> {
  for (const name of names) {
    if (!(await files.has(name)) || (await files.size(name)) === 0) continue
    const start = await startText(files, name, 256)
    return /^(?:\xef\xbb\xbf)?\s*-?\d+(?:\.0*)?(?:[ \t]+[-+.\d,einfa]+){3,}/i.test(start)
  }
  return null
}

async function* read(
  files: FileSource,
  { predictions }: z.infer<typeof params>,
): AsyncGenerator<ImportRecord> {
  const { all, pictures, texts } = await listNames(files)
  const classes = await readClasses(files, all)
  if (pictures.length + texts.size === 0 && classes === null) {
    const hint = 'Give the folder that holds the folders images and labels, or data.yaml.'
    throw noAnnotations(files, 'neither pictures nor label files', hint)
  }
  const splitOf = await readSplits(files, classes?.config ?? null, classes?.file ?? '')
  const categories = new CategoryList(classes?.config ?? null)
  yield* categories.start()

  const unused = new Set(texts)
  for (const picture of pictures) {
    const label = labelNamesOf(picture).find((name) => texts.has(name))
    if (label !== undefined) unused.delete(label)
    const isEmpty = label !== undefined && (await files.size(label)) === 0
    const size = await sizeOf(files, picture)
    yield {
      kind: 'image',
      image: {
        sourceId: picture,
        file: picture,
        width: size?.width ?? null,
        height: size?.height ?? null,
        split: splitOf(picture),
        // Both mean that there are no objects, but only the empty file says so.
        attributes:
          label === undefined ? { label_file: 'missing' } : isEmpty ? { label_file: 'empty' } : {},
      },
    }
    if (label === undefined || isEmpty) continue
    if (size === null) {
      const message = `The labels are fractions of ${picture}, whose size cannot be read.`
      yield problemRecord(skipFile({ file: label }, 'E_IMAGE_UNKNOWN_FORMAT', message))
      continue
    }
    yield* readLabelFile({ files, label, picture, size, predictions, categories })
  }
  for (const name of unused) {
    if (!isBelow(name, 'labels') || isNameList(name)) continue
    const message = 'There is no picture for these labels, so their pixels are not known.'
    yield problemRecord(skipFile({ file: name }, 'W_IMAGE_FILE_MISSING', message))
  }
}

async function listNames(files: FileSource) {
  const all: string[] = []
  for await (const name of files.list()) all.push(name)
  const texts = new Set(all.filter((name) => name.endsWith('.txt')))
  return { all, pictures: all.filter(hasPictureEnding), texts }
}

/** Null for pictures that cannot be opened: they are told when they are decoded. */
async function sizeOf(files: FileSource, picture: string): Promise<PictureSize | null> {
  try {
    return await pictureSize((offset, length) => files.readAt(picture, offset, length))
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
