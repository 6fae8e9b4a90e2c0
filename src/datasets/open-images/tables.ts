import type { FileSource } from '../../shared/dataset'
import { csvHeader } from '../reading/csv-header'

/** The tables of an Open Images data set, by what their headers say; their names differ between versions. */
export interface Tables {
  readonly classes: readonly string[]
  readonly images: readonly string[]
  readonly masks: readonly string[]
  readonly boxes: readonly string[]
}

type TableKind = keyof Tables

/** Looks at the named file or at all CSV files below the root. A named table of boxes brings the tables beside it. */
export async function findTables(files: FileSource): Promise<Tables> {
  const tables = { classes: [], images: [], masks: [], boxes: [] } as Record<TableKind, string[]>
  for await (const name of files.list()) {
    if (!/\.csv$/i.test(name)) continue
    const kind = kindOf(await csvHeader(files, name))
    const isOther = files.entry !== null && files.entry !== name
    if (kind !== null && !(kind === 'boxes' && isOther)) tables[kind].push(name)
  }
  const { entry } = files
  const isNone = entry !== null && !tables.boxes.includes(entry) && !tables.masks.includes(entry)
  return isNone ? { classes: [], images: [], masks: [], boxes: [] } : tables
}

/** Column orders differ, so only the set of names counts. */
function kindOf(cells: readonly string[]): TableKind | null {
  const has = (...names: string[]) => names.every((name) => cells.includes(name))
  if (has('MaskPath', 'ImageID', 'LabelName')) return 'masks'
  if (has('ImageID', 'LabelName', 'XMin', 'XMax', 'YMin', 'YMax')) return 'boxes'
  if (has('ImageID', 'Subset') || has('ImageID', 'FileName')) return 'images'
  // Class descriptions have no header in most versions.
  const isClasses = cells.length === 2 && (has('LabelName', 'DisplayName') || isCode(cells[0]))
  return isClasses ? 'classes' : null
}

function isCode(cell: string | undefined): boolean {
  return cell !== undefined && /^\/[a-z]+\/\S/.test(cell)
}
