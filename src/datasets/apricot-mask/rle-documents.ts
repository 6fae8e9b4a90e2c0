import type { FileSource, ImportProblem, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { fileUnreadable } from '../../shared/image-errors'
import { isObject } from '../reading/json-fields'
import { readRleIfThere } from '../reading/rle-field'
import { parseJson } from '../reading/json'
import { lastPart, withoutEnding } from '../reading/pictures'
import { skipBecause } from '../reading/problems'
import type { Rle } from '../../shared/vision/rle'
import { coverageProblems, type MaskContent } from './mask-content'

const maxJsonBytes = 200e6
const maxPixels = 120e6

/** The masks of photographs by base name without ending, in lower case: of all annotations with runs in a COCO document. */
export async function readRleDocument(
  files: FileSource,
  file: string,
  report: (problem: ImportProblem) => void,
): Promise<ReadonlyMap<string, MaskContent>> {
  const size = await files.size(file)
  if (size > maxJsonBytes) throw fileUnreadable(file, `${size} bytes are no list of masks`)
  const document = parseJson(await files.read(file), file)
  const stems = new Map<JsonValue | undefined, string>()
  if (!isObject(document)) return new Map()
  for (const image of recordsOf(document['images'])) {
    const name = image['file_name']
    if (typeof name !== 'string') continue
    stems.set(image['id'], withoutEnding(lastPart(name.replaceAll('\\', '/'))).toLowerCase())
  }
  const masks = new Map<string, Rle[]>()
  for (const [record, annotation] of recordsOf(document['annotations']).entries()) {
    const stem = stems.get(annotation['image_id'])
    if (stem === undefined) continue
    try {
      const rle = readRleIfThere(annotation['segmentation'], null)
      if (!rle || rle.width * rle.height > maxPixels) continue
      const others = masks.get(stem)
      if (others) others.push(rle)
      else masks.set(stem, [rle])
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      report(skipBecause('skip-record', { file, record }, error))
    }
  }
  return new Map([...masks].map(([stem, runs]) => [stem, contentOf(runs, file)]))
}

/** The size of the first mask is that of all. */
function contentOf(runs: readonly Rle[], file: string): MaskContent {
  const [{ width, height } = { width: 0, height: 0 }] = runs
  const instances = runs.filter((rle) => rle.width === width && rle.height === height)
  return { width, height, instances, problems: coverageProblems(file, instances) }
}

function recordsOf(list: JsonValue | undefined) {
  return Array.isArray(list) ? list.filter(isObject) : []
}
