import type { ImportProblem, JsonValue } from '../../../src/shared/dataset'
import { parseJson } from '../../../src/datasets/reading/json'
import { streamJson, type JsonEntry } from '../../../src/datasets/reading/json-stream'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const parse = (text: string | Uint8Array, report?: (problem: ImportProblem) => void) =>
  parseJson(typeof text === 'string' ? utf8(text) : text, 'a.json', report)

export async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield await Promise.resolve(bytes.slice(at, at + size))
  }
}

export async function entriesOf(
  text: string | Uint8Array,
  size = 65_536,
  report?: (problem: ImportProblem) => void,
): Promise<JsonEntry[]> {
  const bytes = typeof text === 'string' ? utf8(text) : text
  return await collected(streamJson(pieces(bytes, size), 'a.json', report))
}

export async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}

/** The document that entries came from, as far as entries can tell: empty members of the root are not seen. */
export function assembled(entries: readonly JsonEntry[], isList: boolean): JsonValue {
  if (isList) return entries.map(({ value }) => value)
  const root = new Map<string, JsonValue[] | Map<string, JsonValue> | JsonValue>()
  for (const { path, value } of entries) {
    const [key = '', member] = path
    const before = root.get(key)
    if (member === undefined) {
      if (Array.isArray(before)) before.push(value)
      else root.set(key, [value])
    } else if (before instanceof Map) before.set(member, value)
    else root.set(key, new Map([[member, value]]))
  }
  const plain = [...root].map(([key, value]): [string, JsonValue] => [
    key,
    value instanceof Map ? Object.fromEntries(value) : value,
  ])
  return Object.fromEntries(plain)
}
