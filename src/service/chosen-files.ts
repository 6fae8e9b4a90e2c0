import { dirname, relative, resolve, sep } from 'node:path'
import { diskSource } from '../engine/import/disk-source'
import type { ImportSource } from '../engine/import/import-source'
import { AppError } from '../shared/errors'
import { openImportPlace, type ImportPlace } from './import-place'

const pictureEnding = /\.(?:jpe?g|png|webp|bmp|gif|tiff?)$/i

/**
 * The files and folders that somebody has picked one by one, as one place: nothing beside them is looked at. One file that
 * holds annotations is opened as such, with what is around it.
 * @throws AppError as `openImportPlace`
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
  const names = chosen.map((path) => relative(root, path).split(sep).join('/'))
  const files = new Set(names)
  const isChosen = (name: string) =>
    files.has(name) || names.some((folder) => name.startsWith(`${folder}/`))
  return { source: onlySome(await diskSource(root), isChosen), root, archiveSha256: null }
}

/** @throws AppError E_SELECTION_SCATTERED where they have no folder in common, as on several drives */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? sep)
  for (const path of paths) {
    while (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      const above = dirname(folder)
      if (above === folder) {
        throw new AppError(
          'E_SELECTION_SCATTERED',
          'The files lie on different drives.',
          'Import those of each drive by themselves.',
        )
      }
      folder = above
    }
  }
  return folder
}

function onlySome(source: ImportSource, isChosen: (name: string) => boolean): ImportSource {
  const chosen: ImportSource = {
    entry: null,
    rootName: source.rootName,
    async *list(folder) {
      for await (const name of source.list(folder)) if (isChosen(name)) yield name
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
  return chosen
}
