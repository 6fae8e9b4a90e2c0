import type { BoxXyxy } from '../../shared/vision'
import { n, Sketch, type Outline } from './sketch'
import { CELL, Visibility } from './visibility'

/** One thing in a scene: its box in pixels of the picture, its name among the COCO classes. */
export interface DrawnObject {
  readonly box: BoxXyxy
  readonly label: string
}

/** A drawn picture with what is in it. `svg` refers to nothing outside itself and uses no fonts. */
export interface DrawnScene {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly svg: string
  readonly objects: readonly DrawnObject[]
}

export interface Placement {
  /** Where the origin of the sketch lies, in pixels. */
  readonly x: number
  readonly y: number
  /** Pixels per unit of the sketch. */
  readonly scale: number
  readonly flip?: boolean
  /** COCO class name; left out for things that only furnish the scene. */
  readonly label?: string
}

interface Placed {
  readonly label: string | undefined
  readonly outlines: readonly Outline[]
}

/** Below this share of its visible area an object is not listed. */
const LEAST_VISIBLE = 0.3
/** Nor is one with a side below this, in pixels: nothing could name it. */
const LEAST_SIDE = 8

/** Gathers the layers of a scene from back to front and works out what can be seen of each object. */
export class Canvas {
  readonly #layers: string[] = []
  readonly #placed: Placed[] = []
  readonly width = 640
  readonly height = 480

  /** Adds scenery that hides nothing behind it because nothing lies behind it. Units are pixels. */
  backdrop(draw: (sketch: Sketch) => void): void {
    const sketch = new Sketch()
    draw(sketch)
    this.#layers.push(sketch.svg(`b${this.#layers.length}-`))
  }

  /** Adds a motif in front of all that is there. */
  add(sketch: Sketch, { x, y, scale, flip = false, label }: Placement): void {
    const sx = flip ? -scale : scale
    const move = `translate(${n(x)} ${n(y)}) scale(${sx.toFixed(4)} ${scale.toFixed(4)})`
    const prefix = `m${this.#layers.length}-`
    this.#layers.push(`<g transform="${move}">${sketch.svg(prefix)}</g>`)
    const outlines = sketch.outlines.map((outline) =>
      outline.map(([px, py]) => [x + px * sx, y + py * scale] as const),
    )
    this.#placed.push({ label, outlines })
  }

  /** Light over the whole picture. Hides nothing. */
  wash(colour: string, opacity: number): void {
    this.#layers.push(
      `<rect width="${this.width}" height="${this.height}" fill="${colour}" opacity="${n(opacity)}"/>`,
    )
  }

  finish(name: string): DrawnScene {
    const { width, height } = this
    const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`
    const svg = `${head}${this.#layers.join('')}</svg>`
    return { name, width, height, svg, objects: this.#visibleObjects() }
  }

  #visibleObjects(): DrawnObject[] {
    const visibility = new Visibility(this.width, this.height)
    const owners = this.#placed.map(({ outlines }) => visibility.paint(outlines))
    const seen = visibility.seen(this.#placed.length)
    const objects: DrawnObject[] = []
    this.#placed.forEach(({ label, outlines }, i) => {
      const all = owners[i]
      const rest = seen[i]
      if (label === undefined || !all || !rest || rest.cells < LEAST_VISIBLE * all.cells) return
      const exact = this.#extent(outlines)
      // Where nothing hides the end of the object, its own outline is exact; elsewhere the cells have to do.
      const box: BoxXyxy = [
        rest.x1 === all.x1 ? exact[0] : rest.x1 * CELL,
        rest.y1 === all.y1 ? exact[1] : rest.y1 * CELL,
        rest.x2 === all.x2 ? exact[2] : rest.x2 * CELL,
        rest.y2 === all.y2 ? exact[3] : rest.y2 * CELL,
      ]
      if (Math.min(box[2] - box[0], box[3] - box[1]) < LEAST_SIDE) return
      objects.push({ box, label })
    })
    return objects
  }

  #extent(outlines: readonly Outline[]): BoxXyxy {
    let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity]
    for (const outline of outlines) {
      for (const [x, y] of outline) {
        x1 = Math.min(x1, x)
        y1 = Math.min(y1, y)
        x2 = Math.max(x2, x)
        y2 = Math.max(y2, y)
      }
    }
    const tenth = (v: number, top: number) => Math.round(Math.min(top, Math.max(0, v)) * 10) / 10
    return [
      tenth(x1, this.width),
      tenth(y1, this.height),
      tenth(x2, this.width),
      tenth(y2, this.height),
    ]
  }
}
