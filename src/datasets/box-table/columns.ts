import type { CsvRow } from '../reading/csv'

/** What columns go by, in lower case, the usual name first. */
const names = {
  image: ['image', 'file', 'filename', 'file_name', 'image_path', 'path'],
  label: ['label', 'class', 'class_name', 'category'],
  left: ['xmin', 'x1', 'x_min', 'left'],
  top: ['ymin', 'y1', 'y_min', 'top'],
  right: ['xmax', 'x2', 'x_max', 'right'],
  bottom: ['ymax', 'y2', 'y_max', 'bottom'],
  score: ['score', 'confidence'],
  width: ['width'],
  height: ['height'],
} as const

export type Column = keyof typeof names

const needed: readonly Column[] = ['image', 'label', 'left', 'top', 'right', 'bottom']

/** Whether a header has all that a table of boxes needs. Fractions are another format's: Open Images writes `XMin`. */
export function isBoxTable(header: readonly string[]): boolean {
  const isOpenImages = header.includes('ImageID')
  return !isOpenImages && needed.every((column) => placeOf(header, column) >= 0)
}

/** A cell by what it means; undefined if the table has no such column. */
export function cellOf({ header, cells }: CsvRow, column: Column): string | undefined {
  return cells[placeOf(header, column)]
}

function placeOf(header: readonly string[], column: Column): number {
  for (const name of names[column]) {
    const at = header.findIndex((cell) => cell.toLowerCase() === name)
    if (at >= 0) return at
  }
  return -1
}
