import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formulaWarning,
  looksLikeFormula,
  readCsvTable,
  readRows,
} from '../../../src/datasets/reading/csv'
import { AppError } from '../../../src/shared/errors'
import { csvLine, guardCell, quoteCell, unguardCell } from '../../../src/datasets/writing/csv-cells'
import { fuzzing, mutatedBytes } from '../../support/mutations'

const encoder = new TextEncoder()

async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.slice(at, at + size))
  }
}

function rowsOf(text: string | Uint8Array, size?: number) {
  return collect(readRows(pieces(text, size), 'a.csv'))
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}

const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.toWellFormed())
const ascii = fc.stringMatching(/^[ab",\r\n =+]{0,8}$/)
const rows = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.array(fc.array(fc.oneof(cell, ascii), { minLength: width, maxLength: width }), {
    maxLength: 6,
  }),
)

describe('reading tables', () => {
  test('gives back the cells that were written, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), async (table, size) => {
        // An empty line is no row: a single empty cell cannot be told from it.
        const kept = table.filter((cells) => cells.length > 1 || cells[0] !== '')
        const text = kept.map((cells) => `${cells.map(quoteCell).join(',')}\n`).join('')
        expect((await rowsOf(text, size)).map(({ cells }) => cells)).toEqual(kept)
      }),
    )
  })

  test('agrees with csv-parse on every text that both read, and refuses what it refuses', async () => {
    const text = fc.stringMatching(/^[ab",\n\r]{0,14}$/)
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        // A lone return is a line end for us; csv-parse decides by the first line end of the file.
        const csv = input.replaceAll('\r', '')
        const expected = attempt(() =>
          parse(csv, { relax_column_count: true, skip_empty_lines: true, record_delimiter: '\n' }),
        )
        const found = await rowsOf(csv).then(
          (list) => list.map(({ cells }) => cells),
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'E_CSV_SYNTAX' })
            return null
          },
        )
        expect(found).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('counts lines, records and bytes', async () => {
    const text = '\ufeffa,b\r\n\r\n"x\ny",1\r\nshort\nü,2'
    const records = await collect(readCsvTable(pieces(text, 3), 'a.csv'))
    expect(records).toMatchObject([
      { header: ['a', 'b'], cells: ['x\ny', '1'], line: 3, record: 0, offset: 10 },
      { problem: { code: 'E_LABEL_COLUMNS', decision: 'skip-record', line: 5, record: 1 } },
      { cells: ['ü', '2'], line: 6, record: 2, offset: 25 },
    ])
  })

  test.each([
    ['a quote that is never closed', 'a,b\n"x,1\n2,3\n', 'line 2'],
    ['text after a closing quote', 'a,b\n"x"y,1\n', 'line 2'],
    ['a quote inside text', 'a,b\nx"y",1\n', 'line 2'],
    ['a row without end', `a\n"${'x'.repeat(1024 * 1024)}`, 'line 2'],
  ])('refuses %s', async (_, text, place) => {
    await expect(rowsOf(text, 65_536)).rejects.toMatchObject({
      code: 'E_CSV_SYNTAX',
      message: expect.stringContaining(place) as string,
    })
  })

  test.each([
    ['a stray byte', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a pair', [0xed, 0xa0, 0x80]],
    ['a cut letter', [0xc3]],
    ['beyond the last letter', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses what is not UTF-8: %s', async (_, bytes) => {
    await expect(rowsOf(Uint8Array.from([97, 44, ...bytes, 10]))).rejects.toMatchObject({
      code: 'E_ENCODING',
    })
  })

  test('fuzz: damaged tables give rows or an AppError, never anything else', async () => {
    const good = encoder.encode('a,b\n"x ""y""",1\nü,2\n')
    await fc.assert(
      fc.asyncProperty(mutatedBytes(good), fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
        const answer = await rowsOf(bytes, size).catch((error: unknown) => error)
        expect(Array.isArray(answer) || answer instanceof AppError).toBe(true)
      }),
      fuzzing,
    )
  })
})

describe('cells that a spreadsheet would run', () => {
  test('come back as they were after guarding', () => {
    fc.assert(
      fc.property(fc.oneof(cell, fc.stringMatching(/^['=+@-]{0,5}a?$/)), (text) => {
        expect(unguardCell(guardCell(text))).toBe(text)
        expect(guardCell(text)).not.toMatch(/^[=+\-@\t\r]/)
      }),
    )
  })

  test.each(['=1+1', '@x', '+cmd', '-a', '\tx', '\r'])('%j is one', (text) => {
    expect(looksLikeFormula(text)).toBe(true)
  })

  test.each(['', 'a=1', '-1', '+1.5e3', '-.5', "'=1"])('%j is none', (text) => {
    expect(looksLikeFormula(text)).toBe(false)
  })

  test('are told with their place', () => {
    const row = { kind: 'row', header: [], cells: [], line: 3, record: 1, offset: 9 } as const
    expect(formulaWarning('=1', 'a.csv', row)).toMatchObject({
      decision: 'accept-with-warning',
      code: 'W_CSV_FORMULA',
      file: 'a.csv',
      line: 3,
      record: 1,
      offset: 9,
    })
  })

  test('numbers of a line are not guarded', () => {
    expect(csvLine([-1, -0, 0.1, 'a,b', '=1'])).toBe(`-1,0,0.1,"a,b",'=1\n`)
  })
})

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return null
  }
}
