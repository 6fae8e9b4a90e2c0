import type { FileSource } from '../../shared/dataset'
import { lastPart, withoutEnding } from '../reading/pictures'

/** A file that holds the mask of one photograph. */
export interface MaskFile {
  readonly file: string
  readonly kind: 'png' | 'torch' | 'jpeg'
  /** The folder that names the split, in lower case; null if none does. */
  readonly split: string | null
  /** Base name without ending, in lower case. */
  readonly stem: string
}

export interface MaskFiles {
  /** One form for each photograph: PNG before torch before JPEG. Sorted by name. */
  readonly masks: readonly MaskFile[]
  /** JSON files that are no APRICOT annotations: they may hold masks as runs. */
  readonly documents: readonly string[]
}

const splits: readonly string[] = ['dev', 'test', 'train', 'val']
const kinds: readonly (readonly [ending: RegExp, kind: MaskFile['kind']])[] = [
  [/\.png$/i, 'png'],
  [/\.(?:pt|pth|pkl|pickle)$/i, 'torch'],
  [/\.jpe?g$/i, 'jpeg'],
]

/**
 * Masks below the root, however deep. Pictures in a folder named `Images` are photographs; JPEG masks are looked for only in
 * folders whose name speaks of masks.
 */
export async function findMaskFiles(files: FileSource): Promise<MaskFiles> {
  const best = new Map<string, MaskFile>()
  const documents: string[] = []
  for await (const file of files.list()) {
    const folders = file.toLowerCase().split('/').slice(0, -1)
    if (/\.json$/i.test(file)) {
      if (!/apricot_.*annotations|annotations_[a-z0-9]+\.json$/i.test(file)) documents.push(file)
      continue
    }
    const kind = kinds.find(([ending]) => ending.test(file))?.[1]
    if (kind === undefined || (kind !== 'torch' && folders.includes('images'))) continue
    if (kind === 'jpeg' && !folders.some((folder) => folder.includes('mask'))) continue
    const split = folders.findLast((folder) => splits.includes(folder)) ?? null
    const stem = withoutEnding(lastPart(file)).toLowerCase()
    const key = `${split ?? ''}/${stem}`
    const other = best.get(key)
    if (!other || rank(kind) < rank(other.kind)) best.set(key, { file, kind, split, stem })
  }
  const masks = [...best.values()].sort((a, b) => (a.file < b.file ? -1 : 1))
  return { masks, documents }
}

function rank(kind: MaskFile['kind']): number {
  return kinds.findIndex(([, one]) => one === kind)
}
