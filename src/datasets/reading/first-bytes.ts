import type { FileSource } from '../../shared/dataset'
import { type JsonSurvey, surveyJson } from './json-survey'
import { codesText } from './utf8'

const startBytes = 64 * 1024

/** What the first 64 KiB of a JSON file show of its root. */
export async function surveyStart(files: FileSource, name: string): Promise<JsonSurvey> {
  const start = await files.readAt(name, 0, startBytes)
  return surveyJson(once(start))
}

/** The first bytes with one character a byte: enough to look for names of fields. */
export async function startText(
  files: FileSource,
  name: string,
  length = startBytes,
): Promise<string> {
  return codesText(await files.readAt(name, 0, length))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** Files that are looked into to recognise a format: some formats have one for each of 100,000 pictures. */
export const mostLookedInto = 200

/** JSON files below the root, at most `most` of them, or the one that the user named. */
export async function* jsonFiles(files: FileSource, most = Infinity): AsyncGenerator<string> {
  if (files.entry !== null) {
    yield files.entry
    return
  }
  let count = 0
  for await (const name of files.list()) {
    if (!/\.json$/i.test(name)) continue
    if (++count > most) return
    yield name
  }
}

/** The folder of a file, '' for the root. */
export function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')))
}

/** `train`, `val2017`, … : names that folders and files of splits have. */
export function isSplitName(name: string): boolean {
  return /^(?:train|training|val|valid|validation|test|dev)[-_]?\d*$/i.test(name)
}
