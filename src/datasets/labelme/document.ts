import type { Attributes, ImportProblem, JsonValue } from '../../shared/dataset'
import { parseJson } from '../reading/json'

/** A file of the format, its members checked as far as all shapes need them. */
export interface LabelmeDocument {
  readonly imagePath: string
  /** The picture itself in base64, where it is embedded. */
  readonly imageData: string | null
  readonly width: number | null
  readonly height: number | null
  readonly shapes: readonly JsonValue[]
  /** Flags of the whole picture. */
  readonly attributes: Attributes
}

/** Null if the document is of another kind. Throws as `parseJson`. */
export function parseDocument(
  bytes: Uint8Array,
  file: string,
  report: (problem: ImportProblem) => void,
): LabelmeDocument | null {
  const document = asObject(parseJson(bytes, file, report))
  const shapes = document?.['shapes']
  const imagePath = document?.['imagePath']
  if (document === null || !Array.isArray(shapes) || typeof imagePath !== 'string') return null
  const side = (name: string) => {
    const value = document[name]
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
  }
  const [width, height] = [side('imageWidth'), side('imageHeight')]
  const isSize = width !== null && height !== null
  const imageData = document['imageData']
  return {
    imagePath,
    imageData: typeof imageData === 'string' ? imageData : null,
    width: isSize ? width : null,
    height: isSize ? height : null,
    shapes: shapes as readonly JsonValue[], // a list in JSON holds JSON
    attributes: flagsOf(document['flags']),
  }
}

/** Null for anything but an object. */
export function asObject(value: JsonValue | undefined): Readonly<Record<string, JsonValue>> | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Readonly<Record<string, JsonValue>>) : null // neither null nor a list
}

/** `{ flags }`, or nothing where none is there. */
export function flagsOf(value: JsonValue | undefined): Attributes {
  const flags = asObject(value)
  return flags === null || Object.keys(flags).length === 0 ? {} : { flags }
}
