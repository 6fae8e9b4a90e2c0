import type { FileSource, ImportProblem, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { readCsvTable } from '../reading/csv'
import { parseJson } from '../reading/json'
import { isObject } from '../reading/json-fields'
import { skipBecause, skipRecord } from '../reading/problems'

/** What people said of one picture. */
export interface Review {
  readonly answers: number
  /** How many saw the object. */
  readonly foreground: number
  /** How many called it unsafe. */
  readonly nsfw: number
}

const column = 'Answer.taskAnswers'

/**
 * Reviews from the tables of the crowd platform, by shift and file name. A cell is JSON: a list whose first entry has
 * `annotations`, itself JSON text. Tables without that column are passed over.
 */
export async function readReviews(
  files: FileSource,
  tables: readonly string[],
  report: (problem: ImportProblem) => void,
): Promise<ReadonlyMap<string, Review>> {
  const reviews = new Map<string, Review>()
  for (const file of tables) {
    try {
      for await (const row of readCsvTable(files.stream(file), file)) {
        if (row.kind === 'problem') {
          report(row.problem)
          continue
        }
        const at = row.header.indexOf(column)
        if (at < 0) break
        const place = { file, line: row.line, record: row.record }
        const annotations = readCell(row.cells[at] ?? '', file)
        if (annotations === null) {
          report(skipRecord(place, 'E_JSON_SYNTAX', `${column} is not understood.`))
          continue
        }
        for (const [image, answer] of annotations) add(reviews, image, answer)
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      report(skipBecause('skip-file', { file }, error))
    }
  }
  return reviews
}

function readCell(cell: string, file: string): readonly (readonly [string, JsonValue])[] | null {
  const answers = parseText(cell, file)
  const first = Array.isArray(answers) ? (answers[0] as JsonValue | undefined) : undefined // a list of JSON values
  const text = isObject(first) ? first['annotations'] : undefined
  const annotations = typeof text === 'string' ? parseText(text, file) : text
  return isObject(annotations) ? Object.entries(annotations) : null
}

/** Null where it is no JSON. */
function parseText(text: string, file: string): JsonValue {
  try {
    return parseJson(encodeUtf8(text), file)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function add(reviews: Map<string, Review>, image: string, answer: JsonValue): void {
  if (!isObject(answer)) return
  const key = image.split(/[/\\]/).slice(-2).join('/')
  const before = reviews.get(key) ?? { answers: 0, foreground: 0, nsfw: 0 }
  reviews.set(key, {
    answers: before.answers + 1,
    foreground: before.foreground + (answer['foreground'] === 'Yes' ? 1 : 0),
    nsfw: before.nsfw + (answer['nsfw'] === 'Yes' ? 1 : 0),
  })
}

/** (Pure code has no TextEncoder.) Halves of surrogate pairs become U+FFFD. */
function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text.toWellFormed()) {
    const point = character.codePointAt(0) ?? 0
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x10000) {
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    } else {
      bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63))
      bytes.push(0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    }
  }
  return Uint8Array.from(bytes)
}
