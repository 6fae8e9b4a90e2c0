export type Cell = string | number | null

export interface Column {
  readonly name: string
  readonly unit?: string
  /** For the screen; files get every digit. Whole numbers are never given decimals. */
  readonly decimals?: number
}

/** The same numbers as a plot, to read, to copy and to save. A cell without a value is null and stays empty. */
export interface PlotTable {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The text of a table as RFC 4180 has it: comma, CRLF, quotes where needed; units stand in the head. */
export function tableCsv({ columns, rows }: PlotTable): string {
  const head = columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name))
  return [head, ...rows].map((row) => row.map(csvCell).join(',') + '\r\n').join('')
}

function csvCell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  return /[",\r\n]/.test(value) || value !== value.trim()
    ? `"${value.replaceAll('"', '""')}"`
    : value
}

/** A cell as the screen shows it. */
export function cellText(value: Cell, { decimals = 1 }: Column): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  const digits = Number.isInteger(value) ? 0 : decimals
  const figure = Math.abs(value).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  return value < 0 ? `−${figure}` : figure
}
