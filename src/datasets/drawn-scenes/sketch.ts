/** A point in the units of a sketch, x to the right, y down. */
export type Point = readonly [x: number, y: number]

/** What a shape covers: a closed polygon, used to tell what is visible and where its box ends. */
export type Outline = readonly Point[]

interface Style {
  readonly stroke?: string
  readonly strokeWidth?: number
  readonly opacity?: number
}

const CURVE_STEPS = 6
const CIRCLE_STEPS = 24

/**
 * Collects the shapes of one motif as SVG, and their outlines beside it, so that its box follows from what was drawn.
 * By custom the units are centimetres and the origin stands on the ground, so that y is mostly negative.
 */
export class Sketch {
  readonly #parts: string[] = []
  readonly #defs: string[] = []
  readonly outlines: Outline[] = []

  /** The shapes alone. `prefix` keeps gradient names of several sketches apart. */
  svg(prefix: string): string {
    const text = `${this.#defs.length > 0 ? `<defs>${this.#defs.join('')}</defs>` : ''}${this.#parts.join('')}`
    return text.replaceAll('~', prefix)
  }

  /** A fill that runs from the top (or the left) to the bottom (or the right) of the shape that uses it. */
  gradient(from: string, to: string, across = false): string {
    const id = `~${this.#defs.length}`
    const end = across ? 'x2="1" y2="0"' : 'x2="0" y2="1"'
    const stops = `<stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/>`
    this.#defs.push(`<linearGradient id="${id}" x1="0" y1="0" ${end}>${stops}</linearGradient>`)
    return `url(#${id})`
  }

  /** A fill lit from the upper left. */
  glow(from: string, to: string): string {
    const id = `~${this.#defs.length}`
    const stops = `<stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/>`
    this.#defs.push(`<radialGradient id="${id}" cx=".35" cy=".3" r=".75">${stops}</radialGradient>`)
    return `url(#${id})`
  }

  rect(x: number, y: number, w: number, h: number, fill: string, rx = 0, style: Style = {}): this {
    const round = rx > 0 ? ` rx="${n(rx)}"` : ''
    this.#parts.push(
      `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}"${round} fill="${fill}"${attributes(style)}/>`,
    )
    return this.#cover([
      [x, y],
      [x + w, y],
      [x + w, y + h],
      [x, y + h],
    ])
  }

  ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, style: Style = {}): this {
    this.#parts.push(
      `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"${attributes(style)}/>`,
    )
    return this.#cover(circle(cx, cy, rx, ry))
  }

  /** A hoop: what it encloses stays visible, but counts as covered, as people label bicycles. */
  ring(cx: number, cy: number, radius: number, width: number, stroke: string): this {
    this.#parts.push(
      `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(radius)}" fill="none" stroke="${stroke}" stroke-width="${n(width)}"/>`,
    )
    return this.#cover(circle(cx, cy, radius + width / 2, radius + width / 2))
  }

  polygon(points: readonly Point[], fill: string, style: Style = {}): this {
    this.#parts.push(`<path d="${straight(points)}Z" fill="${fill}"${attributes(style)}/>`)
    return this.#cover(points)
  }

  /** A closed smooth curve through `points` (Catmull-Rom). */
  blob(points: readonly Point[], fill: string, style: Style = {}): this {
    const { path, outline } = smooth(points)
    this.#parts.push(`<path d="${path}" fill="${fill}"${attributes(style)}/>`)
    return this.#cover(outline)
  }

  /** A line with round ends. */
  line(points: readonly Point[], stroke: string, width: number): this {
    this.#parts.push(
      `<path d="${straight(points)}" fill="none" stroke="${stroke}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"/>`,
    )
    const r = width / 2
    points.forEach(([x, y], i) => {
      this.#cover(circle(x, y, r, r, 8))
      const next = points[i + 1]
      if (!next) return
      const length = Math.hypot(next[0] - x, next[1] - y) || 1
      const dx = ((next[1] - y) / length) * r
      const dy = ((x - next[0]) / length) * r
      this.#cover([
        [x + dx, y + dy],
        [next[0] + dx, next[1] + dy],
        [next[0] - dx, next[1] - dy],
        [x - dx, y - dy],
      ])
    })
    return this
  }

  /** A shadow or a highlight: seen, but no part of the motif. */
  shadow(cx: number, cy: number, rx: number, ry: number, opacity: number): this {
    this.#parts.push(
      `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" fill="#101018" opacity="${n(opacity)}"/>`,
    )
    return this
  }

  #cover(outline: Outline): this {
    this.outlines.push(outline)
    return this
  }
}

/** Shortest text of a coordinate; two decimals are a fiftieth of a pixel or less at every scale used. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function attributes(style: Style): string {
  const stroke =
    style.stroke === undefined
      ? ''
      : ` stroke="${style.stroke}" stroke-width="${n(style.strokeWidth ?? 1)}"`
  return style.opacity === undefined ? stroke : `${stroke} opacity="${n(style.opacity)}"`
}

function straight(points: readonly Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('')
}

function circle(cx: number, cy: number, rx: number, ry: number, steps = CIRCLE_STEPS): Outline {
  return Array.from({ length: steps }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / steps
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)]
  })
}

function smooth(points: readonly Point[]): { path: string; outline: Outline } {
  const at = (i: number): Point => points[(i + points.length) % points.length]!
  const outline: Point[] = []
  let path = `M${n(at(0)[0])} ${n(at(0)[1])}`
  for (let i = 0; i < points.length; i += 1) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
    const p: Point = [b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6]
    const q: Point = [c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6]
    path += `C${n(p[0])} ${n(p[1])} ${n(q[0])} ${n(q[1])} ${n(c[0])} ${n(c[1])}`
    for (let s = 0; s < CURVE_STEPS; s += 1) {
      const t = s / CURVE_STEPS
      const u = 1 - t
      const along = (k: 0 | 1) =>
        u * u * u * b[k] + 3 * u * u * t * p[k] + 3 * u * t * t * q[k] + t * t * t * c[k]
      outline.push([along(0), along(1)])
    }
  }
  return { path: `${path}Z`, outline }
}
