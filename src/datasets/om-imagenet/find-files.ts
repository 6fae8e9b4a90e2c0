import type { FileSource } from '../../shared/dataset'
import { lastPart, withoutEnding } from '../reading/pictures'

/** One file of pictures: of one class and split. */
export interface ClassFile {
  readonly file: string
  /** `train` or `test`; null where its folder is neither. */
  readonly split: string | null
  /** What tells several sets below one root apart, such as `natural/`; empty for the set at the root. */
  readonly prefix: string
  /** 0…9; null if the base name is not one digit. */
  readonly classId: number | null
}

/** All HDF5 files below the root, in the order of import: set, split, class. */
export async function findClassFiles(files: FileSource): Promise<readonly ClassFile[]> {
  const found: { file: string; set: string[]; split: string | null; classId: number | null }[] = []
  for await (const file of files.list()) {
    if (!/\.(?:h5|hdf5)$/i.test(file)) continue
    const set = file.split('/').slice(0, -1)
    const parent = set.at(-1) ?? files.rootName
    const split = parent === 'train' || parent === 'test' ? parent : null
    if (split !== null) set.pop()
    // The whole base name counts: 10.h5 is not class 1.
    const stem = withoutEnding(lastPart(file))
    found.push({ file, set, split, classId: /^\d$/.test(stem) ? Number(stem) : null })
  }
  const shared = commonStart(found.map(({ set }) => set))
  return found
    .map(({ file, set, split, classId }) => {
      const rest = set.slice(shared)
      return { file, split, classId, prefix: rest.length === 0 ? '' : `${rest.join('/')}/` }
    })
    .sort(
      (a, b) =>
        order(a.prefix, b.prefix) ||
        // train before test
        order(b.split ?? '', a.split ?? '') ||
        (a.classId ?? 10) - (b.classId ?? 10) ||
        order(a.file, b.file),
    )
}

function commonStart(lists: readonly (readonly string[])[]): number {
  const [first = []] = lists
  let length = 0
  while (length < first.length && lists.every((list) => list[length] === first[length])) length++
  return length
}

function order(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1
}
