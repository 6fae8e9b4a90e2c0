/**
 * A small stroke font of our own, so that pictures carry the same text on every machine, fonts installed or not.
 *
 * Each glyph: the advance width of its ink, then strokes. Units: capitals reach from 0 down to the baseline at 14, small
 * letters begin at 4, descenders end at 18. `M` moves, `L` draws a line, `Q` a quadratic curve (control point, end); `h` and
 * `v` draw a quarter of an ellipse to a point, leaving horizontally or vertically.
 */
const source: Readonly<Record<string, readonly [width: number, strokes: string]>> = {
  ' ': [3, ''],
  '!': [1, 'M.5 0L.5 9.2M.5 13.3L.5 13.7'],
  '"': [4.5, 'M.5 0L.5 4M4 0L4 4'],
  '#': [9, 'M3.4 1L2 13M7.6 1L6.2 13M.6 4.8L9 4.8M0 9.2L8.4 9.2'],
  $: [8.4, 'M8 3.8Q7.2 1.4 4.2 1.4h.5 4.2v4.2 7h8.2 9.8v4.2 12.6Q1 12.6 0 10.2M4.2 -.8L4.2 14.8'],
  '%': [
    12.2,
    'M0 3.4v2.6 .4h5.2 3.4v2.6 6.4h0 3.4M7 10.6v9.6 7.6h12.2 10.6v9.6 13.6h7 10.6M10 .4L2.4 13.6',
  ],
  '&': [
    10,
    'M10 14L2.4 5.2Q1.2 3.8 1.2 2.6Q1.6 0 4 0Q6.6 0 6.6 2.6Q6.6 4.6 3.8 6.2Q0 8 0 10.6Q0 14 4 14Q7.8 14 9.6 8.6',
  ],
  "'": [1, 'M.5 0L.5 4'],
  '(': [3.4, 'M3.4 -1Q0 2.6 0 7.5Q0 12.4 3.4 16'],
  ')': [3.4, 'M0 -1Q3.4 2.6 3.4 7.5Q3.4 12.4 0 16'],
  '*': [7, 'M3.5 .6L3.5 7M.7 2.2L6.3 5.4M6.3 2.2L.7 5.4'],
  '+': [8, 'M4 4L4 12M0 8L8 8'],
  ',': [1.4, 'M1 13.2L.2 16.4'],
  '-': [5, 'M0 8.6L5 8.6'],
  '.': [1, 'M.5 13.3L.5 13.7'],
  '/': [5.4, 'M0 15.4L5.4 -.8'],
  '0': [8.4, 'M0 7v4.2 0h8.4 7v4.2 14h0 7'],
  '1': [8.4, 'M1.6 2.8L5 0L5 14'],
  '2': [8.4, 'M.5 3.9v4.2 0h8 3.8Q8 6.2 5.4 8.8L.2 14L8.4 14'],
  '3': [8.4, 'M.6 2.8Q1.6 0 4.2 0h7.8 3.4v4.2 6.7L3 6.7M4.2 6.7h8.4 10.3v4.1 14Q1 14 .1 11'],
  '4': [8.4, 'M6.4 14L6.4 0L0 9.9L8.6 9.9'],
  '5': [8.4, 'M7.6 0L1.5 0L.8 6.7Q2.1 5.4 4.2 5.4h8.4 9.7v4.1 14Q1.1 14 .1 11.2'],
  '6': [8.4, 'M7.7 2.4Q6.8 0 4.6 0h0 8L0 9.6v4.2 14h8.4 9.5v4.2 5.3h0 9.6'],
  '7': [8.4, 'M0 0L8.4 0L3 14'],
  '8': [8.4, 'M4.2 6.6h.6 3.3v4.2 0h7.8 3.3v4.2 6.6h0 10.3v4.2 14h8.4 10.3v4.2 6.6'],
  '9': [8.4, 'M.7 11.6Q1.6 14 3.8 14h8.4 6L8.4 4.4v4.2 0h0 4.5v4.2 8.7h8.4 4.4'],
  ':': [1, 'M.5 5.5L.5 5.9M.5 13.1L.5 13.5'],
  ';': [1.4, 'M.9 5.5L.9 5.9M1 13.2L.2 16.4'],
  '<': [7.4, 'M7.4 3.4L.4 8L7.4 12.6'],
  '=': [8, 'M0 6L8 6M0 10L8 10'],
  '>': [7.4, 'M0 3.4L7 8L0 12.6'],
  '?': [7.2, 'M.2 3Q1 0 3.7 0h7.2 3.2Q7.2 5.2 5.2 6.6Q3.7 7.7 3.7 9.6M3.7 13.3L3.7 13.7'],
  '@': [
    12.8,
    'M9.2 7v6.4 4.2h3.6 7v6.4 10h9.2 7M9.2 4.2L9.2 8.4v10.9 10.2h12.8 7v6.4 .6h0 7.2v6.4 14.4Q8.4 14.4 9.8 13.6',
  ],
  A: [10, 'M0 14L5 0L10 14M1.8 9.4L8.2 9.4'],
  B: [9, 'M0 14L0 0L4.6 0h8.2 3.4v4.6 6.7L0 6.7M4.6 6.7h9 10.3v4.8 14L0 14'],
  C: [9.8, 'M9.8 3.2Q8.6 0 5.3 0h0 7v5.3 14Q8.6 14 9.8 10.8'],
  D: [9.6, 'M0 14L0 0L4 0h9.6 7v4 14L0 14'],
  E: [8, 'M8 0L0 0L0 14L8 14M0 6.8L7 6.8'],
  F: [7.6, 'M7.6 0L0 0L0 14M0 6.9L6.6 6.9'],
  G: [10, 'M9.6 3Q8.4 0 5.3 0h0 7v5.3 14h10 9.4L10 7.6L5.8 7.6'],
  H: [9.4, 'M0 0L0 14M9.4 0L9.4 14M0 6.8L9.4 6.8'],
  I: [1, 'M.5 0L.5 14'],
  J: [6.6, 'M6.6 0L6.6 10v3.3 14h0 10.8'],
  K: [9, 'M0 0L0 14M8.6 0L0 8.8M3.2 5.6L9 14'],
  L: [7.4, 'M0 0L0 14L7.4 14'],
  M: [12, 'M0 14L0 0L6 9.4L12 0L12 14'],
  N: [9.6, 'M0 14L0 0L9.6 14L9.6 0'],
  O: [11, 'M0 7v5.5 0h11 7v5.5 14h0 7'],
  P: [8.6, 'M0 14L0 0L4.6 0h8.6 3.9v4.6 7.8L0 7.8'],
  Q: [11, 'M0 7v5.5 0h11 7v5.5 14h0 7M6.8 10.2L10.8 14.8'],
  R: [9, 'M0 14L0 0L4.6 0h8.6 3.9v4.6 7.8L0 7.8M4.4 7.8L9 14'],
  S: [8.6, 'M8.3 3Q7.4 0 4.4 0h.4 3.5v4.3 6.8h8.6 10.4v4.4 14Q1 14 0 10.8'],
  T: [9.6, 'M0 0L9.6 0M4.8 0L4.8 14'],
  U: [9.4, 'M0 0L0 9.2v4.7 14h9.4 9.2L9.4 0'],
  V: [10, 'M0 0L5 14L10 0'],
  W: [14, 'M0 0L3.6 14L7 2L10.4 14L14 0'],
  X: [9.6, 'M0 0L9.6 14M9.6 0L0 14'],
  Y: [9.6, 'M0 0L4.8 7.4L9.6 0M4.8 7.4L4.8 14'],
  Z: [8.8, 'M.2 0L8.8 0L0 14L8.8 14'],
  '[': [3, 'M3 -1L0 -1L0 16L3 16'],
  '\\': [5.4, 'M0 -.8L5.4 15.4'],
  ']': [3, 'M0 -1L3 -1L3 16L0 16'],
  '^': [7, 'M0 5L3.5 0L7 5'],
  _: [8, 'M0 16.4L8 16.4'],
  '`': [2.4, 'M0 -.4L2.4 2.2'],
  a: [7.4, 'M.6 6.3Q1.4 4 3.9 4h7.4 7.4L7.4 14M7.4 8.6L3.4 8.6h0 11.3v3.2 14h7.4 10.2'],
  b: [8, 'M0 0L0 14M0 9v4 4h8 9v4 14h0 9'],
  c: [7.2, 'M7.2 6.4Q6.4 4 4 4h0 9v4 14Q6.4 14 7.2 11.6'],
  d: [8, 'M8 0L8 14M8 9v4 4h0 9v4 14h8 9'],
  e: [8, 'M0 9L8 9v4 4h0 9v4.2 14Q6.7 14 7.6 11.8'],
  f: [5, 'M5 .2Q2.2 -.4 2.2 3L2.2 14M0 4.4L4.8 4.4'],
  g: [8, 'M8 4.2L8 14.2v4.2 18Q1.6 18 .7 16.2M8 9v4 4h0 9v4 14h8 9'],
  h: [7.6, 'M0 0L0 14M0 8v3.9 4h7.6 7.8L7.6 14'],
  i: [1, 'M.5 4.2L.5 14M.5 .2L.5 .6'],
  j: [2.6, 'M2.1 4.2L2.1 15Q2.1 18 -.6 17.9M2.1 .2L2.1 .6'],
  k: [7.2, 'M0 0L0 14M6.8 4.2L0 10.6M2.7 8.2L7.2 14'],
  l: [2.4, 'M.5 0L.5 11.4Q.5 14 2.4 13.9'],
  m: [12.4, 'M0 4.2L0 14M0 7.6v3.2 4h6.2 7.4L6.2 14M6.2 7.6v9.4 4h12.4 7.4L12.4 14'],
  n: [7.6, 'M0 4.2L0 14M0 8v3.9 4h7.6 7.8L7.6 14'],
  o: [8.4, 'M0 9v4.2 4h8.4 9v4.2 14h0 9'],
  p: [8, 'M0 4.2L0 18M0 9v4 4h8 9v4 14h0 9'],
  q: [8, 'M8 4.2L8 18M8 9v4 4h0 9v4 14h8 9'],
  r: [4.6, 'M0 4.2L0 14M0 8.2Q.4 4 4.6 4.2'],
  s: [6.6, 'M6.3 6.1Q5.6 4 3.3 4h.2 6.5v3.3 8.9h6.7 11.5v3.3 14Q.8 14 0 11.7'],
  t: [4.8, 'M2 1L2 11.2Q2 14.2 4.8 13.8M0 4.4L4.6 4.4'],
  u: [7.6, 'M0 4.2L0 10.2v3.7 14h7.6 10M7.6 4.2L7.6 14'],
  v: [7.8, 'M0 4.2L3.9 14L7.8 4.2'],
  w: [11.6, 'M0 4.2L2.9 14L5.8 5.4L8.7 14L11.6 4.2'],
  x: [7.6, 'M0 4.2L7.6 14M7.6 4.2L0 14'],
  y: [7.8, 'M0 4.2L3.9 14M7.8 4.2L3.5 15Q2.5 18 .1 17.8'],
  z: [7, 'M.2 4.2L7 4.2L0 14L7 14'],
  '{': [4, 'M4 -1Q2 -1 2 1.6L2 5Q2 7.5 0 7.5Q2 7.5 2 10L2 13.4Q2 16 4 16'],
  '|': [1, 'M.5 -1L.5 17'],
  '}': [4, 'M0 -1Q2 -1 2 1.6L2 5Q2 7.5 4 7.5Q2 7.5 2 10L2 13.4Q2 16 0 16'],
  '~': [8, 'M0 9Q1.6 6.4 3.8 8Q6.4 9.8 8 7'],
  '·': [1, 'M.5 7.8L.5 8.2'],
  '×': [7, 'M.5 4.5L6.5 11.5M6.5 4.5L.5 11.5'],
  '−': [8, 'M0 8L8 8'],
  '–': [8, 'M0 8.6L8 8.6'],
  '…': [9, 'M.5 13.3L.5 13.7M4.5 13.3L4.5 13.7M8.5 13.3L8.5 13.7'],
  '→': [10, 'M0 8L10 8M6.4 4.4L10 8L6.4 11.6'],
  '⇄': [11, 'M0 5L11 5M8.2 2.2L11 5L8.2 7.8M11 11L0 11M2.8 8.2L0 11L2.8 13.8'],
}

/** Shown for a character that the font lacks. */
const missing: readonly [number, string] = [7, 'M0 0L7 0L7 14L0 14L0 0']

/** A glyph as line segments `x1, y1, x2, y2, …` in font units. */
export interface Glyph {
  readonly width: number
  readonly segments: readonly number[]
}

const known = new Map<string, Glyph>()

/** The glyph of a character; letters with accents lose them, and what is unknown becomes an empty box. */
export function glyphOf(character: string): Glyph {
  const found = known.get(character)
  if (found) return found
  const base = character.normalize('NFD')[0] ?? ' '
  const [width, strokes] = lookUp(character) ?? lookUp(base) ?? missing
  const glyph = { width, segments: segmentsOf(strokes) }
  if (known.size < 1024) known.set(character, glyph)
  return glyph
}

const lookUp = (character: string) =>
  Object.hasOwn(source, character) ? source[character] : undefined

/** Lines per curve: invisible as corners up to capitals of a hundred pixels. */
const steps = 10

function segmentsOf(strokes: string): number[] {
  const segments: number[] = []
  let x = 0
  let y = 0
  const lineTo = (toX: number, toY: number) => {
    segments.push(x, y, toX, toY)
    x = toX
    y = toY
  }
  for (const [, command, numbers] of strokes.matchAll(/([MLQhv])([^MLQhv]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0] = (numbers ?? '').trim().split(' ').map(Number)
    const [fromX, fromY] = [x, y]
    if (command === 'M') [x, y] = [a, b]
    else if (command === 'L') lineTo(a, b)
    else {
      for (let i = 1; i <= steps; i++) {
        const t = i / steps
        const u = 1 - t
        if (command === 'Q') {
          lineTo(
            u * u * fromX + 2 * u * t * a + t * t * c,
            u * u * fromY + 2 * u * t * b + t * t * d,
          )
        } else {
          // Rational form of the quarter circle: exact, and without a sine that machines round differently.
          const sine = (2 * t) / (1 + t * t)
          const rest = 1 - (1 - t * t) / (1 + t * t)
          const [alongX, alongY] = command === 'h' ? [sine, rest] : [rest, sine]
          lineTo(fromX + (a - fromX) * alongX, fromY + (b - fromY) * alongY)
        }
      }
    }
  }
  return segments
}
