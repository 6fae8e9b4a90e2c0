import type { CsvRow } from '../reading/csv'
import { numberFromText } from '../reading/number-text'

/** A cell by the name of its column; undefined if the table has no such column. */
export function cellOf({ header, cells }: CsvRow, column: string): string | undefined {
  const at = header.indexOf(column)
  return at < 0 ? undefined : cells[at]
}

/** Null for what is no number. */
export function numberOf(row: CsvRow, column: string): number | null {
  return numberFromText((cellOf(row, column) ?? '').trim())
}
