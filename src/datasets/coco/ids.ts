import type { JsonValue } from '../../shared/dataset'

/** An id as a file gives it. */
export interface SourceId {
  /** Equal for equal ids: a number, or text that is no whole number. "7" and 7 are the same id. */
  readonly key: number | string
  /** As it is kept. */
  readonly text: string
  /** False for text and fractions, which the format does not have. */
  readonly isInteger: boolean
}

/** Null for what cannot tell things apart: missing, not exact as a double (beyond 2^53), or neither number nor text. */
export function sourceId(value: JsonValue | undefined): SourceId | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return null
    return { key: value + 0, text: String(value), isInteger: Number.isInteger(value) }
  }
  if (typeof value !== 'string' || value === '') return null
  const number = Number(value)
  const isWritten = Number.isSafeInteger(number) && String(number) === value
  return { key: isWritten ? number : value, text: value, isInteger: false }
}
