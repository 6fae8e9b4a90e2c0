import { relative, resolve, sep } from 'node:path'
import { diskSource } from '../engine/import/disk-source'
import type { ImportSource } from '../engine/import/import-source'
import { AppError } from '../shared/errors'
import { commonFolder } from './common-folder'
import { openImportPlace, type ImportPlace } from './import-place'

const pictureEnding = /\.(?:jpe?g|png|webp|bmp|gif|tiff?)$/i

/**
 * The files and folders that somebody has picked one by one, as one place: nothing beside them is looked at. One file that
 * holds annotations is opened as such, with what is around it.
 * @throws AppError as `openImportPlace`; E_SELECTION_SCATTERED where they have no folder in common, as on several drives
 */
export async function chosenFiles(
  paths: readonly string[],
  projectDir: string,
): Promise<ImportPlace> {
  const chosen = paths.map((path) => resolve(path))
  const [only] = chosen
  if (only !== undefined && chosen.length === 1 && !pictureEnding.test(only)) {
    return openImportPlace(only, projectDir)
  }
  const root = commonFolder(chosen)
  if (root === null) throw scattered()
  const names = chosen.map((path) => relative(root, path).split(sep).join('/'))
  return { source: onlySome(await diskSource(root), names), root, archiveSha256: null }
}

const scattered = () =>
  new AppError(
    'E_SELECTION_SCATTERED',
    'The files lie on different drives.',
    'Import those of each drive by themselves.',
  )

/**
 * The same source with these files and folders alone; what is beside them is not even listed. Names are relative to its
 * root, with slashes.
 */
export function onlySome(source: ImportSource, names: readonly string[]): ImportSource {
  const chosen = new Set(names)
  const isChosen = (name: string): boolean => {
    for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1))
      if (chosen.has(name.slice(0, end))) return true
    return false
  }
  /** Sorted as a listing is, folders with a slash behind; those within a chosen folder come with that one. */
  const entries = async (): Promise<readonly string[]> => {
    const found: string[] = []
    for (const name of chosen) {
      if (isChosen(name.slice(0, Math.max(0, name.lastIndexOf('/'))))) continue
      found.push((await source.has(name)) ? name : `${name}/`)
    }
    return found.sort()
  }
  let listed: Promise<readonly string[]> | null = null
  return {
    entry: null,
    rootName: source.rootName,
    async *list(folder = '') {
      const own = folder.replace(/\/+$/, '')
      if (isChosen(own)) {
        yield* source.list(own)
        return
      }
      const begin = own === '' ? '' : `${own}/`
      for (const entry of await (listed ??= entries())) {
        if (!entry.startsWith(begin)) continue
        if (entry.endsWith('/')) yield* source.list(entry.slice(0, -1))
        else yield entry
      }
    },
    has: async (name) => isChosen(name) && source.has(name),
    size: (name) => source.size(name),
    read: (name) => source.read(name),
    stream: (name) => source.stream(name),
    readAt: (name, offset, length) => source.readAt(name, offset, length),
    resolve: (name, folder) => source.resolve(name, folder),
    takeProblems: () => source.takeProblems().filter(({ file }) => isChosen(file)),
    load: (name) => source.load(name),
    digest: (name) => source.digest(name),
    keep: (name, file, ending) => source.keep(name, file, ending),
    discard: () => {
      source.discard()
    },
    close: () => {
      source.close()
    },
  }
}
