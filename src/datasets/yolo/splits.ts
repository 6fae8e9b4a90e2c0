import type { FileSource } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { lastPart, withoutEnding } from '../reading/pictures'
import { decodeUtf8 } from '../reading/utf8'
import type { YoloConfig } from './data-yaml'
import { folderOf } from './layout'

/** Which split a picture belongs to; null if nothing says so. */
export type SplitOf = (picture: string) => string | null

/**
 * Splits by the folders and list files that the configuration names, else by folders called train, val or test. Paths that
 * lie outside the root say nothing: such files come from other machines, and nothing is opened there.
 */
export async function readSplits(
  files: FileSource,
  config: YoloConfig | null,
  configName: string,
): Promise<SplitOf> {
  const listed = new Map<string, string>()
  const folders = new Map<string, string>()
  const base = folderOf(configName)
  for (const [split, entries] of config?.splits ?? []) {
    for (const entry of entries) {
      for (const name of placesOf(files, config?.path ?? null, entry, base)) {
        const isList = name.endsWith('.txt') && (await files.has(name))
        // Of a list that stands for several splits, its own name tells which one it is.
        const stem = withoutEnding(lastPart(name))
        const owner = config?.splits.has(stem) === true ? stem : split
        if (isList) await readList(files, name, base, owner, listed)
        else if (!folders.has(name)) folders.set(name, split)
      }
    }
  }
  return (picture) => listed.get(picture) ?? byFolder(folders, picture) ?? byName(picture)
}

/** Where an entry may lie below the root: as written, without `path`, and without a climb out of its folder. */
function placesOf(
  files: FileSource,
  path: string | null,
  entry: string,
  base: string,
): ReadonlySet<string> {
  const written = [...(path === null ? [] : [`${path}/${entry}`]), entry]
  const unclimbed = entry.replace(/^(?:\.\.[\\/])+/, '')
  const places = [...written, unclimbed].map((name) => safeName(files, name, base))
  return new Set(places.filter((name) => name !== null))
}

async function readList(
  files: FileSource,
  name: string,
  base: string,
  split: string,
  listed: Map<string, string>,
): Promise<void> {
  if ((await files.size(name)) === 0) return
  const text = decodeUtf8(await files.read(name)) ?? ''
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    const from = line.startsWith('./') ? folderOf(name) : base
    const picture = safeName(files, line.trim(), from)
    if (picture !== null && !listed.has(picture)) listed.set(picture, split)
  }
}

const longestName = 4096

/** The name below the root, or null if it is none. `.` is the folder itself. */
function safeName(files: FileSource, name: string, from: string): string | null {
  if (name.length > longestName) return null
  const plain = name.replace(/(?:[\\/]\.?)+$/, '')
  if (/^(?:\.[\\/]?)*$/.test(plain)) return plain === '' && /^[\\/]/.test(name) ? null : from
  try {
    return files.resolve(plain, from)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/** The innermost named folder that the picture is in; of several splits with one folder the first. */
function byFolder(folders: ReadonlyMap<string, string>, picture: string): string | null {
  for (let folder = folderOf(picture); ; folder = folderOf(folder)) {
    const split = folders.get(folder)
    if (split !== undefined) return split
    if (folder === '') return null
  }
}

const known: Readonly<Record<string, string>> = {
  ...{ train: 'train', training: 'train' },
  ...{ val: 'val', valid: 'val', validation: 'val' },
  ...{ test: 'test', testing: 'test' },
}

function byName(picture: string): string | null {
  const folder = folderOf(picture)
    .split('/')
    .findLast((part) => Object.hasOwn(known, part.toLowerCase()))
  return folder === undefined ? null : (known[folder.toLowerCase()] ?? null)
}
