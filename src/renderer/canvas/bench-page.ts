import { markKinds } from './line-styles'
import { Painter } from './paint'
import { boxLayer, type BoxItem } from './scene'
import { clampView, fitView, panBy, zoomAt, type View } from './view'

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

/** Pans and zooms over a picture with `shapes` boxes of all kinds for `frames` frames. For `bench canvas`. */
export async function measureCanvas(shapes: number, frames: number): Promise<CanvasFrames> {
  const [below, above] = [document.createElement('canvas'), document.createElement('canvas')]
  document.body.replaceChildren(below, above)
  const painter = new Painter(below, above)
  const scene = { picture: noise(), heat: null, masks: [], boxes: boxLayer(boxes(shapes)) }
  const drawMs: number[] = []
  const intervalMs: number[] = []
  let view: View = fitView(picture, viewport)
  let drawn = 0
  let before = await nextFrame()
  for (let frame = 0; frame < frames; frame++) {
    // In, across, and out again: all boxes at once, then a part of them, larger.
    const turn = frame / frames
    const factor = turn < 0.4 ? 1.012 : turn < 0.6 ? 1 : 0.988
    view = clampView(
      panBy(
        zoomAt(view, { x: 640, y: 400 }, view.scale * factor),
        3 * Math.cos(frame / 9),
        2 * Math.sin(frame / 7),
      ),
      picture,
      viewport,
    )
    const start = performance.now()
    const painted = painter.paint({
      sides: [{ scene, from: 0, to: viewport.width }],
      ...{ picture, view, viewport, pixelRatio: 1, lineScale: 1, lit: null, selected: null },
    })
    drawMs.push(performance.now() - start)
    if (frame === Math.floor(frames / 2)) drawn = painted.boxes
    const now = await nextFrame()
    intervalMs.push(now - before)
    before = now
  }
  return { drawMs, intervalMs, boxes: drawn }
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
