/**
 * A text that a spreadsheet would run as a formula, or that already has an apostrophe before such a text, gets one more
 * apostrophe in front; `unguardCell` takes it away. See OWASP, "CSV Injection".
 */
export function guardCell(value: string): string {
  return /^'*[=+\-@\t\r]/.test(value) ? `'${value}` : value
}

/** Inverse of `guardCell`. */
export function unguardCell(value: string): string {
  return /^'+[=+\-@\t\r]/.test(value) ? value.slice(1) : value
}

/** A cell by RFC 4180: in quotes where it must be; a byte order mark too, which readers take away from the start of a file. */
export function quoteCell(value: string): string {
  return /[",\r\n\ufeff]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** One line of a table. Texts are guarded and quoted, numbers go out as the shortest decimal that reads back the same. */
export function csvLine(cells: readonly (string | number)[]): string {
  const texts = cells.map((cell) =>
    typeof cell === 'number' ? String(cell + 0) : quoteCell(guardCell(cell)),
  )
  return `${texts.join(',')}\n`
}
