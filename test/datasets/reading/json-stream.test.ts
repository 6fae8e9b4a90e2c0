import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ImportProblem, JsonValue } from '../../../src/shared/dataset'
import { surveyJson } from '../../../src/datasets/reading/json-survey'
import { streamJson } from '../../../src/datasets/reading/json-stream'
import { fuzzing, mutatedBytes } from '../../support/mutations'
import { assembled, collected, entriesOf, parse, pieces, utf8 } from './json-support'

const key = fc.oneof(
  fc.constantFrom('images', '__proto__', 'é"\\', ''),
  fc.string({ maxLength: 5 }),
)
/** Roots whose members are all lists or objects that are not empty, so that entries tell everything. */
const documents = fc.dictionary(
  key,
  fc.oneof(
    fc.array(fc.jsonValue(), { minLength: 1, maxLength: 6 }),
    fc.dictionary(key, fc.jsonValue(), { minKeys: 1, maxKeys: 4 }),
  ),
  { maxKeys: 4 },
)
const sizes = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(65_536))

describe('entries', () => {
  test('together they are the document, whatever the pieces of the file', async () => {
    await fc.assert(
      fc.asyncProperty(documents, sizes, async (document, size) => {
        const text = JSON.stringify(document, null, 1)
        const entries = await entriesOf(text, size)
        expect(JSON.stringify(assembled(entries, false))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('offsets point at the values', async () => {
    const text = '{"é": [1, {"a": 2}], "info": {"x": "y"}, "n": -1.5}'
    const bytes = utf8(text)
    const entries = await entriesOf(text, 3)
    expect(entries.map(({ path, index }) => [...path, index])).toEqual([
      ['é', 0],
      ['é', 1],
      ['info', 'x', 0],
      ['n', 2],
    ])
    for (const { offset, value } of entries) {
      const written = JSON.stringify(value).replaceAll(':', ': ')
      const there = new TextDecoder().decode(bytes.slice(offset, offset + written.length))
      expect(there).toBe(written)
    }
  })

  test('elements of a list at the root, and a scalar at the root', async () => {
    expect(await entriesOf(' [1, [2], {}]')).toMatchObject([
      { path: [], index: 0, value: 1 },
      { path: [], index: 1, value: [2] },
      { path: [], index: 2, value: {} },
    ])
    expect(await entriesOf('NaN', 1)).toMatchObject([{ path: [], index: 0, value: NaN }])
    expect(await entriesOf('{"a": [], "b": {}}')).toEqual([])
  })

  test('values over many pieces of the file are read once or a few times, not once a piece', async () => {
    const long = 'x\\n'.repeat(400_000)
    const started = process.cpuUsage()
    expect(await entriesOf(`{"a": ["${long}"]}`, 1000)).toHaveLength(1)
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000) // ms
  })

  test('repeated keys are told once each, with line and offset, at every depth', async () => {
    const problems: ImportProblem[] = []
    const text = '{"a": [1],\n"b": {"c": 1, "c": 2},\n"a": [{"d": 1, "d": 2}]}'
    const entries = await entriesOf(text, 1, (problem) => problems.push(problem))
    expect(entries.map(({ value }) => value)).toMatchObject([1, 1, 2, { d: 2 }])
    expect(problems).toMatchObject([
      { code: 'W_JSON_DUPLICATE_KEY', line: 2, offset: 25 },
      { code: 'W_JSON_DUPLICATE_KEY', line: 3, offset: 34 },
      { code: 'W_JSON_DUPLICATE_KEY', line: 3, offset: 49 },
    ])
  })

  test('the file is let go of when reading stops early', async () => {
    let closed = false
    async function* chunks() {
      try {
        for (;;) yield await Promise.resolve(utf8('[1,'.padEnd(40_000, '1,')))
      } finally {
        closed = true
      }
    }
    for await (const { index } of streamJson(chunks(), 'a.json')) if (index === 3) break
    expect(closed).toBe(true)
  })
})

describe('faults', () => {
  test('fuzz: are those of the whole document, with the same words and places', async () => {
    const valid =
      '{"images":[{"id":1,"s":"é\\n\\u00e9",\n"b":[1.5,-2e3,null,NaN]}],"x":{"__proto__":{}}}'
    await fc.assert(
      fc.asyncProperty(mutatedBytes(utf8(valid)), sizes, async (bytes, size) => {
        const whole = outcome(() => parse(bytes))
        let streamed: string | null = null
        try {
          await entriesOf(bytes, size)
        } catch (error) {
          streamed = (error as Error).message
        }
        expect(streamed).toBe(whole)
      }),
      fuzzing,
    )
  })

  test('one entry beyond all measure is refused before it fills the memory', async () => {
    const piece = new Uint8Array(48 * 2 ** 20).fill(0x61)
    async function* chunks() {
      yield utf8('{"a": ["')
      for (;;) yield await Promise.resolve(piece)
    }
    await expect(collected(streamJson(chunks(), 'a.json'))).rejects.toMatchObject({
      code: 'E_JSON_TOO_LARGE',
    })
  })
})

describe('survey', () => {
  test('counts what the document has, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.jsonValue()), sizes, async (document, size) => {
        const bytes = utf8(JSON.stringify(document, null, 1))
        const survey = await surveyJson(pieces(bytes, size))
        const read = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, JsonValue>
        expect(survey.isComplete).toBe(true)
        expect(survey.root).toBe('object')
        expect(survey.members.map(({ key, kind, count }) => [key, kind, count])).toEqual(
          Object.entries(read).map(([name, value]) => [name, kindOf(value), countOf(value)]),
        )
      }),
    )
  })

  test('counts a list at the root', async () => {
    const survey = await surveyJson(pieces(utf8('[{"a": [1, 2]}, 3, "x,y"]'), 2))
    expect(survey).toEqual({ root: 'list', count: 3, members: [], isComplete: true })
  })

  test.each(['{"a": [', '{"a": "x', '', 'x', '['.repeat(70), '{} {}', ']'])(
    '%j is not complete',
    async (text) => {
      expect(await surveyJson(pieces(utf8(text), 5))).toMatchObject({ isComplete: false })
    },
  )
})

function outcome(read: () => unknown): string | null {
  try {
    read()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

const kindOf = (value: JsonValue) =>
  Array.isArray(value) ? 'list' : typeof value === 'object' && value !== null ? 'object' : 'scalar'

const countOf = (value: JsonValue) =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0
