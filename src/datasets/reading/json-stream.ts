import type { ImportProblem, JsonValue } from '../../shared/dataset'
import { checkEncoding } from './json-encoding'
import { jsonTooLarge } from './json-errors'
import { JsonParser, moreNeeded } from './json-parser'
import { JsonWalk } from './json-walk'

/** One value of a large document, with the way to it. */
export interface JsonEntry {
  /** `[]` in a list at the root, `[key]` for scalars of the root and elements of its lists, `[key, memberKey]` for members. */
  readonly path: readonly string[]
  /** Zero-based position among the elements or members of what it stands in. */
  readonly index: number
  readonly value: JsonValue
  /** Zero-based byte offset of the value. */
  readonly offset: number
}

/** Pieces are put together until a window has at least this much. */
const windowBytes = 32_768
/** Entries that are handed over together: more would outlive the quick part of garbage collection. */
const mostAtOnce = 64
/** One entry must fit into memory; real ones are below a few MiB. */
const largestEntryBytes = 128 * 2 ** 20

/**
 * Reads a JSON document of any size: an object of lists (or objects) entry by entry, or a list element by element, in the
 * order of the file. In memory is one entry and the piece of the file that it came in. Otherwise as `parseJson`; a key that
 * is repeated at depth one or two is reported, and the entries of both come: the caller lets the last win. Empty lists and
 * objects at depth one have no entries.
 * @throws AppError as `parseJson`, and E_JSON_TOO_LARGE for one entry above 128 MiB
 */
export async function* streamJson(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  report?: (problem: ImportProblem) => void,
): AsyncGenerator<JsonEntry> {
  for await (const entries of streamJsonInBatches(chunks, file, report)) yield* entries
}

/**
 * The same in lists of entries, as many as a piece of the file holds: for documents with so many that handing them over one
 * by one would take longer than reading them. Problems of a list's entries are reported before it.
 * @throws AppError as `streamJson`, after the entries in front of the fault
 */
export async function* streamJsonInBatches(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  report?: (problem: ImportProblem) => void,
): AsyncGenerator<readonly JsonEntry[]> {
  const parser = new JsonParser(file)
  const window = new JsonWindow(parser, chunks[Symbol.asyncIterator]())
  const walk = new JsonWalk(parser)
  try {
    await window.widen()
    parser.at = checkEncoding(parser.bytes.subarray(0, Math.min(4, parser.end)), file)
    while (!walk.isDone) {
      const entries: JsonEntry[] = []
      const fault = readSome(parser, walk, entries, report)
      if (entries.length > 0) yield entries
      if (fault === moreNeeded) await window.widen()
      else if (fault !== null) throw fault
    }
  } finally {
    await window.close()
  }
}

/**
 * Reads entries that lie whole in the parser's window, until there are enough for one hand-over. Answers the fault that ended
 * that, if there was one.
 */
function readSome(
  parser: JsonParser,
  walk: JsonWalk,
  entries: JsonEntry[],
  report: ((problem: ImportProblem) => void) | undefined,
): Error | null {
  while (!walk.isDone && entries.length < mostAtOnce) {
    const start = parser.at
    let entry: JsonEntry | null
    try {
      entry = walk.next()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      parser.problems = []
      if (error === moreNeeded) parser.at = start
      return error
    }
    if (parser.problems.length > 0) {
      if (report !== undefined) parser.problems.forEach(report)
      parser.problems = []
    }
    if (entry !== null) entries.push(entry)
  }
  return null
}

/** Moves a parser's bytes along the file: what is read is dropped, the next pieces are put behind the rest. */
class JsonWindow {
  readonly #parser: JsonParser
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(parser: JsonParser, chunks: AsyncIterator<Uint8Array>) {
    this.#parser = parser
    this.#chunks = chunks
  }

  /** Reads at least as much as is kept, so that a value over many pieces is not tried again for each of them. */
  async widen(): Promise<void> {
    const parser = this.#parser
    const place = parser.place()
    const kept = parser.bytes.subarray(parser.at, parser.end)
    if (kept.length > largestEntryBytes) throw jsonTooLarge(place, largestEntryBytes)
    const pieces = [kept]
    let length = kept.length
    const enough = Math.max(windowBytes, 2 * kept.length)
    while (length < enough && !parser.isFinal) {
      const next = await this.#chunks.next()
      if (next.done === true) {
        parser.isFinal = true
      } else {
        pieces.push(next.value)
        length += next.value.length
      }
    }
    parser.base += parser.at
    parser.bytes = joined(pieces, length)
    parser.at = 0
    parser.end = length
  }

  /** Lets go of the file when reading stops early. */
  async close(): Promise<void> {
    if (!this.#parser.isFinal) await this.#chunks.return?.()
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const filled = pieces.filter((piece) => piece.length > 0)
  if (filled.length === 1 && filled[0] !== undefined) return filled[0]
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of filled) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
