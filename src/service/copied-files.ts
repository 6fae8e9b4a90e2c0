import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { Project } from '../store'
import { filesFolder } from './import-place'

/** Below the folder of a project: what was dropped into a browser, a folder for each drop. */
export const uploadsFolder = (projectDir: string) => join(projectDir, 'uploads')

/**
 * Removes the copies of pictures that the project has made (unpacked archives, uploads) and that no data set refers to: of
 * imports that were killed or given up, and of data sets that are gone. To be called when the project has been opened and
 * nothing is being imported yet.
 */
export function sweepCopies(project: Project): void {
  for (const folder of copyFolders(project)) {
    if (!existsSync(folder)) continue
    removeUnused(
      project,
      readdirSync(folder).map((name) => join(folder, name)),
    )
  }
}

/** The same for some of them: those in which these files or folders lie. Others, and what is not ours, are left alone. */
export function removeCopies(project: Project, paths: readonly string[]): void {
  const copies = new Set<string>()
  for (const path of paths) {
    for (const folder of copyFolders(project)) {
      const name = nameBelow(folder, path)
      if (name !== null && name !== '') copies.add(join(folder, name))
    }
  }
  removeUnused(project, [...copies])
}

const copyFolders = ({ folder }: Project) => [filesFolder(folder), uploadsFolder(folder)]

function removeUnused(project: Project, copies: readonly string[]): void {
  const used = project.datasets.allFolders()
  for (const copy of copies) {
    if (used.some((path) => nameBelow(copy, path) !== null)) continue
    try {
      rmSync(copy, { recursive: true, force: true })
    } catch {
      // A file that another program has open: the next start tries again.
    }
  }
}

/**
 * The part of `path` that follows `folder`; empty if they are the same, null if it lies elsewhere. Only the last two parts of
 * `folder` are compared: the project may have been moved since, or be reached through a link, and then copies that are
 * needed must not look as if they were not.
 */
function nameBelow(folder: string, path: string): string | null {
  const last = folder.split(sep).slice(-2)
  const parts = path.split(sep)
  for (let k = 0; k + last.length <= parts.length; k++) {
    if (last.every((part, n) => parts[k + n] === part)) return parts[k + last.length] ?? ''
  }
  return null
}
