import { z } from 'zod'
import type { FileSource, ImportedImage, ImportProblem, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter, type Recognition } from '../../shared/plugin'
import { startText } from '../reading/first-bytes'
import { pictureSize, type PictureSize } from '../../shared/vision/picture-size'
import { base64ToBytes } from '../reading/base64'
import { boxWarnings } from '../reading/box-checks'
import { labelsFile, NamedClasses } from '../reading/labels-list'
import { noAnnotations } from '../reading/no-annotations'
import { problemRecord, skipBecause, skipFile, warning } from '../reading/problems'
import { type LabelmeDocument, parseDocument } from './document'
import { readShape } from './shape'

const params = z.object({})

export default defineImporter({
  id: 'labelme',
  name: 'LabelMe',
  summary: 'One JSON file of rectangles, polygons, circles and masks for each picture.',
  reference: 'https://github.com/wkentaro/labelme',
  params,
  recognizes,
  read,
})

async function recognizes(files: FileSource): Promise<Recognition> {
  const documents = await listDocuments(files)
  for (const name of documents.slice(0, 20)) {
    const start = await startText(files, name, 4096)
    const isLabelme =
      /^(?:\xef\xbb\xbf)?\s*\{/.test(start) &&
      /"shapes"\s*:\s*\[/.test(start) &&
      /"(?:shape_type|imagePath|imageData|points|flags)"\s*:/.test(start)
    if (!isLabelme) continue
    return { certainty: 0.9, summary: `LabelMe annotations for ${documents.length} pictures` }
  }
  return { certainty: 0, summary: 'No LabelMe annotations were found.' }
}

async function* read(files: FileSource): AsyncGenerator<ImportRecord> {
  const documents = await listDocuments(files)
  if (documents.length === 0 && !(await files.has(labelsFile))) {
    throw noAnnotations(files, 'no JSON file', 'Give the folder that LabelMe saved its files to.')
  }
  const classes = new NamedClasses()
  yield* classes.fromList(files)
  const seen = new Set<string>()
  for (const file of documents) {
    const problems: ImportProblem[] = []
    const found = await openDocument(files, file, (problem) => problems.push(problem))
    yield* problems.map(problemRecord)
    if ('kind' in found) {
      yield found
      continue
    }
    const { document, picture } = found
    if (seen.has(picture)) {
      const message = `Another annotation is about ${showPath(picture)} too.`
      yield problemRecord(warning({ file }, 'W_DUPLICATE_FILE_NAME', message))
    }
    seen.add(picture)
    const size = await sizeOf(files, picture, document)
    const image: ImportedImage = {
      sourceId: file,
      file: picture,
      width: size?.width ?? null,
      height: size?.height ?? null,
      split: null,
      attributes: document.attributes,
    }
    yield { kind: 'image', image }
    yield* shapeRecords(file, size, document, classes)
  }
}

function* shapeRecords(
  file: string,
  size: PictureSize | null,
  document: LabelmeDocument,
  classes: NamedClasses,
): Generator<ImportRecord> {
  for (const [record, value] of document.shapes.entries()) {
    const place = { file, record }
    try {
      const { label, geometry, attributes } = readShape(value, size, file)
      for (const found of boxWarnings(geometry.box, size, place)) yield problemRecord(found)
      yield* classes.use(label)
      yield {
        kind: 'object',
        imageId: file,
        object: { sourceId: null, categoryId: label, ...geometry, isCrowd: false, attributes },
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      yield problemRecord(skipBecause('skip-record', place, error))
    }
  }
}

async function openDocument(
  files: FileSource,
  file: string,
  report: (problem: ImportProblem) => void,
) {
  try {
    const document = parseDocument(await files.read(file), file, report)
    if (document === null) {
      const message = 'It is no LabelMe annotation: it has no list "shapes" or no text "imagePath".'
      return problemRecord(skipFile({ file }, 'W_UNKNOWN_FIELD', message))
    }
    const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')))
    return { document, picture: files.resolve(document.imagePath, folder) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return problemRecord(skipBecause('skip-file', { file }, error))
  }
}

/** As stated; else that of the picture; else that of the picture inside the annotation. */
async function sizeOf(
  files: FileSource,
  picture: string,
  { width, height, imageData }: LabelmeDocument,
): Promise<PictureSize | null> {
  if (width !== null && height !== null) return { width, height }
  if (await files.has(picture)) {
    try {
      return await pictureSize((offset, length) => files.readAt(picture, offset, length))
    } catch (error) {
      if (error instanceof AppError) return null // told when the picture is decoded
      throw error
    }
  }
  const bytes = imageData === null ? null : base64ToBytes(imageData)
  if (bytes === null) return null
  return pictureSize((offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)))
}

async function listDocuments(files: FileSource): Promise<readonly string[]> {
  const documents: string[] = []
  for await (const name of files.list()) if (/\.json$/i.test(name)) documents.push(name)
  return documents
}
