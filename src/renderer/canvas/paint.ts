import { drawBoxes } from './draw-boxes'
import { drawMask } from './draw-masks'
import { lineStyles, TAG_TEXT } from './line-styles'
import { Raster } from './raster'
import { kindOf, type BoxLayer, type Scene } from './scene'
import { mergeSpecks, placeTags, taggedBoxes, TAG_HEIGHT, type TagWish } from './tags'
import {
  GRID_FROM_SCALE,
  pictureRect,
  screenRect,
  SHARP_FROM_SCALE,
  shownRect,
  type Rect,
  type Size,
  type View,
} from './view'

/** A side of the canvas: its scene, and the columns of the screen (CSS pixels) that it has. */
export interface Side {
  readonly scene: Scene
  readonly from: number
  readonly to: number
}

export interface Frame {
  readonly sides: readonly Side[]
  readonly picture: Size
  readonly view: View
  readonly viewport: Size
  readonly pixelRatio: number
  /** The view is changing: frames have to be quick, and nobody sees how finely the picture is shrunk. */
  readonly isMoving: boolean
  /** Widths of lines are multiplied by this. */
  readonly lineScale: number
  /** Key of the box under the pointer or in focus; the others are dimmed. */
  readonly lit: string | null
  /** Has its tag in any crowd, dims nothing. */
  readonly selected: string | null
}

/** What the frame could not show, for the status bar. */
export interface Painted {
  readonly boxes: number
  /** Boxes under 3 px that are only a number. */
  readonly merged: number
}

const DIMMED = 0.35
const FONT = '500 11.5px "Inter Variable", Inter, system-ui, sans-serif'
const BOLD = '600 11.5px "Inter Variable", Inter, system-ui, sans-serif'

/** Draws the picture and its marks into two canvases that lie on each other. */
export class Painter {
  readonly #picture: HTMLCanvasElement
  readonly #marks: HTMLCanvasElement
  readonly #pictureContext: CanvasRenderingContext2D
  readonly #marksContext: CanvasRenderingContext2D
  readonly #widths = new Map<string, number>()
  #raster = new Raster(1, 1)

  constructor(picture: HTMLCanvasElement, marks: HTMLCanvasElement) {
    const [below, above] = [picture.getContext('2d'), marks.getContext('2d')]
    if (!below || !above) throw new Error('this browser has no 2D canvas')
    this.#picture = picture
    this.#marks = marks
    this.#pictureContext = below
    this.#marksContext = above
  }

  paint(frame: Frame): Painted {
    const width = Math.max(1, Math.round(frame.viewport.width * frame.pixelRatio))
    const height = Math.max(1, Math.round(frame.viewport.height * frame.pixelRatio))
    for (const canvas of [this.#picture, this.#marks]) {
      if (canvas.width !== width) canvas.width = width
      if (canvas.height !== height) canvas.height = height
    }
    if (this.#raster.width !== width || this.#raster.height !== height) {
      this.#raster = new Raster(width, height)
    } else this.#raster.clear()
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
    const { sides, view, pixelRatio, lineScale, lit, picture, viewport } = frame
    const raster = this.#raster
    const inPixels = {
      scale: view.scale * pixelRatio,
      x: view.x * pixelRatio,
      y: view.y * pixelRatio,
    }
    let [boxes, merged] = [0, 0]
    const shownOf = new Map<Side, readonly number[]>()
    for (const side of sides) {
      const { scene, from, to } = side
      raster.clip(from * pixelRatio, to * pixelRatio)
      for (const mask of scene.masks) drawMask(raster, mask, inPixels, pixelRatio)
      const layer = scene.boxes
      const rect = shownRect(view, viewport)
      const found = mergeSpecks(layer.index.within(rect), layer.marks.boxes, view.scale)
      const litIndex = lit === null ? -1 : layer.items.findIndex(({ key }) => key === lit)
      const opacity = (i: number): number =>
        layer.items[i]?.isTagOnly
          ? 0
          : (layer.items[i]?.opacity ?? 1) * (litIndex < 0 || i === litIndex ? 1 : DIMMED)
      drawBoxes(raster, layer.marks, found.shown, inPixels, { pixelRatio, opacity, lineScale })
      if (litIndex >= 0) {
        drawBoxes(raster, layer.marks, [litIndex], inPixels, { pixelRatio, opacity, lineScale })
      }
      shownOf.set(side, found.shown)
      boxes += found.shown.length
      merged += found.merged
    }
    const context = this.#marksContext
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.putImageData(new ImageData(raster.bytes, raster.width, raster.height), 0, 0)
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0)
    const whole = pictureRect(view, picture)
    for (const side of sides) {
      const room = {
        left: Math.max(whole.left, side.from, 0),
        right: Math.min(whole.right, side.to, viewport.width),
        top: Math.max(whole.top, 0),
        bottom: Math.min(whole.bottom, viewport.height),
      }
      this.#paintTags(side.scene.boxes, shownOf.get(side) ?? [], room, frame)
    }
    return { boxes, merged }
  }

  #paintTags(layer: BoxLayer, shown: readonly number[], room: Rect, frame: Frame): void {
    if (room.right <= room.left || room.bottom - room.top < TAG_HEIGHT) return
    const { view, lit, selected } = frame
    const wishes: TagWish[] = []
    const isNamed = (i: number): boolean => {
      const key = layer.items[i]?.key
      return key === lit || key === selected
    }
    for (const index of taggedBoxes(shown, layer.marks.scores, isNamed)) {
      const tag = layer.tags[index]
      const item = layer.items[index]
      if (!tag || !item || tag.text === '') continue
      const [left, top, right, bottom] = item.box
      wishes.push({
        index,
        box: screenRect(view, { left, top, right, bottom }),
        width: this.#tagWidth(tag),
        score: item.score ?? 1,
        isLit: item.key === lit || item.key === selected,
      })
    }
    const context = this.#marksContext
    context.textBaseline = 'middle'
    const hasLit = isLit(layer, lit)
    for (const { index, x, y, width } of placeTags(wishes, room)) {
      const [tag, item] = [layer.tags[index], layer.items[index]]
      if (!tag || !item) continue
      context.globalAlpha = (item.opacity ?? 1) * (hasLit && item.key !== lit ? DIMMED : 1)
      context.fillStyle = lineStyles[kindOf(layer, index)].colour
      context.beginPath()
      context.roundRect(x, y, width, TAG_HEIGHT, [3, 3, 0, 0])
      context.fill()
      const isCut = width < this.#tagWidth(tag)
      if (isCut) {
        context.save()
        context.clip()
      }
      context.fillStyle = TAG_TEXT
      context.font = FONT
      context.fillText(tag.text, x + 5, y + TAG_HEIGHT / 2 + 0.5)
      if (tag.score !== '') {
        context.font = BOLD
        context.fillText(tag.score, x + 9 + this.#width(tag.text, FONT), y + TAG_HEIGHT / 2 + 0.5)
      }
      if (isCut) context.restore()
    }
    context.globalAlpha = 1
  }

  #tagWidth({ text, score }: BoxLayer['tags'][number]): number {
    return this.#width(text, FONT) + (score === '' ? 0 : 4 + this.#width(score, BOLD)) + 10
  }

  #width(text: string, font: string): number {
    const key = `${font} ${text}`
    const known = this.#widths.get(key)
    if (known !== undefined) return known
    this.#marksContext.font = font
    const { width } = this.#marksContext.measureText(text)
    this.#widths.set(key, width)
    return width
  }
}

/** Pixels that the source itself has; 0 for one that does not say. */
function widthOf(source: CanvasImageSource): number {
  if ('naturalWidth' in source) return source.naturalWidth
  return 'width' in source && typeof source.width === 'number' ? source.width : 0
}

function isLit(layer: BoxLayer, lit: string | null): boolean {
  return lit !== null && layer.items.some(({ key }) => key === lit)
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
