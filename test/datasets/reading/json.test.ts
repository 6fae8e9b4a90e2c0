import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ImportProblem } from '../../../src/shared/dataset'
import { fuzzing, mutatedBytes } from '../../support/mutations'
import { parse, utf8 } from './json-support'

const code = (wanted: string, message?: RegExp): Error =>
  expect.objectContaining({
    code: wanted,
    ...(message !== undefined && { message: expect.stringMatching(message) as string }),
  }) as Error

/** Values without the members that `toEqual` cannot compare across prototypes. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

describe('values', () => {
  test('what the engine writes is read the same, whatever the white space', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\r\n '), (value, space) => {
        const text = JSON.stringify(value, null, space)
        expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('every double is read exactly, in every notation', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(double, fc.integer({ min: 0, max: 20 }), (value, decimals) => {
        for (const text of [
          JSON.stringify(value),
          value.toExponential(),
          value.toPrecision(17),
          Math.abs(value) < 1e21 ? value.toFixed(decimals) : '0',
        ]) {
          expect(parse(text)).toBe(Number(text))
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['0.1', 0.1],
    ['-0', -0],
    ['1E+2', 100],
    ['1e999', Infinity],
    ['9007199254740993', 9007199254740992],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    [' [NaN, {"a": -Infinity}] ', [NaN, { a: -Infinity }]],
  ])('%s', (text, value) => {
    expect(structuredClone(parse(text))).toEqual(value)
  })

  test('words of Python inside texts stay text', () => {
    expect(parse('["NaN", "-Infinity"]')).toEqual(['NaN', '-Infinity'])
  })

  test('texts: escapes, all planes, half pairs, and a mark that is a character', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(texts, (text) => {
        expect(parse(JSON.stringify(text))).toBe(text)
        const escaped = Array.from(text, (unit) => escapeUnits(unit)).join('')
        expect(parse(`"${escaped}"`)).toBe(text)
      }),
    )
    expect(parse('"\\ud800"')).toBe('\ud800')
    expect(parse('"\ufeffa"')).toBe('\ufeffa')
    expect(parse(`"${'x'.repeat(100_000)}é"`)).toHaveLength(100_001)
  })

  test('a mark at the start is no part of the document', () => {
    expect(parse('\ufeff[1]')).toEqual([1])
  })
})

describe('objects', () => {
  test('have no prototype, and keys of the language are plain keys', () => {
    const value = parse('{"__proto__": {"x": 1}, "constructor": 2, "prototype": 3}')
    expect(Object.getPrototypeOf(value)).toBe(null)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'prototype'])
    expect(({} as Record<string, unknown>)['x']).toBe(undefined)
  })

  test('of a repeated key the last counts, and that is told with its place', () => {
    const problems: ImportProblem[] = []
    const value = parse('{"a": 1,\n "b": {"c": 1, "c": 2},\n "a": 3}', (problem) => {
      problems.push(problem)
    })
    expect(plain(value)).toEqual({ a: 3, b: { c: 2 } })
    expect(problems).toMatchObject([
      { code: 'W_JSON_DUPLICATE_KEY', line: 2, offset: 24, decision: 'accept-with-warning' },
      { code: 'W_JSON_DUPLICATE_KEY', line: 3, offset: 34, file: 'a.json' },
    ])
  })

  test('a hundred thousand repeated keys take no time to speak of', () => {
    let count = 0
    parse(`{${'"a":\n1,'.repeat(100_000)}"a":1}`, () => count++)
    expect(count).toBe(100_000)
  })
})

describe('faults', () => {
  test.each([
    ['', 'E_FILE_EMPTY', /a\.json/],
    [' \n', 'E_JSON_TRUNCATED', /line 2, column 1/],
    ['[1,\n 2', 'E_JSON_TRUNCATED', /line 2, column 3/],
    ['["abc', 'E_JSON_TRUNCATED', /inside a text/],
    ['["abc\\', 'E_JSON_TRUNCATED', /inside a text/],
    ['[tru', 'E_JSON_TRUNCATED', /inside true/],
    ['[-', 'E_JSON_TRUNCATED', /digit/],
    ['{"a"', 'E_JSON_TRUNCATED', /colon/],
    ['[1,]', 'E_JSON_SYNTAX', /line 1, column 4: .*\] stands where a value/],
    ['{"é": 1,}', 'E_JSON_SYNTAX', /line 1, column 9/],
    ['[1] x', 'E_JSON_SYNTAX', /x stands where the end/],
    ['[01]', 'E_JSON_SYNTAX', /leading zero/],
    ['[1.]', 'E_JSON_SYNTAX', /digit/],
    ['[.5]', 'E_JSON_SYNTAX', /a value/],
    ['[+1]', 'E_JSON_SYNTAX', /a value/],
    ['[1e]', 'E_JSON_SYNTAX', /digit/],
    ['[nil]', 'E_JSON_SYNTAX', /word null/],
    ["['a']", 'E_JSON_SYNTAX', /a value/],
    ['{a: 1}', 'E_JSON_SYNTAX', /key in quotes/],
    ['["a\nb"]', 'E_JSON_SYNTAX', /byte 0x0a/],
    ['["\\x41"]', 'E_JSON_SYNTAX', /escapes/],
    ['["\\u12g4"]', 'E_JSON_SYNTAX', /escapes/],
    ['[1 2]', 'E_JSON_SYNTAX', /a comma or \]/],
    ['[1}', 'E_JSON_SYNTAX', /a comma or \]/],
    ['[\u00a01]', 'E_JSON_SYNTAX', /byte 0xc2/],
  ])('%j is %s', (text, wanted, message) => {
    expect(() => parse(text)).toThrow(code(wanted, message))
  })

  test('nesting ends at 64, without growing the stack', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(() => parse(nested(64))).not.toThrow()
    expect(() => parse(nested(65))).toThrow(code('E_JSON_TOO_DEEP', /column 65/))
    expect(() => parse('{"a":'.repeat(1_000_000))).toThrow(code('E_JSON_TOO_DEEP'))
  })

  test.each([
    ['a stray byte in a text', [0x5b, 0x22, 0x61, 0xff, 0x22, 0x5d], /column 4 .*offset 3.* 0xff/],
    ['a stray byte outside texts', [0x5b, 0xff, 0x5d], /0xff/],
    ['an overlong form', [0x22, 0xc0, 0x80, 0x22], /0xc0/],
    ['half a pair in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22], /0xed/],
    ['a cut character', [0x22, 0xe2, 0x82, 0x22], /0xe2/],
    ['UTF-16 with mark', [0xff, 0xfe, 0x5b, 0, 0x5d, 0], /UTF-16/],
    ['UTF-16, high byte first', [0xfe, 0xff, 0, 0x5b, 0, 0x5d], /UTF-16/],
    ['UTF-16 without mark', [0x5b, 0, 0x5d, 0], /UTF-16/],
  ])('%s is E_ENCODING', (_, bytes, message) => {
    expect(() => parse(Uint8Array.from(bytes))).toThrow(code('E_ENCODING', message))
  })

  test('fuzz: damaged documents give a value or one of the codes, as the engine decides too', () => {
    const valid =
      '{"images":[{"id":1,"s":"é\\n\\u00e9","b":[1.5,-2e3,null,true]}],"x":{"__proto__":{}}}'
    fc.assert(
      fc.property(mutatedBytes(utf8(valid)), (bytes) => {
        const ours = outcome(() => parse(bytes))
        const theirs = outcome(() =>
          JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
        )
        if (typeof ours === 'string') expect(ours).toMatch(/^E_(?:JSON_\w+|ENCODING|FILE_EMPTY)$/)
        if (typeof theirs !== 'string') expect(JSON.stringify(ours)).toBe(JSON.stringify(theirs))
      }),
      fuzzing,
    )
  })
})

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() }
  } catch (error) {
    return (error as { code?: string }).code ?? 'other'
  }
}

function escapeUnits(text: string): string {
  let escaped = ''
  for (let i = 0; i < text.length; i++) {
    escaped += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`
  }
  return escaped
}
