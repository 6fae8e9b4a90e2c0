import type { Named } from './draw-tags'
import { MarksLayer } from './marks-layer'
import type { Scene } from './scene'
import { mergeSpecks } from './tags'
import {
  GRID_FROM_SCALE,
  pictureRect,
  SHARP_FROM_SCALE,
  shownRect,
  type Size,
  type View,
} from './view'

/** A side of the canvas: its scene, and the columns of the screen (CSS pixels) that it has. */
export interface Side {
  readonly scene: Scene
  readonly from: number
  readonly to: number
}

export interface Frame extends Named {
  readonly sides: readonly Side[]
  readonly picture: Size
  readonly view: View
  readonly viewport: Size
  readonly pixelRatio: number
  /** The view is changing: frames have to be quick, and nobody sees how finely the picture is shrunk. */
  readonly isMoving: boolean
  /** Widths of lines are multiplied by this. */
  readonly lineScale: number
}

/** What the frame could not show, for the status bar. */
export interface Painted {
  readonly boxes: number
  /** Boxes under 3 px that are only a number. */
  readonly merged: number
}

/** Draws the picture and its marks into two canvases that lie on each other. */
export class Painter {
  readonly #picture: HTMLCanvasElement
  readonly #pictureContext: CanvasRenderingContext2D
  readonly #marks: MarksLayer

  constructor(picture: HTMLCanvasElement, marks: HTMLCanvasElement) {
    const [below, above] = [picture.getContext('2d'), marks.getContext('2d')]
    if (!below || !above) throw new Error('this browser has no 2D canvas')
    this.#picture = picture
    this.#pictureContext = below
    this.#marks = new MarksLayer(marks, above)
  }

  paint(frame: Frame): Painted {
    const width = Math.max(1, Math.round(frame.viewport.width * frame.pixelRatio))
    const height = Math.max(1, Math.round(frame.viewport.height * frame.pixelRatio))
    if (this.#picture.width !== width) this.#picture.width = width
    if (this.#picture.height !== height) this.#picture.height = height
    this.#paintPictures(frame)
    return this.#paintMarks(frame)
  }

  #paintPictures({ sides, picture, view, viewport, pixelRatio, isMoving }: Frame): void {
    const context = this.#pictureContext
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
    context.clearRect(0, 0, viewport.width, viewport.height)
    context.imageSmoothingEnabled = view.scale < SHARP_FROM_SCALE
    const [width, height] = [view.scale * picture.width, view.scale * picture.height]
    for (const { scene, from, to } of sides) {
      if (to <= from) continue
      context.save()
      context.beginPath()
      context.rect(from, 0, to - from, viewport.height)
      context.clip()
      if (scene.picture) {
        const shrunk = (width * pixelRatio) / widthOf(scene.picture)
        // Shrinking well costs a browser without a graphics card two frames, for each scale anew.
        context.imageSmoothingQuality = shrunk < 0.5 && !isMoving ? 'medium' : 'low'
        context.drawImage(scene.picture, view.x, view.y, width, height)
      }
      if (scene.heat) {
        context.globalAlpha = scene.heat.opacity
        context.drawImage(scene.heat.image, view.x, view.y, width, height)
        context.globalAlpha = 1
      }
      context.restore()
    }
    if (view.scale >= GRID_FROM_SCALE) drawGrid(context, view, picture, viewport, pixelRatio)
  }

  #paintMarks(frame: Frame): Painted {
    const { sides, view, viewport } = frame
    const rect = shownRect(view, viewport)
    const seen = sides.map(({ scene: { boxes } }) =>
      mergeSpecks(boxes.index.within(rect), boxes.marks.boxes, view.scale),
    )
    this.#marks.paint(frame, seen)
    return {
      boxes: seen.reduce((sum, { shown }) => sum + shown.length, 0),
      merged: seen.reduce((sum, { merged }) => sum + merged, 0),
    }
  }
}

/** Pixels that the source itself has; 0 for one that does not say. */
function widthOf(source: CanvasImageSource): number {
  if ('naturalWidth' in source) return source.naturalWidth
  return 'width' in source && typeof source.width === 'number' ? source.width : 0
}

/** Lines between pixels, one screen pixel wide, dark on bright and bright on dark. */
function drawGrid(
  context: CanvasRenderingContext2D,
  view: View,
  picture: Size,
  viewport: Size,
  pixelRatio: number,
): void {
  const rect = shownRect(view, viewport)
  const [fromX, toX] = [
    Math.max(0, Math.ceil(rect.left)),
    Math.min(picture.width, Math.floor(rect.right)),
  ]
  const [fromY, toY] = [
    Math.max(0, Math.ceil(rect.top)),
    Math.min(picture.height, Math.floor(rect.bottom)),
  ]
  const whole = pictureRect(view, picture)
  const line = 1 / pixelRatio
  context.fillStyle = 'rgb(128 128 128 / .45)'
  const [top, bottom] = [Math.max(0, whole.top), Math.min(viewport.height, whole.bottom)]
  const [left, right] = [Math.max(0, whole.left), Math.min(viewport.width, whole.right)]
  for (let x = fromX; x <= toX; x++)
    context.fillRect(view.x + view.scale * x, top, line, bottom - top)
  for (let y = fromY; y <= toY; y++)
    context.fillRect(left, view.y + view.scale * y, right - left, line)
}
