import fc from 'fast-check'
import type { JsonValue } from '../../src/shared/dataset'

// Damage for parsers: what comes out is near a valid file, so that it gets past the first checks.

const asked = process.env['FUZZ_RUNS']

/** Settings of a fuzz test: 1,000 cases, or as many as 3 s allow; with FUZZ_RUNS that many, however long they take. */
export const fuzzing: Readonly<{ numRuns: number; interruptAfterTimeLimit?: number }> =
  asked === undefined
    ? { numRuns: 1000, interruptAfterTimeLimit: 3000 }
    : { numRuns: Number(asked) }

/** How many cases a property runs that is about whole and valid contents. */
export const propertyRuns = 100

/** Bytes that mean something to many formats. */
const telling = [
  0, 0x0a, 0x20, 0x22, 0x27, 0x2c, 0x2d, 0x30, 0x39, 0x3c, 0x5b, 0x5c, 0x7b, 0x7f, 0x80, 0xff,
]

/** `bytes` after one to eight changes: bytes replaced, inserted, removed, repeated, exchanged, or the end cut off. */
export function mutatedBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  const byte = fc.oneof(fc.constantFrom(...telling), fc.integer({ min: 0, max: 255 }))
  const change = fc.oneof(
    fc.record({ kind: fc.constant('replace' as const), at: place, byte }),
    fc.record({ kind: fc.constant('insert' as const), at: place, byte }),
    fc.record({ kind: fc.constantFrom('remove', 'repeat', 'cut'), at: place, to: place }),
    fc.record({ kind: fc.constant('exchange' as const), at: place, to: place }),
  )
  return fc
    .array(change, { minLength: 1, maxLength: 8 })
    .map((changes) => changes.reduce((list, one) => apply(list, one), [...bytes]))
    .map((list) => Uint8Array.from(list))
}

interface Change {
  readonly kind: string
  readonly at: number
  readonly to?: number
  readonly byte?: number
}

function apply(list: number[], { kind, at, to = 0, byte = 0 }: Change): number[] {
  if (list.length === 0) return kind === 'insert' ? [byte] : list
  const first = Math.floor(at * list.length)
  const second = Math.floor(to * list.length)
  const [low, high] = first < second ? [first, second] : [second, first]
  switch (kind) {
    case 'replace':
      return list.with(first, byte)
    case 'insert':
      return list.toSpliced(first, 0, byte)
    case 'remove':
      return list.toSpliced(low, Math.min(high - low, 64))
    case 'repeat':
      return list.toSpliced(high, 0, ...list.slice(low, Math.min(high, low + 64)))
    case 'cut':
      return list.slice(0, first)
    default:
      return list.with(first, list[second] ?? 0).with(second, list[first] ?? 0)
  }
}

/** What turns up where something else was expected. */
const strange: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  -(2 ** 31),
  '',
  'a',
  '1',
  '\u0000',
  '../x',
  '\ud800',
  [],
  {},
  [[]],
  [null],
  { size: [1, 1], counts: 'x' },
]

/** `value` with one to four places somewhere inside it replaced, removed, repeated or moved to another key. */
export function mutatedJson(value: JsonValue): fc.Arbitrary<JsonValue> {
  const step = fc.record({
    kind: fc.constantFrom('replace', 'remove', 'repeat', 'rename'),
    way: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
    value: fc.oneof(fc.constantFrom(...strange), fc.jsonValue() as fc.Arbitrary<JsonValue>),
    key: fc.constantFrom('__proto__', 'constructor', 'id', 'images', 'annotations', 'x', ''),
  })
  return fc
    .array(step, { minLength: 1, maxLength: 4 })
    .map((steps) => steps.reduce((changed, one) => changedAt(changed, one, 0), value))
}

interface Step {
  readonly kind: string
  readonly way: readonly number[]
  readonly value: JsonValue
  readonly key: string
}

/** Walks `way` into the value, as far as there are members, and makes the change there. */
function changedAt(value: JsonValue, step: Step, depth: number): JsonValue {
  const turn = step.way[depth]
  if (typeof value !== 'object' || value === null || turn === undefined) return step.value
  const isList = Array.isArray(value)
  const entries: [string, JsonValue][] = Object.entries(value)
  if (entries.length === 0) return step.value
  const at = turn % entries.length
  const entry = entries[at]
  if (entry === undefined) return step.value
  const [key, member] = entry
  const last = depth === step.way.length - 1
  if (!last) entries[at] = [key, changedAt(member, step, depth + 1)]
  else if (step.kind === 'remove') entries.splice(at, 1)
  else if (step.kind === 'repeat') entries.splice(at, 0, [isList ? key : `${key} again`, member])
  else if (step.kind === 'rename' && !isList) entries[at] = [step.key, member]
  else entries[at] = [key, step.value]
  return isList ? entries.map(([, element]) => element) : Object.fromEntries(entries)
}
