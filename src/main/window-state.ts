import { screen, type BrowserWindow, type Rectangle } from 'electron'
import { z } from 'zod'
import { StateFile } from './state-file'

export const SMALLEST = { width: 1_080, height: 660 }
const USUAL = { width: 1_440, height: 900 }
/** A window must show at least so much of its top bar, or nobody could move it. */
const GRASP = { width: 120, height: 30 }
const SETTLE_MS = 400

const pixel = z.int().min(-100_000).max(100_000)
const schema = z.object({
  bounds: z.object({
    x: pixel,
    y: pixel,
    width: z.int().min(SMALLEST.width).max(32_768),
    height: z.int().min(SMALLEST.height).max(32_768),
  }),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof schema>

/** Where the window was. Written whole, a moment after each change, so a crash loses a move at most. */
export function openWindowState(path: string): StateFile<WindowState | undefined> {
  return new StateFile<WindowState | undefined>(path, schema, undefined)
}

/** Bounds for a new window: the remembered ones if they can still be seen on a display that is there. */
export function boundsFor(state: WindowState | undefined): Partial<Rectangle> {
  if (!state) return fitting(USUAL)
  const { bounds } = state
  const visible = screen.getAllDisplays().some(({ workArea }) => {
    const width =
      Math.min(bounds.x + bounds.width, workArea.x + workArea.width) -
      Math.max(bounds.x, workArea.x)
    const belowTop = bounds.y - workArea.y
    return width >= GRASP.width && belowTop >= 0 && belowTop <= workArea.height - GRASP.height
  })
  return visible ? bounds : fitting(bounds)
}

function fitting(size: { readonly width: number; readonly height: number }): Partial<Rectangle> {
  const { workAreaSize } = screen.getPrimaryDisplay()
  return {
    width: Math.max(SMALLEST.width, Math.min(size.width, workAreaSize.width)),
    height: Math.max(SMALLEST.height, Math.min(size.height, workAreaSize.height)),
  }
}

/** Keeps `file` up to date with the window. */
export function rememberWindow(
  window: BrowserWindow,
  file: StateFile<WindowState | undefined>,
): void {
  let timer: NodeJS.Timeout | undefined
  const remember = (): void => {
    clearTimeout(timer)
    if (window.isDestroyed() || window.isMinimized()) return
    const { x, y, width, height } = window.getNormalBounds()
    file.set({ bounds: { x, y, width, height }, maximized: window.isMaximized() })
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(remember, SETTLE_MS)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('maximize', soon)
  window.on('unmaximize', soon)
  window.on('close', remember)
}
