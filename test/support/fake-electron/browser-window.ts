import { EventEmitter } from 'node:events'
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron'
import { fakeElectron } from './state'
import { FakeWebContents } from './web-contents'

export class FakeBrowserWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions
  readonly webContents: FakeWebContents
  bounds: Rectangle
  shown = false
  maximized = false
  minimized = false
  focused = 0
  destroyed = false
  backgroundColor: string | undefined
  titleBarOverlay: unknown

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super()
    if (!fakeElectron.app.isReady)
      throw new Error('Cannot create BrowserWindow before app is ready')
    this.options = options
    this.backgroundColor = options.backgroundColor
    this.bounds = {
      x: options.x ?? 0,
      y: options.y ?? 0,
      width: options.width ?? 800,
      height: options.height ?? 600,
    }
    this.webContents = new FakeWebContents()
    fakeElectron.windows.push(this)
  }

  static getAllWindows(): FakeBrowserWindow[] {
    return fakeElectron.windows.filter((window) => !window.destroyed)
  }

  static fromWebContents(contents: FakeWebContents): FakeBrowserWindow | null {
    return fakeElectron.windows.find((window) => window.webContents === contents) ?? null
  }

  loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url
    this.webContents.emit('did-finish-load')
    setImmediate(() => this.emit('ready-to-show'))
    return Promise.resolve()
  }

  show(): void {
    this.shown = true
  }

  focus(): void {
    this.focused++
  }

  maximize(): void {
    this.maximized = true
    this.emit('maximize')
  }

  isMaximized(): boolean {
    return this.maximized
  }

  isMinimized(): boolean {
    return this.minimized
  }

  restore(): void {
    this.minimized = false
  }

  getNormalBounds(): Rectangle {
    return this.bounds
  }

  setBackgroundColor(colour: string): void {
    this.backgroundColor = colour
  }

  setTitleBarOverlay(overlay: unknown): void {
    this.titleBarOverlay = overlay
  }

  isDestroyed(): boolean {
    return this.destroyed
  }

  /** As the user closes it. */
  close(): void {
    this.emit('close', {})
    this.destroy()
  }

  destroy(): void {
    this.destroyed = true
    this.webContents.destroyed = true
    this.emit('closed')
    if (FakeBrowserWindow.getAllWindows().length === 0) fakeElectron.app.emit('window-all-closed')
  }
}
