import { markKinds } from './line-styles'
import { Painter } from './paint'
import { boxLayer, type BoxItem } from './scene'
import { clampView, fitView, panBy, zoomAt, type Size, type View } from './view'

/** What one measurement saw, in milliseconds a frame. */
export interface CanvasFrames {
  /** Our own work: everything between the start and the end of drawing a frame. */
  readonly drawMs: number[]
  /** From frame to frame, as the browser showed them. */
  readonly intervalMs: number[]
  /** Boxes that were drawn in the middle frame. */
  readonly boxes: number
}

const picture = { width: 4_000, height: 3_000 }
const viewport = { width: 1_280, height: 800 }

/** Drawn before the measurement, so that it sees compiled code, as a user does after the first second. */
const WARM_UP_FRAMES = 20

/**
 * Pans and zooms over a picture with `shapes` boxes of all kinds for `frames` frames; with null, two canvases of the same size
 * show a square that moves: what is late then, no drawing of ours can make earlier. `isDrawnAnew`: every frame is drawn as
 * exactly as one at rest. For `bench canvas`.
 */
export async function measureCanvas(
  shapes: number | null,
  frames: number,
  isDrawnAnew = false,
): Promise<CanvasFrames> {
  const canvases = [newCanvas(), newCanvas()] as const
  const frame = document.createElement('div')
  Object.assign(frame.style, { position: 'relative', overflow: 'hidden', ...inPixels(viewport) })
  frame.append(...canvases)
  document.body.replaceChildren(frame)
  const draw = shapes === null ? movingSquare(canvases) : boxPainter(canvases, shapes, isDrawnAnew)
  for (let frame = 0; frame < WARM_UP_FRAMES; frame++) {
    draw(frame / WARM_UP_FRAMES)
    await nextFrame()
  }
  const drawMs: number[] = []
  const intervalMs: number[] = []
  let drawn = 0
  let before = await nextFrame()
  for (let frame = 0; frame < frames; frame++) {
    const start = performance.now()
    const boxes = draw(frame / frames)
    drawMs.push(performance.now() - start)
    if (frame === Math.floor(frames / 2)) drawn = boxes
    const now = await nextFrame()
    intervalMs.push(now - before)
    before = now
  }
  return { drawMs, intervalMs, boxes: drawn }
}

type Canvases = readonly [picture: HTMLCanvasElement, marks: HTMLCanvasElement]

function newCanvas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  Object.assign(canvas.style, { position: 'absolute', left: '0', top: '0', ...inPixels(viewport) })
  return canvas
}

function inPixels({ width, height }: Size): { width: string; height: string } {
  return { width: `${width}px`, height: `${height}px` }
}

/** Draws the frame at `turn`, 0..1 of the way, and answers how many boxes it shows. */
type Draw = (turn: number) => number

/** As in `PictureCanvas.svelte`. */
function boxPainter(canvases: Canvases, shapes: number, isDrawnAnew: boolean): Draw {
  const painter = new Painter(...canvases)
  Object.assign(canvases[1].style, { transformOrigin: '0 0', willChange: 'transform' })
  const scene = { picture: noise(), heat: null, masks: [], boxes: boxLayer(boxes(shapes)) }
  const fitted = fitView(picture, viewport)
  return (turn) => {
    // In, across, and out again: all boxes at once, then a part of them, larger.
    const zoom = 2.35 ** Math.min(1, Math.max(0, Math.min(turn, 1 - turn) / 0.4))
    const view: View = clampView(
      panBy(
        zoomAt(fitted, { x: 640, y: 400 }, fitted.scale * zoom),
        60 * Math.sin(20 * turn),
        40 * Math.sin(26 * turn),
      ),
      picture,
      viewport,
    )
    const { boxes } = painter.paint({
      sides: [{ scene, from: 0, to: viewport.width }],
      ...{ picture, view, viewport, pixelRatio: 1, isMoving: !isDrawnAnew },
      ...{ lineScale: 1, lit: null, selected: null },
    })
    return boxes
  }
}

function movingSquare(canvases: Canvases): Draw {
  const contexts = canvases.map((canvas) => {
    canvas.width = viewport.width
    canvas.height = viewport.height
    return canvas.getContext('2d')
  })
  return (turn) => {
    for (const context of contexts) {
      context?.clearRect(0, 0, viewport.width, viewport.height)
      context?.fillRect(turn * (viewport.width - 50), 100, 50, 50)
    }
    return 0
  }
}

function nextFrame(): Promise<number> {
  return new Promise((resolve) => {
    requestAnimationFrame(resolve)
  })
}

/** The same boxes each time: spread evenly, of the sizes that objects in photographs have. */
function boxes(count: number): BoxItem[] {
  const columns = Math.ceil(Math.sqrt((count * 4) / 3))
  const step = picture.width / columns
  return Array.from({ length: count }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)]
    const [width, height] = [step * (0.4 + ((i * 7) % 10) / 8), step * (0.5 + ((i * 3) % 10) / 6)]
    const [x, y] = [column * step, row * step]
    return {
      box: [x, y, x + width, y + height],
      kind: markKinds[i % 7] ?? 'defended',
      score: (i % 100) / 100,
      label: 'person',
      key: String(i),
    }
  })
}

function noise(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  // As large as the pictures that the service sends for the screen.
  canvas.width = 1_600
  canvas.height = 1_200
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser has no 2D canvas')
  for (let y = 0; y < canvas.height; y += 20) {
    for (let x = 0; x < canvas.width; x += 20) {
      context.fillStyle = `rgb(${(x * 7 + y) % 256} ${(x + y * 3) % 256} ${(x * y) % 256})`
      context.fillRect(x, y, 20, 20)
    }
  }
  return canvas
}

declare global {
  interface Window {
    measureCanvas: typeof measureCanvas
  }
}
window.measureCanvas = measureCanvas
