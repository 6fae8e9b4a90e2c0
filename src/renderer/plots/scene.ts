// A plot is first a plain description, so that the screen, a saved SVG, a saved PNG and a test all get the same drawing.

/** Name of a design token, such as `--ink-defended`: colours are never written into a plot. */
export type Token = `--${string}`

export interface Paint {
  readonly fill?: Token
  /** 0 to 1; 1 when left out. */
  readonly opacity?: number
  readonly stroke?: Token
  /** Pixels; 1 when left out. */
  readonly strokeWidth?: number
  /** Lengths of dash and gap in pixels, as SVG writes them. */
  readonly dash?: string
  readonly round?: boolean
}

export interface LineMark extends Paint {
  readonly kind: 'line'
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

export interface RectMark extends Paint {
  readonly kind: 'rect'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly radius?: number
}

export interface CircleMark extends Paint {
  readonly kind: 'circle'
  readonly x: number
  readonly y: number
  readonly radius: number
}

export interface PathMark extends Paint {
  readonly kind: 'path'
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly closed?: boolean
}

export interface TextMark {
  readonly kind: 'text'
  readonly x: number
  /** Of the base line. */
  readonly y: number
  readonly text: string
  readonly fill: Token
  readonly anchor: 'start' | 'middle' | 'end'
  readonly size: number
  readonly bold?: boolean
  readonly italic?: boolean
}

export type Mark = LineMark | RectMark | CircleMark | PathMark | TextMark

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Something that can be reached with the pointer and with the keys, and that stands for images. */
export interface PlotPoint {
  readonly id: string
  /** Place in the walk of the arrow keys: left and right change the column, up and down the row. */
  readonly row: number
  readonly column: number
  /** Where it is drawn, in pixels. */
  readonly x: number
  readonly y: number
  /** The whole area that answers to the pointer, where that is more than the surroundings of the point. */
  readonly area?: Area
  /** What it says, in words and figures with units. */
  readonly label: string
}

export type Sample =
  | { readonly kind: 'diamond' | 'circle' | 'tick'; readonly ink: Token }
  | { readonly kind: 'swatch'; readonly ink: Token }
  | { readonly kind: 'line'; readonly ink: Token; readonly dash?: string }

export interface LegendEntry {
  readonly sample: Sample
  readonly text: string
}

export interface Scene {
  readonly width: number
  readonly height: number
  readonly marks: readonly Mark[]
  readonly points: readonly PlotPoint[]
  readonly legend: readonly LegendEntry[]
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** Sizes of text; ticks are never smaller. */
export const textSize = { tick: 10.5, label: 11.5, figure: 12 } as const

export function text(
  content: string,
  x: number,
  y: number,
  style: Partial<Omit<TextMark, 'kind' | 'text' | 'x' | 'y'>> = {},
): TextMark {
  const plain = { fill: '--text-3', anchor: 'start', size: textSize.tick } as const
  return { kind: 'text', text: content, x, y, ...plain, ...style }
}

/** Hollow, as run A is drawn everywhere: its middle has the colour of the ground. */
export function diamond(x: number, y: number, radius: number, ink: Token): PathMark {
  const points = [
    [x, y - radius],
    [x + radius, y],
    [x, y + radius],
    [x - radius, y],
  ] as const
  return { kind: 'path', points, closed: true, fill: '--bg-panel', stroke: ink, strokeWidth: 2 }
}

/** Filled, as run B is drawn everywhere. */
export function disc(x: number, y: number, radius: number, ink: Token): CircleMark {
  return { kind: 'circle', x, y, radius, fill: ink, stroke: '--bg-panel', strokeWidth: 1.5 }
}

/** Width of a text in pixels, near enough to leave room for it: nothing measures a font here. */
export function roughWidth(content: string, size: number): number {
  let units = 0
  for (const character of content) units += /[\u1100-\uFFFF]/.test(character) ? 1 : 0.53
  return units * size
}

/** Cuts a text in the middle, where names differ least, so that it is at most `width` pixels wide. */
export function fitText(content: string, width: number, size: number): string {
  if (roughWidth(content, size) <= width) return content
  const characters = Array.from(content)
  // The dots take about as much as a capital.
  const room = Math.max(2, Math.floor((width - size) / (0.53 * size)))
  const head = Math.ceil(room / 2)
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (room - head)).join('')}`
}
