import { z } from 'zod'
import type { FileSource, ImportedImage, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter, type Recognition } from '../../shared/plugin'
import { startText } from '../reading/first-bytes'
import { labelsFile, NamedClasses } from '../reading/labels-list'
import { noAnnotations } from '../reading/no-annotations'
import { problemRecord, skipBecause, skipFile, warning } from '../reading/problems'
import { parseXml } from '../reading/xml'
import { type VocAnnotation, vocAnnotation } from './annotation'
import { type BoxConvention, findZeroBased } from './box-convention'
import { placeOf, readSplits, VocPictures } from './layout'
import { readClassParts, type SharedParts, shareParts } from './class-masks'
import { objectRecords, partRecords, usableBox } from './object-records'
import { readObjectMasks } from './segmentation'

const params = z.object({
  boxes: z
    .enum(['auto', 'inclusive-1', 'exclusive-0'])
    .default('auto')
    .describe(
      'How corners count: from 1 with the last pixel included, or from 0 up to the edge; auto looks for a 0',
    ),
})

export default defineImporter({
  id: 'voc',
  name: 'Pascal VOC',
  summary: 'One XML file of named boxes for each picture, with masks as palette pictures.',
  reference: 'http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html',
  params,
  recognizes,
  read,
})

async function recognizes(files: FileSource): Promise<Recognition> {
  const documents = (await listAll(files)).filter(isDocument)
  const inFolder = documents.filter((name) => placeOf(name).isInAnnotations)
  for (const name of [...inFolder, ...documents].slice(0, 20)) {
    const start = await startText(files, name, 1024)
    // Two-byte encodings are seen through by leaving out their zeros.
    if (!/<annotation[\s>]/.test(start.replaceAll('\0', ''))) continue
    const count = (inFolder.length > 0 ? inFolder : documents).length
    return { certainty: 0.9, summary: `Pascal VOC annotations for ${count} pictures` }
  }
  return { certainty: 0, summary: 'No VOC annotations were found.' }
}

async function* read(
  files: FileSource,
  { boxes }: z.infer<typeof params>,
): AsyncGenerator<ImportRecord> {
  const all = await listAll(files)
  const documents = all.filter(isDocument)
  if (documents.length === 0 && !(await files.has(labelsFile))) {
    const hint = 'Give the folder that holds the folders Annotations and JPEGImages.'
    throw noAnnotations(files, 'no XML file', hint)
  }
  const classes = new NamedClasses()
  yield* classes.fromList(files)
  const names = classes.names()
  const zeroBased = boxes === 'auto' ? await findZeroBased(files, documents) : null
  if (zeroBased !== null) {
    const message =
      'A box begins at 0, so all boxes are taken to count from 0 up to the edge; import with boxes=inclusive-1 if they count from 1.'
    yield problemRecord(warning({ file: zeroBased }, 'W_VOC_ZERO_BASED', message))
  }
  const convention: BoxConvention =
    boxes === 'auto' ? (zeroBased === null ? 'inclusive-1' : 'exclusive-0') : boxes
  const pictures = await VocPictures.of(files, all)
  const splitOf = await readSplits(files, all)
  const seen = new Set<string>()
  for (const file of documents) {
    const found = await openAnnotation(files, file, pictures)
    if ('kind' in found) {
      yield found
      continue
    }
    const { annotation, picture } = found
    if (seen.has(picture)) {
      const message = `Another annotation is about ${showPath(picture)} too.`
      yield problemRecord(warning({ file }, 'W_DUPLICATE_FILE_NAME', message))
    }
    seen.add(picture)
    const image = imageOf(file, picture, annotation, splitOf(file))
    yield { kind: 'image', image }
    const masks = yield* masksOf(files, file, annotation, convention, names)
    yield* objectRecords({ file, image, annotation, convention, classes, masks })
    yield* partRecords(image.sourceId, masks?.others ?? [], classes)
  }
}

/** A document that cannot be used is left out; one that declares a document type ends the import. */
async function openAnnotation(files: FileSource, file: string, pictures: VocPictures) {
  try {
    const annotation = vocAnnotation(parseXml(await files.read(file), file))
    if (annotation === null) {
      const message = 'It is no VOC annotation: its root element is not called annotation.'
      return problemRecord(skipFile({ file }, 'W_UNKNOWN_FIELD', message))
    }
    const picture = pictures.find(file, annotation.folder, annotation.filename)
    return { annotation, picture }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'E_XML_DOCTYPE') throw error
    return problemRecord(skipBecause('skip-file', { file }, error))
  }
}

function imageOf(
  file: string,
  picture: string,
  { width, height }: VocAnnotation,
  split: string | null,
): ImportedImage {
  const size = width === null || height === null ? { width: null, height: null } : { width, height }
  return { sourceId: file, file: picture, ...size, split, attributes: {} }
}

/** A mask picture that cannot be used is told; the boxes stay. */
async function* masksOf(
  files: FileSource,
  file: string,
  { width, height, objects }: VocAnnotation,
  convention: BoxConvention,
  names: readonly string[],
): AsyncGenerator<ImportRecord, SharedParts | null> {
  try {
    const frame = width === null || height === null ? null : { width, height }
    const masks = await readObjectMasks(files, file, frame)
    if (masks !== null) return { ...masks, others: [] }
    const parts = await readClassParts(files, file, frame, names)
    if (parts === null || parts.length === 0) return null
    const message =
      'Masks tell classes and not objects apart: connected parts went to the box of their class that holds them, or became objects.'
    yield problemRecord(warning({ file }, 'W_MASK_BY_CLASS', message))
    const listed = objects.map((object) => {
      const usable = usableBox(object, convention)
      return { className: object.name, box: 'box' in usable ? usable.box : null }
    })
    return shareParts(parts, listed)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    yield problemRecord(skipBecause('skip-record', { file }, error))
    return null
  }
}

async function listAll(files: FileSource): Promise<string[]> {
  const all: string[] = []
  for await (const name of files.list()) all.push(name)
  return all
}

function isDocument(name: string): boolean {
  return /\.xml$/i.test(name)
}
