import { AppError } from '../../shared/errors'
import type { ImportProblem } from '../../shared/dataset'
import { showPath } from '../../shared/image-errors'
import { decodeUtf8 } from './utf8'

/** One row of a table, below the header. */
export interface CsvRow {
  readonly kind: 'row'
  /** The cells of the first row; the same list in each row. */
  readonly header: readonly string[]
  /** As many as the header has. */
  readonly cells: readonly string[]
  /** One-based line that the row begins in. */
  readonly line: number
  /** Zero-based, counted below the header. */
  readonly record: number
  /** Zero-based byte that the row begins at. */
  readonly offset: number
}

/** No real row is longer; a quote that is never closed must not pull the whole file into memory. */
const maxRowBytes = 1024 * 1024
const [tab, lineFeed, carriageReturn, quote] = [9, 10, 13, 34]

/**
 * Reads a comma-separated table by RFC 4180, strictly and as a stream: the first row is the header, empty lines are passed
 * over, a row with more or fewer cells than the header is yielded as a problem (`skip-record`, E_LABEL_COLUMNS).
 * Own code, because csv-parse streams only through Node's streams, which pure code does not have; tests compare the two.
 * @throws AppError E_CSV_SYNTAX (a quote that is never closed, text around quotes, a row above 1 MiB), E_ENCODING
 */
export async function* readCsvTable(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<CsvRow | { readonly kind: 'problem'; readonly problem: ImportProblem }> {
  let header: readonly string[] | null = null
  let record = 0
  for await (const { cells, line, offset } of readRows(chunks, file)) {
    if (header === null) {
      header = cells.map((name) => name.trim())
    } else if (cells.length === header.length) {
      yield { kind: 'row', header, cells, line, offset, record: record++ }
    } else {
      const message = `The row has ${cells.length} cells, but the header ${header.length}.`
      const place = { file, line, offset, record: record++ }
      const decision = 'skip-record'
      yield { kind: 'problem', problem: { decision, code: 'E_LABEL_COLUMNS', message, ...place } }
    }
  }
}

/** The cells of all rows of a table without header, whatever their number. Throws as `readCsvTable`. */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<{ cells: readonly string[]; line: number; offset: number }> {
  for await (const { bytes, line, offset } of splitRows(chunks, file)) {
    const text = decodeUtf8(bytes)
    if (text === null) {
      throw new AppError(
        'E_ENCODING',
        `${showPath(file)}: line ${line} is not UTF-8.`,
        'Save the table as "CSV UTF-8" and import it again.',
      )
    }
    if (text !== '') yield { cells: splitCells(text, file, line), line, offset }
  }
}

interface RawRow {
  readonly bytes: Uint8Array
  readonly line: number
  readonly offset: number
}

/** Cuts at line ends outside quotes: those after which an even number of quotes has been seen. */
async function* splitRows(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<RawRow> {
  let held = new Uint8Array(0)
  let offset = 0
  let line = 1
  let nextLine = 1
  let quoted = false
  let quoteLine = 1
  let afterReturn = false
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? chunk : join(held, chunk)
    let start = 0
    for (let at = held.length; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === quote) {
        quoted = !quoted
        if (quoted) quoteLine = nextLine
      } else if (byte === lineFeed || byte === carriageReturn) {
        // Return and line feed are one line end; the feed alone would be an empty row, which is passed over.
        if (!(byte === lineFeed && afterReturn)) nextLine++
        if (!quoted) {
          yield { bytes: bytes.subarray(start, at), line, offset: offset + start }
          start = at + 1
          line = nextLine
        }
      }
      afterReturn = byte === carriageReturn
    }
    held = bytes.slice(start)
    offset += start
    if (held.length > maxRowBytes) {
      throw syntaxError(file, line, 'the row is longer than 1 MiB', 'Is a quote never closed?')
    }
  }
  if (quoted) {
    throw syntaxError(file, quoteLine, 'the quote that opens here is never closed', closeQuote)
  }
  if (held.length > 0) yield { bytes: held, line, offset }
}

function splitCells(text: string, file: string, line: number): string[] {
  if (!text.includes('"')) return text.split(',')
  const cells: string[] = []
  for (let at = 0; ;) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1)
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
      if (at < text.length && text[at] !== ',') {
        throw syntaxError(file, line, 'text follows a closing quote', closeQuote)
      }
    } else {
      const comma = text.indexOf(',', at)
      const cell = text.slice(at, comma < 0 ? text.length : comma)
      if (cell.includes('"'))
        throw syntaxError(file, line, 'a quote stands inside text', closeQuote)
      cells.push(cell)
      at += cell.length
    }
    if (at >= text.length) return cells
    at++
  }
}

/** Quotes in a row are even, so there is one. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); ; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at
  }
}

function join(first: Uint8Array, second: Uint8Array) {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}

const closeQuote = 'Cells in quotes end with a quote; a quote inside them is doubled.'

function syntaxError(file: string, line: number, reason: string, hint: string): AppError {
  return new AppError('E_CSV_SYNTAX', `${showPath(file)}: line ${line}: ${reason}.`, hint)
}

/** A text that a spreadsheet would run, and that is no plain number. */
export function looksLikeFormula(cell: string): boolean {
  const first = cell.charCodeAt(0)
  if (first === tab || first === carriageReturn) return true
  return /^[=+\-@]/.test(cell) && !/^[+-]?\d*\.?\d+(?:e[+-]?\d+)?$/i.test(cell)
}

/** W_CSV_FORMULA for a cell that was taken as text. */
export function formulaWarning(cell: string, file: string, row: CsvRow): ImportProblem {
  const { line, record, offset } = row
  const message = `The cell ${showPath(JSON.stringify(cell))} would be run as a formula by a spreadsheet; it was taken as text.`
  return {
    decision: 'accept-with-warning',
    code: 'W_CSV_FORMULA',
    file,
    line,
    record,
    offset,
    message,
  }
}
