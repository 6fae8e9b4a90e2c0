import type { ImportProblem, JsonValue } from '../../shared/dataset'
import { checkEncoding } from './json-encoding'
import { JsonParser } from './json-parser'

/**
 * One JSON document, at most 64 lists and objects deep, UTF-8 with or without mark. Objects have no prototype. Bare NaN,
 * Infinity and -Infinity become numbers that are not finite, so that records can be refused one by one. Of a repeated key
 * the last value counts; `report` hears of it (W_JSON_DUPLICATE_KEY).
 * @throws AppError E_FILE_EMPTY, E_ENCODING, E_JSON_SYNTAX, E_JSON_TRUNCATED, E_JSON_TOO_DEEP, naming `file`, line and column
 */
export function parseJson(
  bytes: Uint8Array,
  file: string,
  report?: (problem: ImportProblem) => void,
): JsonValue {
  const parser = new JsonParser(file)
  parser.bytes = bytes
  parser.end = bytes.length
  parser.isFinal = true
  parser.at = checkEncoding(bytes, file)
  const value = parser.value(0)
  if (parser.peek() !== -1) throw parser.unexpected('the end of the file')
  if (report !== undefined) parser.problems.forEach(report)
  return value
}
