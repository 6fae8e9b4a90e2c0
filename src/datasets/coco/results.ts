import type { BoxXywh, ImportProblem, Shape } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { streamJson } from '../reading/json-stream'
import { type Place, skipBecause } from '../reading/problems'
import { readBox } from '../reading/box-field'
import { shown } from '../reading/show-value'
import { fieldsOf, type JsonObject } from './fields'
import { sourceId } from './ids'
import { readSegmentation } from './segmentation'

/** One detection of a results file. It has a box, a mask, or both. */
export interface CocoResult {
  /** The ids of the data set that the results belong to, as text. */
  readonly imageId: string
  readonly categoryId: string
  /** Pixels; absent where the file gives a mask only. */
  readonly box?: BoxXywh
  /** Masks have the size that the file states: compare it with the image's. */
  readonly shape?: Shape
  readonly score: number
}

export type CocoResultRecord =
  | { readonly kind: 'result'; readonly result: CocoResult }
  | { readonly kind: 'problem'; readonly problem: ImportProblem }

/**
 * A COCO results file, a list of `{image_id, category_id, bbox, segmentation, score}`, as a stream in the order of the file.
 * Records that cannot be used are yielded as problems: E_ID_OUT_OF_RANGE, E_BBOX_*, E_RLE_*, E_POLYGON_MALFORMED,
 * E_SCORE_NOT_FINITE.
 * @throws AppError E_NOT_RESULTS if the file is no list, and those of `streamJson`
 */
export async function* readCocoResults(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<CocoResultRecord> {
  const problems: ImportProblem[] = []
  const listed = onlyList(chunks, file)
  for await (const entry of streamJson(listed, file, (problem) => problems.push(problem))) {
    yield* problems.splice(0).map((problem) => ({ kind: 'problem' as const, problem }))
    yield toRecord(fieldsOf(entry.value), { file, record: entry.index, offset: entry.offset })
  }
}

/** Passes the pieces of a file on if it begins as a list, or is no text that `streamJson` reads. */
async function* onlyList(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncIterable<Uint8Array> {
  let isKnown = false
  for await (const chunk of chunks) {
    const first = isKnown ? undefined : chunk.find((byte) => byte > 0x20)
    if (first !== undefined) isKnown = true
    if (first === 0x7b || first === 0x22 || (first !== undefined && first < 0x3a))
      throw notResults(file)
    yield chunk
  }
}

function toRecord(record: JsonObject, place: Place): CocoResultRecord {
  try {
    return { kind: 'result', result: toResult(record) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { kind: 'problem', problem: skipBecause('skip-record', place, error) }
  }
}

function toResult(record: JsonObject): CocoResult {
  const { bbox, segmentation, score } = record
  const shape = readSegmentation(segmentation, null)
  const hasBox = bbox !== undefined && !(Array.isArray(bbox) && bbox.length === 0)
  if (typeof score !== 'number' || !Number.isFinite(score)) {
    throw new AppError(
      'E_SCORE_NOT_FINITE',
      `A detection has the score ${shown(score)}.`,
      'Each detection needs a score, a finite number.',
    )
  }
  return {
    imageId: idText(record, 'image_id'),
    categoryId: idText(record, 'category_id'),
    ...((hasBox || shape === undefined) && { box: readBox(bbox) }),
    ...(shape !== undefined && { shape }),
    score,
  }
}

function idText(record: JsonObject, field: 'image_id' | 'category_id'): string {
  const id = sourceId(record[field])
  if (id !== null) return id.text
  throw new AppError(
    'E_ID_OUT_OF_RANGE',
    `A detection has the ${field} ${shown(record[field])}.`,
    'Use the ids of the data set that the results belong to.',
  )
}

const notResults = (file: string) =>
  new AppError(
    'E_NOT_RESULTS',
    `${showPath(file)} is no list of detections.`,
    'A COCO results file is a list of records with image_id, category_id, bbox or segmentation, and score.',
  )
