import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BrowserWindow as RealWindow } from 'electron'
import { reviveCrashedPages } from '../../src/main/renderer-crashes'
import { openWindow } from '../../src/main/window'
import { boundsFor, openWindowState, rememberWindow } from '../../src/main/window-state'
import { BrowserWindow, fakeElectron, resetElectron } from '../support/fake-electron'

let folder: string
const look = {
  bounds: { x: 10, y: 20, width: 1_200, height: 800 },
  maximized: false,
  colours: { background: '#121213', bar: '#121213', symbol: '#EDEDF0' },
}
const opened = (isPackaged = true): BrowserWindow => {
  openWindow(look, { preload: '/out/preload/index.cjs', isPackaged })
  const window = fakeElectron.windows.at(-1)
  if (!window) throw new Error('no window')
  return window
}
/** The fake's window stands for Electron's. */
const real = (window: BrowserWindow) => window as unknown as RealWindow

beforeEach(async () => {
  resetElectron()
  fakeElectron.app.becomeReady()
  folder = await mkdtemp(join(tmpdir(), 'window-'))
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

describe('rule 1: every window', () => {
  test('is sandboxed and isolated, without Node, webviews or experiments', () => {
    expect(opened().options.webPreferences).toEqual({
      preload: '/out/preload/index.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
    })
  })

  test('has developer tools in development only', () => {
    expect(opened(false).options.webPreferences?.devTools).toBe(true)
  })

  test('loads our page, and is shown when it has been drawn', async () => {
    const window = opened()
    expect(window.webContents.mainFrame.url).toBe('app://bundle/index.html')
    expect([window.options.show, window.shown]).toEqual([false, false])
    await vi.waitFor(() => {
      expect(window.shown).toBe(true)
    })
  })
})

describe('where the window was', () => {
  const path = () => join(folder, 'window.json')
  const state = (bounds: object, maximized = false) =>
    writeFile(path(), JSON.stringify({ bounds, maximized }))

  test('is remembered a moment after it moved, and at once when it closes', async () => {
    vi.useFakeTimers()
    const file = openWindowState(path())
    const window = opened()
    rememberWindow(real(window), file)
    window.bounds = { x: 5, y: 6, width: 1_300, height: 700 }
    window.emit('move')
    expect(file.value).toBeUndefined()
    vi.advanceTimersByTime(500)
    expect(file.value).toEqual({ bounds: window.bounds, maximized: false })
    window.maximize()
    window.close()
    vi.useRealTimers()
    await file.settled()
    expect(JSON.parse(await readFile(path(), 'utf8'))).toEqual({
      bounds: window.bounds,
      maximized: true,
    })
    expect(openWindowState(path()).value?.maximized).toBe(true)
  })

  test.each([
    'not json',
    '',
    '{"bounds":{"x":0,"y":0,"width":1e9,"height":700},"maximized":false}',
    '{"bounds":{"x":0,"y":0,"width":10,"height":10},"maximized":false}',
    '{"bounds":{"x":"0","y":0,"width":1200,"height":700},"maximized":false}',
    '{"bounds":{"x":0,"y":0,"width":1200,"height":700}}',
    'null',
    '['.repeat(100_000),
  ])('a damaged file counts as none: %#', async (text) => {
    await writeFile(path(), text)
    expect(openWindowState(path()).value).toBeUndefined()
  })

  test('comes back where it can be seen', async () => {
    const bounds = { x: 100, y: 100, width: 1_200, height: 700 }
    await state(bounds)
    expect(boundsFor(openWindowState(path()).value)).toEqual(bounds)
  })

  test.each([
    { x: 5_000, y: 100 },
    { x: 1_850, y: 100 },
    { x: -1_150, y: 0 },
    { x: 100, y: -40 },
    { x: 100, y: 1_030 },
  ])('not where a display is gone: %o', (place) => {
    const found = boundsFor({ bounds: { ...place, width: 1_200, height: 700 }, maximized: false })
    expect(found).toEqual({ width: 1_200, height: 700 })
  })

  test('fits a small display', () => {
    const workArea = { x: 0, y: 0, width: 1_280, height: 680 }
    fakeElectron.displays = [{ workArea, workAreaSize: workArea }]
    expect(boundsFor(undefined)).toEqual({ width: 1_280, height: 680 })
  })

  test('a disk that takes nothing loses the place, not the app', async () => {
    const file = openWindowState(join(folder, 'window.json', 'below-a-file'))
    await writeFile(join(folder, 'window.json'), '')
    file.set({ bounds: look.bounds, maximized: false })
    await expect(file.settled()).resolves.toBeUndefined()
    expect(file.value?.bounds).toEqual(look.bounds)
  })
})

test('a page that died is loaded again; one that keeps dying is left to the user', async () => {
  const window = opened()
  const logged: string[] = []
  reviveCrashedPages(real(window), (message) => logged.push(message))
  const die = (reason = 'crashed') =>
    window.webContents.emit('render-process-gone', {}, { reason, exitCode: 5 })
  die('clean-exit')
  expect(window.webContents.reloads).toBe(0)
  for (let k = 0; k < 3; k++) die()
  expect([window.webContents.reloads, fakeElectron.messageBoxes]).toEqual([3, 0])
  fakeElectron.messageBoxAnswer = 1
  die()
  expect(fakeElectron.messageBoxes).toBe(1)
  await vi.waitFor(() => {
    expect(window.destroyed).toBe(true)
  })
  expect(logged[0]).toBe('the page ended: crashed (5)')
})
