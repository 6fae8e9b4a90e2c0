import { TagPainter } from './draw-tags'
import { MarksFrame, SLICE_ROWS } from './marks-frame'
import { covers, isStale, MARGIN, placeOf, type DrawnPlace } from './moved-drawing'
import type { Frame } from './paint'
import { pictureRect } from './view'

/** Fewer boxes in sight are drawn anew for every frame: that is quick, and as exact as it can be. */
const CROWD = 300
/** Milliseconds of a frame that go into the next drawing while the last one is moved. */
const SLICE_MS = 3

/** What of a side is seen: boxes by their indices, and how many are too small to be drawn. */
export interface SeenBoxes {
  readonly shown: readonly number[]
  readonly merged: number
}

/** Marks as they were drawn for a frame. */
interface Drawing {
  readonly frame: Frame
  readonly seen: readonly SeenBoxes[]
  readonly place: DrawnPlace
}

/**
 * The canvas of masks, boxes and their tags. With a crowd of boxes a view that moves does not wait for them to be drawn: their
 * canvas, which is larger than the viewport, is moved and scaled as a whole by the browser, while the next drawing is made in
 * slices. A view at rest, and one that the last drawing does not cover, is always drawn exactly.
 */
export class MarksLayer {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #tags = new TagPainter()
  #pixels = new MarksFrame(1, 1)
  #shown: Drawing | null = null
  #drawing: Drawing | null = null

  constructor(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D) {
    this.#canvas = canvas
    this.#context = context
  }

  /** `seen`: the boxes of each side of the frame that are in its view. */
  paint(frame: Frame, seen: readonly SeenBoxes[]): void {
    const last = this.#shown
    const canGoOn = last && isSame(last.frame, frame) && covers(last.place, frame)
    if (canGoOn && isMovingCrowd(frame, seen)) {
      this.#goOn(last, frame, seen)
    } else {
      this.#begin(frame, seen)
      this.#pixels.draw()
      this.#show()
    }
    if (this.#shown) this.#canvas.style.transform = transformOf(this.#shown.place, frame)
  }

  /** Makes the next drawing, as far as there is time in this frame. */
  #goOn(last: Drawing, frame: Frame, seen: readonly SeenBoxes[]): void {
    if (!this.#drawing) {
      if (!isStale(last.place, frame)) return
      this.#begin(frame, seen)
    }
    const end = performance.now() + SLICE_MS
    if (this.#pixels.draw(() => performance.now() >= end, SLICE_ROWS)) this.#show()
  }

  #begin(frame: Frame, seen: readonly SeenBoxes[]): void {
    const { sides, view, viewport, pixelRatio, lineScale, lit } = frame
    // Whole pixels of the screen, so that a canvas at rest lies on them.
    const rim = isMovingCrowd(frame, seen) ? Math.round(MARGIN * pixelRatio) : 0
    const width = Math.max(1, Math.round(viewport.width * pixelRatio)) + 2 * rim
    const height = Math.max(1, Math.round(viewport.height * pixelRatio)) + 2 * rim
    if (this.#pixels.raster.width !== width || this.#pixels.raster.height !== height) {
      this.#pixels = new MarksFrame(width, height)
    }
    this.#drawing = { frame, seen, place: { view, viewport, margin: rim / pixelRatio } }
    this.#pixels.begin({
      sides: sides.map(({ scene, from, to }, k) => ({
        scene,
        from: k === 0 ? 0 : rim + from * pixelRatio,
        to: k === sides.length - 1 ? width : rim + to * pixelRatio,
        hasNoSpecks: (seen[k]?.merged ?? 0) > 0,
      })),
      view: {
        scale: view.scale * pixelRatio,
        x: view.x * pixelRatio + rim,
        y: view.y * pixelRatio + rim,
      },
      ...{ pixelRatio, lineScale, lit },
    })
  }

  #show(): void {
    const drawing = this.#drawing
    if (!drawing) return
    const { width, height, bytes } = this.#pixels.raster
    const canvas = this.#canvas
    if (canvas.width !== width || canvas.height !== height) {
      const { margin } = drawing.place
      const ratio = drawing.frame.pixelRatio
      Object.assign(canvas, { width, height })
      Object.assign(canvas.style, {
        left: `${-margin}px`,
        top: `${-margin}px`,
        width: `${width / ratio}px`,
        height: `${height / ratio}px`,
      })
    }
    this.#context.setTransform(1, 0, 0, 1, 0, 0)
    this.#context.putImageData(new ImageData(bytes, width, height), 0, 0)
    this.#paintTags(drawing)
    this.#shown = drawing
    this.#drawing = null
  }

  #paintTags({ frame, seen, place }: Drawing): void {
    const { sides, view, viewport, picture, pixelRatio } = frame
    const rim = place.margin * pixelRatio
    this.#context.setTransform(pixelRatio, 0, 0, pixelRatio, rim, rim)
    const whole = pictureRect(view, picture)
    sides.forEach(({ scene, from, to }, k) => {
      const room = {
        left: Math.max(whole.left, from, 0),
        right: Math.min(whole.right, to, viewport.width),
        top: Math.max(whole.top, 0),
        bottom: Math.min(whole.bottom, viewport.height),
      }
      this.#tags.paint(this.#context, scene.boxes, seen[k]?.shown ?? [], { ...frame, room })
    })
  }
}

function isMovingCrowd({ isMoving }: Frame, seen: readonly SeenBoxes[]): boolean {
  return isMoving && seen.reduce((sum, { shown }) => sum + shown.length, 0) > CROWD
}

/** Whether two frames differ in their view alone. */
function isSame(one: Frame, other: Frame): boolean {
  return (
    one.sides.length === other.sides.length &&
    one.sides.every((side, k) => {
      const { scene, from } = other.sides[k] ?? side
      const isDivided = k > 0 && Math.abs(columnOf(side.from, one) - columnOf(from, other)) > 1e-3
      return side.scene.boxes === scene.boxes && side.scene.masks === scene.masks && !isDivided
    }) &&
    one.viewport.width === other.viewport.width &&
    one.viewport.height === other.viewport.height &&
    one.pixelRatio === other.pixelRatio &&
    one.lineScale === other.lineScale &&
    one.lit === other.lit &&
    one.selected === other.selected
  )
}

/** Where in the picture a column of the screen is: the divider moves with it. */
function columnOf(x: number, { view }: Frame): number {
  return (x - view.x) / view.scale
}

function transformOf(place: DrawnPlace, frame: Frame): string {
  const { ratio, x, y } = placeOf(place, frame)
  const isAtRest = x === 0 && y === 0 && ratio === 1
  return isAtRest ? 'none' : `translate(${x}px, ${y}px) scale(${ratio})`
}
