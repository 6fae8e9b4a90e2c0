import type { JsonValue } from '../../../shared/dataset'

/** A whole number that a double holds exactly, or null. */
export function wholeId(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}
