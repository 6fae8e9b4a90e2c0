import type { BoxXyxy } from '../vision'

/** One connected part of a raw mask, and which rung of the ladder completed it. */
export interface CompletedComponent {
  /** Of the found pixels, in pixel edges of the picture. */
  readonly box: BoxXyxy
  /** From 0, the tightest; -1 where no shape was accepted and the found pixels stand alone. */
  readonly rung: number
  /** How well the best shape fits, at most 1; null where none fits the frame. */
  readonly q: number | null
}

/** Name of the note in which a defense leaves the parts of its mask: notes are plain values, so it is a text. */
export const COMPONENTS_NOTE = 'components'
/** A mask of specks must not fill the project. */
const MOST_TOLD = 24

/** The first 24 parts, as rows `[x1, y1, x2, y2, rung, q]` in JSON. */
export function componentsText(components: readonly CompletedComponent[]): string {
  const rows = components
    .slice(0, MOST_TOLD)
    .map(({ box, rung, q }) => [...box, rung, q === null ? null : Math.round(1_000 * q) / 1_000])
  return JSON.stringify(rows)
}

/** What `componentsText` has written; none where the note is something else. */
export function componentsOf(note: unknown): CompletedComponent[] {
  if (typeof note !== 'string') return []
  let rows: unknown
  try {
    rows = JSON.parse(note)
  } catch {
    return []
  }
  return Array.isArray(rows) ? rows.flatMap((row) => componentOf(row) ?? []) : []
}

function componentOf(row: unknown): CompletedComponent | null {
  const fields: readonly unknown[] = Array.isArray(row) ? row : []
  const [x1, y1, x2, y2, rung, q] = fields
  const isWhole = isNumber(x1) && isNumber(y1) && isNumber(x2) && isNumber(y2) && isNumber(rung)
  return isWhole ? { box: [x1, y1, x2, y2], rung, q: isNumber(q) ? q : null } : null
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
