import { existsSync, readdirSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { FilePath } from './read-file'

/** What stands in texts for bytes that are no UTF-8. */
const lost = '\ufffd'
const slash = Buffer.from('/')

/**
 * What to open for an absolute path that is kept as text. Names that are not UTF-8, which Linux allows, are kept with lost
 * letters; they are found again by listing their folders, unless two names of a folder have become the same.
 */
export function diskPath(path: string): FilePath {
  if (!path.includes(lost) || !isAbsolute(path) || existsSync(path)) return path
  const parts = path.split('/')
  const firstLost = parts.findIndex((part) => part.includes(lost))
  let found: Buffer = Buffer.from(parts.slice(0, firstLost).join('/') || '/')
  for (const part of parts.slice(firstLost)) {
    const name = part.includes(lost) ? nameShownAs(part, found) : Buffer.from(part)
    if (name === null) return path
    found = Buffer.concat([found, slash, name])
  }
  return found
}

/** The one name in a folder that shows as `text`; null if there is none, or more than one. */
function nameShownAs(text: string, folder: Buffer): Buffer | null {
  try {
    const names = readdirSync(folder, { encoding: 'buffer' })
    const alike = names.filter((name) => name.toString() === text)
    return alike.length === 1 ? (alike[0] ?? null) : null
  } catch {
    return null // whoever opens the path says what is wrong with it
  }
}
