import { appendFile, rename, stat } from 'node:fs/promises'

const MAX_LOG_BYTES = 1_000_000
const MAX_LINE = 2_000

export type Log = (message: string) => void

/**
 * A log without paths and pictures: people send it to strangers. Kept at two files of at most a megabyte. A full disk
 * or a missing folder is no reason to fail.
 */
export function openLog(path: string): Log {
  let writing: Promise<void> = Promise.resolve()
  return (message) => {
    const line = `${new Date().toISOString()} ${redact(message).slice(0, MAX_LINE)}\n`
    writing = writing.then(() => append(path, line)).catch(() => undefined)
  }
}

async function append(path: string, line: string): Promise<void> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  )
  if (size > MAX_LOG_BYTES) await rename(path, `${path}.1`)
  await appendFile(path, line)
}

/**
 * Takes out what looks like a path, a file URL or image data. Paths may hold spaces, so from the first separator on the
 * rest of a quoted text, or of the line up to a colon or bracket, goes too: rather too much than a name of a folder.
 */
export function redact(text: string): string {
  return text
    .replace(/data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+/g, '<data>')
    .replace(/(["'`])(?=[^"'`\n]*[\\/])[^"'`\n]*\1/g, '<path>')
    .replace(/(?:file:\/\/|[A-Za-z]:[\\/]|\\\\|~[\\/]|(?<![\w:/.])\/)[^\n:()<>"'`]+/g, '<path>')
}
