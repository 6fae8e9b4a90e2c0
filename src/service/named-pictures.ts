import { resolve } from 'node:path'
import { listImages } from '../engine/files/list-images'
import { realPath } from './certificate-subjects'
import type { SubjectFile } from './run-subjects'

/** Of more names than this a run keeps none: only the same command goes on with it. */
const MOST_NAMES = 1_000

/** By absolute paths, in an order that does not depend on the folder from which they were named. */
export const absoluteFiles = (files: readonly SubjectFile[]): SubjectFile[] =>
  files
    .map(({ path, source }) => ({ path: resolve(path), source }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))

/** The same without links, as boxes of a run are looked for. */
export const realPaths = (files: readonly SubjectFile[]): ReadonlySet<string> =>
  new Set(files.map(({ path }) => realPath(path)))

/** What a run keeps of the files and folders that somebody named, to find the same pictures again; null: too many. */
export const namesToKeep = (paths: readonly string[]): readonly string[] | null =>
  paths.length > MOST_NAMES ? null : paths.map((path) => resolve(path))

/** The pictures that are there now; what cannot be listed is left out. */
export async function picturesNamed(names: readonly string[]): Promise<SubjectFile[]> {
  const { files } = await listImages(names, { recursive: true })
  return absoluteFiles(files)
}
