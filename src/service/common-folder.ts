import { dirname, sep } from 'node:path'

/** The innermost folder that holds all of some absolute paths; null where there is none, as on several drives. */
export function commonFolder(paths: readonly string[]): string | null {
  let folder = dirname(paths[0] ?? sep)
  for (const path of paths) {
    while (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      const above = dirname(folder)
      if (above === folder) return null
      folder = above
    }
  }
  return folder
}
