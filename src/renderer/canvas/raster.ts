/**
 * A frame of pixels that marks are drawn into by the hundred thousand: horizontal and vertical lines are runs of one number.
 * `pixels` is row-major RGBA, not premultiplied, as `ImageData` holds it. Drawing replaces, it does not blend.
 */
export class Raster {
  readonly width: number
  readonly height: number
  readonly bytes: Uint8ClampedArray<ArrayBuffer>
  readonly #pixels: Uint32Array<ArrayBuffer>
  /** Drawing stays in these columns and rows. */
  #from = 0
  #to: number
  #top = 0
  #bottom: number

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.bytes = new Uint8ClampedArray(4 * width * height)
    this.#pixels = new Uint32Array(this.bytes.buffer)
    this.#to = width
    this.#bottom = height
  }

  /** Row-major, one number a pixel. */
  get pixels(): Uint32Array {
    return this.#pixels
  }

  clear(): void {
    this.clip(0, this.width)
    this.clearRows(0, this.height)
  }

  /** Empties the rows `top <= y < bottom`, and keeps what is drawn from now on to them. */
  clearRows(top: number, bottom: number): void {
    this.#top = Math.max(0, top)
    this.#bottom = Math.min(this.height, bottom)
    this.#pixels.fill(0, this.#top * this.width, this.#bottom * this.width)
  }

  /** Keeps what is drawn from now on to the columns `from <= x < to`. */
  clip(from: number, to: number): void {
    this.#from = Math.min(this.width, Math.max(0, Math.round(from)))
    this.#to = Math.max(this.#from, Math.min(this.width, Math.round(to)))
  }

  get clipFrom(): number {
    return this.#from
  }

  get clipTo(): number {
    return this.#to
  }

  get clipTop(): number {
    return this.#top
  }

  get clipBottom(): number {
    return this.#bottom
  }

  /** Fills `x1 <= x < x2, y1 <= y < y2` (whole numbers) as far as it lies inside. */
  fill(x1: number, y1: number, x2: number, y2: number, pixel: number): void {
    const left = x1 < this.#from ? this.#from : x1
    const right = x2 > this.#to ? this.#to : x2
    if (left >= right) return
    const top = y1 < this.#top ? this.#top : y1
    const rows = (y2 > this.#bottom ? this.#bottom : y2) - top
    const pixels = this.#pixels
    const stride = this.width
    let at = top * stride + left
    const columns = right - left
    // Most bars are sides of boxes, a few pixels wide: a loop over columns would cost more than the writes, and so would the
    // call of the built-in `fill` for rows of less than a hundred.
    if (columns === 2) {
      for (let row = 0; row < rows; row++, at += stride) {
        pixels[at] = pixel
        pixels[at + 1] = pixel
      }
    } else if (columns === 3) {
      for (let row = 0; row < rows; row++, at += stride) {
        pixels[at] = pixel
        pixels[at + 1] = pixel
        pixels[at + 2] = pixel
      }
    } else if (columns === 4) {
      for (let row = 0; row < rows; row++, at += stride) {
        pixels[at] = pixel
        pixels[at + 1] = pixel
        pixels[at + 2] = pixel
        pixels[at + 3] = pixel
      }
    } else if (columns < 96) {
      for (let row = 0; row < rows; row++, at += stride) {
        for (let x = at; x < at + columns; x++) pixels[x] = pixel
      }
    } else {
      for (let row = 0; row < rows; row++, at += stride) pixels.fill(pixel, at, at + columns)
    }
  }

  /** A horizontal bar whose dashes begin at `x1`. */
  dashAlong(
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    { lengths, period }: Dash,
    pixel: number,
  ): void {
    if (y2 <= this.#top || y1 >= this.#bottom || x1 >= this.#to || x2 <= this.#from) return
    const end = x2 < this.#to ? x2 : this.#to
    // Whole periods before the first column that shows are skipped.
    let at = x1 < this.#from ? x1 + period * Math.floor((this.#from - x1) / period) : x1
    for (let part = 0; at < end; part = part + 1 === lengths.length ? 0 : part + 1) {
      const next = at + lengths[part]!
      if ((part & 1) === 0) this.fill(at, y1, next < end ? next : end, y2, pixel)
      at = next
    }
  }

  /** A vertical bar whose dashes begin at `y1`. */
  dashDown(
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    { lengths, period }: Dash,
    pixel: number,
  ): void {
    if (x2 <= this.#from || x1 >= this.#to || y1 >= this.#bottom || y2 <= this.#top) return
    const end = y2 < this.#bottom ? y2 : this.#bottom
    let at = y1 < this.#top ? y1 + period * Math.floor((this.#top - y1) / period) : y1
    for (let part = 0; at < end; part = part + 1 === lengths.length ? 0 : part + 1) {
      const next = at + lengths[part]!
      if ((part & 1) === 0) this.fill(x1, at, x2, next < end ? next : end, pixel)
      at = next
    }
  }
}

/** Lengths of line and gap in turn, whole pixels, and their sum. */
export interface Dash {
  readonly lengths: readonly number[]
  readonly period: number
}

export function dashOf(lengths: readonly number[]): Dash {
  return { lengths, period: lengths.reduce((sum, length) => sum + length, 0) }
}

/** `over` on `under` as one pixel, both not premultiplied. */
export function blend(over: number, under: number): number {
  const alpha = over >>> 24
  const below = under >>> 24
  if (below === 0 || alpha === 255) return over
  if (alpha === 0) return under
  const rest = (below * (255 - alpha)) / 255
  const whole = alpha + rest
  const mix = (shift: number): number =>
    Math.round((((over >>> shift) & 255) * alpha + ((under >>> shift) & 255) * rest) / whole) <<
    shift
  return ((Math.round(whole) << 24) | mix(16) | mix(8) | mix(0)) >>> 0
}
