import type { TextSink } from '../plugin/kinds'

/** Writes a JSON list with one value a line, so that two exports can be compared line by line. Values go out as they come. */
export function writeJsonList(sink: TextSink, values: Iterable<object>): void {
  let separator = '[\n'
  for (const value of values) {
    sink.write(separator + JSON.stringify(value))
    separator = ',\n'
  }
  sink.write(separator === '[\n' ? '[]' : '\n]')
}

/** The same entries in the order of their keys, so that it does not matter in which order they were noted. */
export function sortedByKey<V>(record: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
