/**
 * A fault of the world (not a bug of ours): a stable `code`, a message that names the offending value, and a hint that
 * says what to do next. Printed as `error CODE: message` and `hint: …`.
 */
export class AppError extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.hint = hint
  }
}

/** What crosses a process border in place of an `AppError`. */
export interface ErrorRecord {
  readonly code: string
  readonly message: string
  readonly hint: string
}

export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, hint: error.hint }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'E_INTERNAL',
    message,
    hint: 'This is a fault in Patchwarden: please report it with the command you ran.',
  }
}

export function fromErrorRecord(record: ErrorRecord): AppError {
  return new AppError(record.code, record.message, record.hint)
}
