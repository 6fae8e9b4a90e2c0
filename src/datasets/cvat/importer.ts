import { z } from 'zod'
import type { FileSource, ImportedImage, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { defineImporter, type Recognition } from '../../shared/plugin'
import { startText } from '../reading/first-bytes'
import { boxWarnings } from '../reading/box-checks'
import { NamedClasses } from '../reading/labels-list'
import { noAnnotations } from '../reading/no-annotations'
import { numberFromText } from '../reading/number-text'
import { problemRecord, skipBecause, skipFile, skipRecord, warning } from '../reading/problems'
import { xmlChildren, type XmlElement } from '../reading/xml'
import { labelsOf } from './meta'
import { attributesOf, readGeometry } from './shape'

const params = z.object({})

export default defineImporter({
  id: 'cvat',
  name: 'CVAT for images 1.1',
  summary: 'One XML document of boxes, polygons, ellipses and masks for all pictures.',
  reference: 'https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/',
  params,
  recognizes,
  read,
})

async function recognizes(files: FileSource): Promise<Recognition> {
  for (const name of await listDocuments(files)) {
    const start = await startText(files, name, 2048)
    if (!/<annotations[\s>]/.test(start.replaceAll('\0', ''))) continue
    return { certainty: 0.9, summary: `CVAT annotations in ${name}` }
  }
  return { certainty: 0, summary: 'No CVAT annotations were found.' }
}

/** What goes along with one document. */
interface Document {
  readonly files: FileSource
  readonly file: string
  readonly classes: NamedClasses
  /** Pictures that were described before. */
  readonly seen: Set<string>
  /** Whether the document lists its labels: then there are no others. */
  hasLabels: boolean
  count: number
}

async function* read(files: FileSource): AsyncGenerator<ImportRecord> {
  const classes = new NamedClasses()
  const seen = new Set<string>()
  const documents = await listDocuments(files)
  if (documents.length === 0) {
    throw noAnnotations(
      files,
      'no XML document',
      'Export the task from CVAT as "CVAT for images 1.1", and give the folder of its annotations.xml.',
    )
  }
  for (const file of documents) {
    const document: Document = { files, file, classes, seen, hasLabels: false, count: 0 }
    yield* documentRecords(document)
  }
}

/**
 * A document that is of another kind is left out. Once the root has shown that it is one of CVAT's, its faults end the
 * import: of a document that was cut short, half must not pass for the whole.
 */
async function* documentRecords(document: Document): AsyncGenerator<ImportRecord> {
  const { files, file } = document
  let isOurs = false
  try {
    for await (const element of xmlChildren(files.stream(file), file)) {
      if (isOurs) yield* childRecords(document, element)
      else if (element.name === 'annotations') isOurs = true
      else {
        const message = 'It is no CVAT annotation: its root element is not called annotations.'
        yield problemRecord(skipFile({ file }, 'W_UNKNOWN_FIELD', message))
        return
      }
    }
  } catch (error) {
    if (!(error instanceof AppError) || isOurs || error.code === 'E_XML_DOCTYPE') throw error
    yield problemRecord(skipBecause('skip-file', { file }, error))
  }
}

async function* childRecords(
  document: Document,
  element: XmlElement,
): AsyncGenerator<ImportRecord> {
  switch (element.name) {
    case 'meta':
      for (const name of labelsOf(element)) {
        document.hasLabels = true
        yield* document.classes.use(name)
      }
      return
    case 'image':
      yield* imageRecords(document, element)
      document.count++
      return
    case 'track':
      throw videoForm(document.file)
  }
}

async function* imageRecords(
  document: Document,
  element: XmlElement,
): AsyncGenerator<ImportRecord> {
  const { file, seen } = document
  const place = { file, line: element.line, record: document.count }
  let picture: string
  try {
    picture = await pictureOf(document, element)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    yield problemRecord(skipBecause('skip-record', place, error))
    return
  }
  if (seen.has(picture)) {
    const message = `${showPath(picture)} is described twice.`
    yield problemRecord(warning(place, 'W_DUPLICATE_FILE_NAME', message))
  }
  seen.add(picture)
  const image = imageOf(element, `${file}#${document.count}`, picture)
  yield { kind: 'image', image }
  for (const shape of element.children) {
    if (shape.name !== 'tag') yield* shapeRecords(document, image, shape)
  }
}

function* shapeRecords(
  { file, classes, hasLabels }: Document,
  image: ImportedImage,
  element: XmlElement,
): Generator<ImportRecord> {
  const place = { file, line: element.line }
  const { width, height } = image
  const frame = width === null || height === null ? null : { width, height }
  const label = element.attributes.get('label') ?? ''
  if (label === '' || (hasLabels && !classes.has(label))) {
    const message = `The label ${JSON.stringify(label)} is not one of those that the file lists.`
    yield problemRecord(skipRecord(place, 'E_ANN_CATEGORY_UNKNOWN', message))
    return
  }
  try {
    const geometry = readGeometry(element, frame)
    for (const found of boxWarnings(geometry.box, frame, place, rounding)) {
      yield problemRecord(found)
    }
    yield* classes.use(label)
    yield {
      kind: 'object',
      imageId: image.sourceId,
      object: {
        sourceId: null,
        categoryId: label,
        ...geometry,
        isCrowd: false,
        attributes: attributesOf(element),
      },
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    yield problemRecord(skipBecause('skip-record', place, error))
  }
}

/** Two decimals put an edge a hundredth of a pixel outside. */
const rounding = 0.0101

function imageOf(element: XmlElement, sourceId: string, file: string): ImportedImage {
  const side = (name: string) => {
    const value = numberFromText(element.attributes.get(name) ?? '')
    return value !== null && Number.isSafeInteger(value) && value > 0 ? value : null
  }
  const [width, height] = [side('width'), side('height')]
  const isSize = width !== null && height !== null
  const tag = element.children.find(({ name }) => name === 'tag')?.attributes.get('label')
  return {
    sourceId,
    file,
    width: isSize ? width : null,
    height: isSize ? height : null,
    split: splitOf(element.attributes.get('subset')),
    ...(tag === undefined ? {} : { label: { index: null, name: tag } }),
    attributes: {},
  }
}

/** CVAT writes `default` for "no subset". */
function splitOf(subset: string | undefined): string | null {
  return subset === undefined || subset === '' || subset === 'default' ? null : subset
}

/** The picture below `images/`, with or without its subset, or beside the document, where the export has no pictures. */
async function pictureOf({ files, file }: Document, element: XmlElement): Promise<string> {
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')))
  const name = element.attributes.get('name') ?? ''
  const beside = files.resolve(name, folder)
  const images = folder === '' ? 'images' : `${folder}/images`
  const subset = element.attributes.get('subset') ?? ''
  const isPlain = /^[^\\/]+$/.test(subset) && !/^\.+$/.test(subset)
  const folders = [images, ...(isPlain ? [`${images}/${subset}`] : [])]
  for (const candidate of folders.map((place) => files.resolve(name, place))) {
    if (await files.has(candidate)) return candidate
  }
  return beside
}

async function listDocuments(files: FileSource): Promise<readonly string[]> {
  if (files.entry !== null && /\.xml$/i.test(files.entry)) return [files.entry]
  const documents: string[] = []
  for await (const name of files.list()) if (/\.xml$/i.test(name)) documents.push(name)
  return documents
}

function videoForm(file: string): AppError {
  return new AppError(
    'E_FORMAT_UNSUPPORTED',
    `${showPath(file)} is in the form for videos: it holds tracks and not images.`,
    'Export the task from CVAT as "CVAT for images 1.1".',
  )
}
