import { AppError } from '../shared/errors'
import {
  fileStates,
  imageStatuses,
  patchStatuses,
  type FileState,
  type ImageFilter,
  type ImageStatus,
  type PatchStatus,
} from '../store'

/** What people write after --filter, and what it limits. */
export const filterKeys: Readonly<Record<string, string>> = {
  split: 'names of splits',
  class: 'names of classes of annotated objects',
  label: 'names of labels of whole pictures',
  status: imageStatuses.join(', '),
  file: fileStates.join(', '),
  patch: 'yes or no: whether there is a patch annotation',
  'patch-status': patchStatuses.join(', '),
  certified: 'yes or no',
  text: 'beginnings of words in file names, classes and labels',
  id: 'ids of pictures in the project, such as 3,7,10-20',
}

/** A selection that is written out has no more pictures than this. */
const mostSelected = 1_000_000

/**
 * A filter of `key=value` texts; several values are separated by commas and mean any of them.
 * @throws AppError E_FILTER_INVALID
 */
export function filterFrom(texts: readonly string[]): ImageFilter {
  let filter: ImageFilter = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    const [key, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
    if (value === '') throw invalid(`"${text}" has no value`)
    filter = { ...filter, ...limit(key, value) }
  }
  return filter
}

function limit(key: string, value: string): ImageFilter {
  const values = value.split(',').map((part) => part.trim())
  switch (key) {
    case 'split':
    case 'class':
    case 'label':
      return { [key]: values }
    case 'status':
      return { status: values.map((one) => oneOf<ImageStatus>(key, imageStatuses, one)) }
    case 'file':
      return { file: values.map((one) => oneOf<FileState>(key, fileStates, one)) }
    case 'patch-status':
      return { patchStatus: values.map((one) => oneOf<PatchStatus>(key, patchStatuses, one)) }
    case 'patch':
      return { patch: oneOf(key, ['yes', 'no'], value) === 'yes' }
    case 'certified':
      return { certified: oneOf(key, ['yes', 'no'], value) === 'yes' }
    case 'text':
      return { text: value }
    case 'id':
      return { ids: idsFrom(value) }
    default:
      throw invalid(`there is no "${key}"`)
  }
}

/**
 * Ids of pictures in the project, written as `3,7,10-20` or one a line.
 * @throws AppError E_FILTER_INVALID
 */
export function idsFrom(text: string): readonly number[] {
  const ids = new Set<number>()
  for (const part of text.split(/[\s,]+/).filter((word) => word !== '')) {
    const [, first, last] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part) ?? []
    if (first === undefined) throw invalid(`id is a list of numbers, and "${part}" is none`)
    const end = Number(last ?? first)
    if (end - Number(first) + ids.size >= mostSelected) {
      throw invalid(`it names more than ${mostSelected} pictures`)
    }
    for (let id = Number(first); id <= end; id++) ids.add(id)
  }
  if (ids.size === 0) throw invalid('the selection names no picture')
  return [...ids]
}

/** Both must hold: what two selections have in common. */
export function withSelection(filter: ImageFilter, ids: readonly number[]): ImageFilter {
  const chosen = new Set(ids)
  return { ...filter, ids: filter.ids?.filter((id) => chosen.has(id)) ?? ids }
}

function oneOf<T extends string>(key: string, known: readonly T[], value: string): T {
  const found = known.find((one) => one === value)
  if (found !== undefined) return found
  throw invalid(`${key} is one of ${known.join(', ')}, not "${value}"`)
}

const invalid = (reason: string) =>
  new AppError(
    'E_FILTER_INVALID',
    `The filter cannot be used: ${reason}.`,
    `Write key=value with one of ${Object.keys(filterKeys).join(', ')}.`,
  )
