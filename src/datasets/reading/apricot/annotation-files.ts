import type { FileSource } from '../../../shared/dataset'
import { lastPart } from '../pictures'
import { codesText } from '../utf8'

/** The annotation files of one split: of one packaging, to be read together. */
export interface ApricotSplit {
  /** `dev` or `test`; null for a single file that does not tell. */
  readonly split: string | null
  /** The folder that holds `Annotations` and `Images`, relative to the root; empty for the root itself. */
  readonly folder: string
  /** In the order of reading: what stands in an earlier one wins. */
  readonly files: readonly string[]
}

type Kind = 'all' | 'patch' | 'coco'

interface Named {
  readonly file: string
  readonly folder: string
  readonly split: string
  readonly packaging: 'v1.1' | 'v1.0'
  readonly kind: Kind
}

/**
 * The APRICOT annotations below the root, however deep: one packaging a split, v1.1 before v1.0, then the one closest to
 * the root. A file that the user named is taken alone, whatever its name.
 */
export async function findApricot(files: FileSource): Promise<readonly ApricotSplit[]> {
  if (files.entry !== null) {
    const named = readName(files.entry)
    return [{ split: named?.split ?? null, folder: '', files: [files.entry] }]
  }
  const bySplit = new Map<string, Named[]>()
  for await (const file of files.list()) {
    const named = readName(file)
    if (!named) continue
    const others = bySplit.get(named.split)
    if (others) others.push(named)
    else bySplit.set(named.split, [named])
  }
  return [...bySplit]
    .map(([split, found]) => choosePackaging(split, found))
    .sort((a, b) => ((a.split ?? '') < (b.split ?? '') ? -1 : 1))
}

/** In v1.1 `all` holds everything; elsewhere objects and patches are put together from two files. */
function choosePackaging(split: string, found: readonly Named[]): ApricotSplit {
  const [best] = found.toSorted(
    (a, b) =>
      (a.packaging === b.packaging ? 0 : a.packaging === 'v1.1' ? -1 : 1) ||
      a.folder.split('/').length - b.folder.split('/').length ||
      (a.folder < b.folder ? -1 : a.folder === b.folder ? 0 : 1),
  )
  const { folder = '', packaging = 'v1.1' } = best ?? {}
  const own = found.filter((one) => one.folder === folder && one.packaging === packaging)
  const fileOf = (kind: Kind) => own.find((one) => one.kind === kind)?.file
  const all = fileOf('all')
  // Of v1.0 it is not certain what the file of all objects holds, so the patches are read as well.
  const wanted =
    all !== undefined && packaging === 'v1.1' ? [all] : [all, fileOf('coco'), fileOf('patch')]
  return { split, folder, files: wanted.filter((file) => file !== undefined) }
}

const newNames = /^apricot_([a-z0-9]+)_(all|patch|coco)_annotations\.json$/i
const oldNames = /^(coco_)?apricot_annotations_([a-z0-9]+)\.json$/i

function readName(file: string): Named | null {
  const name = lastPart(file)
  const folders = file.split('/').slice(0, -1)
  if (folders.at(-1)?.toLowerCase() === 'annotations') folders.pop()
  const where = { file, folder: folders.join('/') }
  const [, newSplit, kind] = newNames.exec(name) ?? []
  if (newSplit !== undefined && kind !== undefined) {
    const split = newSplit.toLowerCase()
    return { ...where, split, packaging: 'v1.1', kind: kindOf(kind.toLowerCase()) }
  }
  const [whole, allObjects, oldSplit] = oldNames.exec(name) ?? []
  if (whole === undefined || oldSplit === undefined) return null
  const kindOfOld = allObjects === undefined ? 'patch' : 'all'
  return { ...where, split: oldSplit.toLowerCase(), packaging: 'v1.0', kind: kindOfOld }
}

function kindOf(text: string): Kind {
  return text === 'patch' || text === 'coco' ? text : 'all'
}

/** Of the list of patches. Other COCO files may have patches too, but do not say what they aim at. */
const mark = '"adv_target"'
const lookedAtBytes = 262_144

/** Whether a JSON file is one of APRICOT: by its name, or by its first and last quarter of a megabyte. */
export async function isApricotFile(files: FileSource, file: string): Promise<boolean> {
  if (readName(file)) return true
  const size = await files.size(file)
  for (const at of new Set([0, Math.max(0, size - lookedAtBytes)])) {
    const bytes = await files.readAt(file, at, lookedAtBytes)
    if (codesText(bytes).includes(mark)) return true
  }
  return false
}
