import { AppError } from '../shared/errors'

export function isAppError(error: unknown, code: string): error is AppError {
  return error instanceof AppError && error.code === code
}
