import { AppError } from '../../../shared/errors'
import { showPath } from '../../../shared/image-errors'

export const pickleForbidden = (file: string, name: string) =>
  new AppError(
    'E_PICKLE_FORBIDDEN',
    `${showPath(file)} asks to run ${showPath(name)}, which is not needed to read arrays; nothing was run.`,
    'Do not open this file in Python. Ask where it comes from for plain arrays instead.',
  )

export const pickleMalformed = (file: string, reason: string, offset?: number) =>
  new AppError(
    'E_PICKLE_MALFORMED',
    `${showPath(file)} is no readable torch file: ${reason}${offset === undefined ? '' : ` (at byte ${offset})`}.`,
    'Save the arrays again with torch.save, or leave the file out.',
  )
