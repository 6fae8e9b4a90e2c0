import { toErrorRecord } from '../shared/errors'
import type { ErrorRecord } from '../shared/errors'

/** Writes `error CODE: message` and `hint: …`, one line each, to standard error. */
export function reportError(error: unknown): void {
  const record = isRecord(error) ? error : toErrorRecord(error)
  process.stderr.write(`error ${record.code}: ${oneLine(record.message)}\n`)
  if (record.hint) process.stderr.write(`hint: ${oneLine(record.hint)}\n`)
  if (record.code === 'E_INTERNAL' && process.env['PATCHWARDEN_DEBUG'] && error instanceof Error) {
    process.stderr.write(`${error.stack ?? ''}\n`)
  }
}

/** File names may hold line breaks and control characters: a message stays one line and moves no cursor. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** `1 photograph`, `2 photographs`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function isRecord(value: unknown): value is ErrorRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'hint' in value &&
    !(value instanceof Error)
  )
}
