import type { Mask } from '../../shared/vision/mask'

/** A union of rectangles, collected as differences and summed up once at the end. */
export class Cover {
  readonly width: number
  readonly height: number
  readonly #differences: Int32Array
  #top: number
  #bottom = 0

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.#differences = new Int32Array((width + 1) * (height + 1))
    this.#top = height
  }

  /** Adds rows [top, bottom), columns [left, right); what lies outside the frame is cut off. */
  add(top: number, left: number, bottom: number, right: number): void {
    const y0 = Math.max(0, top)
    const x0 = Math.max(0, left)
    const y1 = Math.min(this.height, bottom)
    const x1 = Math.min(this.width, right)
    if (y0 >= y1 || x0 >= x1) return
    const stride = this.width + 1
    const differences = this.#differences
    differences[y0 * stride + x0]!++
    differences[y0 * stride + x1]!--
    differences[y1 * stride + x0]!--
    differences[y1 * stride + x1]!++
    this.#top = Math.min(this.#top, y0)
    this.#bottom = Math.max(this.#bottom, y1)
  }

  /** Marks in `bits` (height x width) every pixel of the union. */
  paintInto(bits: Uint8Array): void {
    const { width } = this
    const stride = width + 1
    const differences = this.#differences
    const depth = new Int32Array(width)
    for (let row = this.#top; row < this.#bottom; row++) {
      const source = row * stride
      const target = row * width
      let inRow = 0
      for (let column = 0; column < width; column++) {
        inRow += differences[source + column]!
        depth[column]! += inRow
        if (depth[column]! > 0) bits[target + column] = 1
      }
    }
  }

  toMask(): Mask {
    const bits = new Uint8Array(this.width * this.height)
    this.paintInto(bits)
    return { width: this.width, height: this.height, bits }
  }
}
