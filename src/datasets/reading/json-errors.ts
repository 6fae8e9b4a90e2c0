import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'

export interface JsonPlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

export const jsonSyntax = (place: JsonPlace, what: string) =>
  new AppError(
    'E_JSON_SYNTAX',
    `${at(place)}: this is not JSON: ${what}.`,
    'Correct the file at this place, or write it again with the program that it came from.',
  )

export const jsonTruncated = (place: JsonPlace, what: string) =>
  new AppError(
    'E_JSON_TRUNCATED',
    `${at(place)}: the file ends early, ${what}.`,
    'Copy or download the file again: its end is missing.',
  )

export const jsonTooDeep = (place: JsonPlace, limit: number) =>
  new AppError(
    'E_JSON_TOO_DEEP',
    `${at(place)}: lists and objects are nested more than ${limit} deep.`,
    'No annotation format needs that: check where the file comes from.',
  )

export const jsonTooLarge = (place: JsonPlace, limitBytes: number) =>
  new AppError(
    'E_JSON_TOO_LARGE',
    `${at(place)}: one entry is larger than ${limitBytes / 2 ** 20} MiB.`,
    'An entry describes one picture or one object: check where the file comes from.',
  )

export const jsonNotUtf8 = (file: string, found: string) =>
  new AppError(
    'E_ENCODING',
    `${showPath(file)} is not UTF-8: ${found}.`,
    'Save it as UTF-8 in a text editor, or write it again with the program that it came from.',
  )

function at({ file, line, column }: JsonPlace): string {
  return `${showPath(file)}, line ${line}, column ${column}`
}
