import { AppError } from '../errors'
import { pathInvalid, pathIsUrl, showPath } from '../image-errors'

/** `http://…`, `file:/…`, `s3:\…` and `data:…`; a single letter before the colon is a drive of Windows. */
const address = /^(?:[a-z][a-z0-9+.-]+:[\\/]|data:)/i
const absolute = /^(?:[\\/]|[a-z]:)/i

/**
 * A file name that was found in data, joined to `fromFolder` (below the root, '' for the root itself): either separator,
 * `.` and `..` resolved; nothing is decoded, so `%2e` is three characters. Answers a name below the root with `/` between
 * its parts, whether or not a file has it. Looks at the text only: links are for whoever opens the file.
 * @throws AppError E_PATH_ESCAPES_ROOT (absolute, drive, network share, or leaving the root), E_PATH_IS_URL, E_PATH_INVALID
 */
export function resolveName(nameInData: string, fromFolder = ''): string {
  if (nameInData.includes('\0')) throw pathInvalid(nameInData, 'it contains a NUL character')
  if (!nameInData.isWellFormed()) throw pathInvalid(nameInData, 'it contains half a character')
  if (address.test(nameInData)) throw pathIsUrl(nameInData)
  if (absolute.test(nameInData)) throw pathEscapesRoot(nameInData, 'it is absolute')
  const parts: string[] = []
  for (const part of [...fromFolder.split('/'), ...nameInData.split(/[\\/]/)]) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) throw pathEscapesRoot(nameInData, 'it climbs out of it')
  }
  if (/^\s*$|(?:^|[\\/])\.{0,2}$/.test(nameInData)) {
    throw pathInvalid(nameInData, nameInData === '' ? 'it is empty' : 'it names no file')
  }
  return parts.join('/')
}

function pathEscapesRoot(path: string, reason: string): AppError {
  return new AppError(
    'E_PATH_ESCAPES_ROOT',
    `${showPath(path)} does not stay inside the chosen folder: ${reason}. It was not opened.`,
    'Choose the folder that holds both the annotations and the pictures, and give names relative to it.',
  )
}
