import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { type JsonObject, textOf } from '../reading/json-fields'
import { hasPictureEnding, type PictureIndex } from '../reading/pictures'

/** What a task says of its picture: a path, an address, or a path of Label Studio's own server. */
export function pictureReference(data: JsonObject): string {
  const named = textOf(data['image'])
  if (named !== undefined) return named
  // The name of the field is the project's; the picture is the first that looks like one.
  const texts = Object.values(data).filter((value) => typeof value === 'string')
  const found = texts.find((text) => hasPictureEnding(pathOf(text)))
  if (found !== undefined) return found
  throw new AppError(
    'E_PATH_INVALID',
    `A task names no picture: its data has the fields ${Object.keys(data).join(', ') || 'none'}.`,
    'The picture is expected in data.image.',
  )
}

/**
 * The file that is meant. A path that is there counts; else a picture below the root is found by as much of the path as fits
 * and at last by its last part alone. Nothing is ever fetched.
 * @throws AppError E_PATH_INVALID for a reference without a file name, E_PATH_IS_URL for a picture inside the data,
 * E_PATH_ESCAPES_ROOT
 */
export function pictureFile(
  reference: string,
  folder: string,
  files: FileSource,
  pictures: PictureIndex,
): string {
  // A picture inside the data has no name, and its text is long.
  if (/^data:/i.test(reference)) return files.resolve(reference.slice(0, 40))
  const path = pathOf(reference)
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '.' && part !== '..')
  if (folder !== '' && !isAddress(reference)) {
    const beside = pictures.find(`${folder}/${parts.join('/')}`)
    if (beside !== null) return beside
  }
  for (let from = 0; from < parts.length; from++) {
    const found = pictures.find(parts.slice(from).join('/'))
    if (found !== null) return found
  }
  // Uploads get eight random digits and a hyphen in front of their name.
  const base = parts.at(-1) ?? ''
  const upload = /^[0-9a-f]{8}-(.+)$/.exec(base)?.[1]
  const found = upload === undefined ? null : pictures.find(upload)
  return found ?? files.resolve(isAddress(reference) || isAbsolute(reference) ? base : path)
}

/** The path in a reference: without address, query and percent codes; of `?d=path`, the path. */
function pathOf(reference: string): string {
  if (!isAddress(reference) && !isAbsolute(reference)) return reference
  const local = /^[^#]*\?(?:.*&)?d=([^&#]*)/.exec(reference)?.[1]
  const path =
    local ?? reference.replace(/[?#].*$/s, '').replace(/^[a-z][a-z0-9+.-]+:(?:\/\/[^/]*)?/i, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path // a stray percent sign is part of the name
  }
}

const isAddress = (reference: string) => /^[a-z][a-z0-9+.-]+:/i.test(reference)
const isAbsolute = (reference: string) => /^(?:[\\/]|[a-z]:)/i.test(reference)
