import type { FileSource, ImportRecord } from '../../../shared/dataset'
import { noAnnotations } from '../no-annotations'
import { PictureIndex } from '../pictures'
import { problemRecord } from '../problems'
import { findApricot } from './annotation-files'
import { readSplit, type ApricotImage, type SplitContent } from './read-split'

/** All splits below the root, one after the other. Throws as `readSplit`, and E_NO_ANNOTATIONS where there is none. */
export async function* readSplits(files: FileSource, wanted: string): AsyncGenerator<SplitContent> {
  const pictures = await PictureIndex.of(files)
  const usedIds = new Set<string>()
  const splits = await findApricot(files)
  if (splits.length === 0) {
    const hint =
      'Choose the folder APRICOT or APRICOTv1.0, or one above it; the names of its files must not be changed.'
    throw noAnnotations(files, 'no APRICOT annotations', hint)
  }
  for (const split of splits) {
    if (wanted !== 'all' && split.split !== null && split.split !== wanted) continue
    yield await readSplit(files, split, pictures, usedIds)
  }
}

/** Problems and classes of a split; of the classes only those that no earlier split had. */
export function* headRecords(
  { problems, categories }: SplitContent,
  seen: Set<string>,
): Generator<ImportRecord> {
  for (const problem of problems) yield problemRecord(problem)
  for (const category of categories) {
    if (seen.has(category.sourceId)) continue
    seen.add(category.sourceId)
    yield { kind: 'category', category }
  }
}

/** A picture, then its objects and patches. */
export function* imageRecords({ image, objects, patches }: ApricotImage): Generator<ImportRecord> {
  const imageId = image.sourceId
  yield { kind: 'image', image }
  for (const object of objects) yield { kind: 'object', imageId, object }
  for (const patch of patches) yield { kind: 'patch', imageId, patch }
}
