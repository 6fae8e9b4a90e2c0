/** What a line or an area on the picture means: one colour and one second sign each, the same on every screen. */
export const markKinds = [
  'undefended',
  'defended',
  'truth',
  'gained',
  'lost',
  'moved',
  'relabelled',
  'same',
  'patch',
  'proposal',
] as const
export type MarkKind = (typeof markKinds)[number]

/** `#rrggbb`; those of `tokens.css`, which a test compares. A photograph is the same in every theme, and so are they. */
export const dataColours = {
  undefended: '#FFB03B',
  defended: '#2F9BFF',
  truth: '#FFFFFF',
  gained: '#25DDA5',
  lost: '#FF4A2E',
  moved: '#F7E54B',
  relabelled: '#DFA4F5',
  raw: '#35DCEB',
  completed: '#F0349F',
  cert: '#8FE388',
  nocert: '#C3C7D1',
} as const
export type DataColour = keyof typeof dataColours

export const CASING = { colour: '#08090B', opacity: 0.62 }
/** Text on a tag. */
export const TAG_TEXT = '#0B0C0E'
/** Patch probability from 0 to 1 in equal steps. */
export const ramp = ['#14121F', '#3B2A6B', '#7A3B8F', '#C4527F', '#F38B63', '#FCE38A'] as const

/** Lengths in CSS pixels; they do not grow with the zoom. */
export interface LineStyle {
  readonly colour: string
  readonly opacity: number
  readonly width: number
  /** Lengths of line and gap in turn; empty for a line without gaps. */
  readonly dash: readonly number[]
  /** Two lines with a gap of their width. */
  readonly isDouble: boolean
}

const solid = { opacity: 1, dash: [], isDouble: false }

export const lineStyles: Readonly<Record<MarkKind, LineStyle>> = {
  undefended: { ...solid, colour: dataColours.undefended, width: 2, dash: [8, 5] },
  defended: { ...solid, colour: dataColours.defended, width: 2 },
  truth: { ...solid, colour: dataColours.truth, width: 1.75, dash: [2, 3] },
  gained: { ...solid, colour: dataColours.gained, width: 2.5 },
  lost: { ...solid, colour: dataColours.lost, width: 2.25, dash: [11, 4, 2, 4] },
  moved: { ...solid, colour: dataColours.moved, width: 2, dash: [16, 4] },
  relabelled: { ...solid, colour: dataColours.relabelled, width: 1.5, isDouble: true },
  same: { ...solid, colour: dataColours.truth, width: 1, opacity: 0.75 },
  patch: { ...solid, colour: dataColours.completed, width: 2 },
  proposal: { ...solid, colour: dataColours.completed, width: 2, dash: [5, 4] },
}

/** The sign before the label in a tag, so that no meaning hangs on colour alone. */
export const tagSigns: Readonly<Partial<Record<MarkKind, string>>> = {
  gained: '+',
  lost: '−',
  moved: '→',
}

/** A colour and an opacity as one pixel of an `ImageData` read as 32-bit numbers (little-endian RGBA). */
export function pixelOf(colour: string, opacity = 1): number {
  const value = Number.parseInt(colour.slice(1), 16)
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255]
  return ((Math.round(255 * opacity) << 24) | (blue << 16) | (green << 8) | red) >>> 0
}
