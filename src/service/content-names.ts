import { basename, isAbsolute, join, relative, sep } from 'node:path'
import { diskPath } from '../engine/files/disk-path'
import type { FilePath } from '../engine/files/read-file'
import type { Dataset, Project } from '../store'

/** How the pictures of a data set are called in an export, and which files these names mean. */
export interface ContentNames {
  nameOf(image: { readonly folder: string; readonly file: string }): string
  locate(image: { readonly file: string }): FilePath
  /** Folders that the pictures lie in. */
  readonly folders: readonly string[]
}

/**
 * Names are relative to the folder of the data set. Pictures that were added from other folders are called by their way from
 * there if they lie below it; else a folder of their own stands in front, named like theirs.
 */
export function contentNames(project: Project, dataset: Dataset): ContentNames {
  const folders = project.datasets.folders(dataset.id)
  const prefixes = new Map<string, string>([[dataset.root, '']])
  for (const folder of folders) {
    if (prefixes.has(folder)) continue
    const way = relative(dataset.root, folder)
    const isBelow = way !== '' && !way.startsWith('..') && !isAbsolute(way)
    const prefix = isBelow
      ? `${way.split(sep).join('/')}/`
      : freePrefix(project, dataset, basename(folder), new Set(prefixes.values()))
    prefixes.set(folder, prefix)
  }
  const others = [...prefixes].filter(([folder]) => folder !== dataset.root)
  return {
    folders,
    nameOf: ({ folder, file }) => (prefixes.get(folder) ?? '') + file,
    locate({ file }) {
      // The first is the longest way: a folder may lie in another one.
      const [own] = others
        .filter(([, prefix]) => file.startsWith(prefix))
        .sort(([, a], [, b]) => b.length - a.length)
      if (own === undefined) return diskPath(join(dataset.root, file))
      const [folder, prefix] = own
      return diskPath(join(folder, file.slice(prefix.length)))
    },
  }
}

/** One that no name of the data set begins with. */
function freePrefix(
  project: Project,
  dataset: Dataset,
  wanted: string,
  taken: ReadonlySet<string>,
): string {
  const stem = wanted === '' ? 'added' : wanted
  for (let n = 1; ; n++) {
    const prefix = n === 1 ? `${stem}/` : `${stem} ${n}/`
    if (!taken.has(prefix) && !project.files.isBelow(dataset.root, prefix)) return prefix
  }
}
