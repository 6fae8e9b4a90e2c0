import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { type JsonEntry, streamJson } from '../reading/json-stream'
import { surveyJson } from '../reading/json-survey'
import { fieldsOf, type JsonObject } from './fields'

/** What the first bytes of a JSON file look like. */
export type Look =
  | 'detection'
  /** COCO of another task: keypoints, captions, panoptic. */
  | 'other-task'
  /** A list of detections. */
  | 'results'
  | 'unrelated'

const firstBytes = 65_536

/** Looks at the first entry of each list among the first bytes of a file. Never throws for what the file holds. */
export async function lookAt(files: FileSource, name: string): Promise<Look> {
  const first = new Map<string, JsonObject>()
  let isList = false
  try {
    for await (const { path, index, value } of start(files, name)) {
      const [key] = path
      if (key === undefined) isList = true
      if (index === 0) first.set(key ?? '', fieldsOf(value))
      if (isList) break
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error // cut off by us, or no JSON
  }
  if (isList) return isResult(first.get('') ?? {}) ? 'results' : 'unrelated'
  const look = lookOf(first.get('images') ?? {}, first.get('annotations') ?? null)
  return look === 'unrelated' && (await hasEmptyLists(files, name)) ? 'detection' : look
}

/** A data set in which nothing is yet. */
async function hasEmptyLists(files: FileSource, name: string): Promise<boolean> {
  const { members } = await surveyJson(one(await files.readAt(name, 0, firstBytes)))
  const isEmpty = (key: string) =>
    members.some((member) => member.key === key && member.kind === 'list' && member.count === 0)
  return isEmpty('images') && isEmpty('annotations')
}

function lookOf(image: JsonObject, annotation: JsonObject | null): Look {
  const hasImages = 'file_name' in image && 'id' in image
  if (annotation === null) return hasImages ? 'detection' : 'unrelated'
  if (!('image_id' in annotation))
    return hasImages && !('id' in annotation) ? 'detection' : 'unrelated'
  if ('keypoints' in annotation || 'caption' in annotation || 'segments_info' in annotation) {
    return 'other-task'
  }
  return 'category_id' in annotation ? 'detection' : 'unrelated'
}

function isResult(record: JsonObject): boolean {
  return 'image_id' in record && 'category_id' in record && 'score' in record
}

async function* start(files: FileSource, name: string): AsyncIterable<JsonEntry> {
  const bytes = await files.readAt(name, 0, firstBytes)
  yield* streamJson(one(bytes), name)
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}
