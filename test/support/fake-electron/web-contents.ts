import { EventEmitter } from 'node:events'
import type { FakePort } from './message-ports'
import { fakeElectron } from './state'

/** One frame of a page. Frames are compared by identity, as Electron's are. */
export interface FakeFrame {
  url: string
}

export interface Sent {
  readonly channel: string
  readonly value: unknown
  readonly ports: readonly FakePort[]
}

type WindowOpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' }

export class FakeWebContents extends EventEmitter {
  readonly mainFrame: FakeFrame = { url: 'about:blank' }
  /** What went to the page. */
  readonly sent: Sent[] = []
  reloads = 0
  destroyed = false
  windowOpenHandler: WindowOpenHandler | undefined

  constructor() {
    super()
    fakeElectron.contents.push(this)
    fakeElectron.app.emit('web-contents-created', {}, this)
  }

  send(channel: string, value?: unknown): void {
    this.#deliver(channel, structuredClone(value), [])
  }

  postMessage(channel: string, value: unknown, ports: readonly FakePort[] = []): void {
    this.#deliver(channel, structuredClone(value), ports)
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.windowOpenHandler = handler
  }

  reload(): void {
    this.reloads++
  }

  isDestroyed(): boolean {
    return this.destroyed
  }

  #deliver(channel: string, value: unknown, ports: readonly FakePort[]): void {
    if (this.destroyed) throw new Error('Object has been destroyed')
    this.sent.push({ channel, value, ports })
    fakeElectron.renderer.receive(channel, value, ports)
  }
}
