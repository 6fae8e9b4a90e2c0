import { EventEmitter } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An event that a listener can prevent, as Electron hands them out. */
export class FakeEvent {
  defaultPrevented = false
  preventDefault(): void {
    this.defaultPrevented = true
  }
}

export class FakeApp extends EventEmitter {
  isPackaged = false
  isReady = false
  /** What `requestSingleInstanceLock` answers. */
  hasLock = true
  sandboxEnabled = false
  quits = 0
  name = 'Electron'
  folder = join(tmpdir(), 'patchwarden-fake-electron')
  #ready = Promise.withResolvers<undefined>()

  setName(name: string): void {
    this.name = name
  }

  getPath(name: string): string {
    return join(this.folder, name)
  }

  getAppPath(): string {
    return process.cwd()
  }

  getVersion(): string {
    return '0.0.0-test'
  }

  enableSandbox(): void {
    if (this.isReady) throw new Error('enableSandbox must be called before the app is ready')
    this.sandboxEnabled = true
  }

  requestSingleInstanceLock(): boolean {
    return this.hasLock
  }

  whenReady(): Promise<undefined> {
    return this.#ready.promise
  }

  /** For tests: the system says that the app may begin. */
  becomeReady(): void {
    this.isReady = true
    this.#ready.resolve(undefined)
    this.emit('ready')
  }

  /** As in Electron, listeners of `will-quit` may put it off. */
  quit(): void {
    const event = new FakeEvent()
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    const last = new FakeEvent()
    this.emit('will-quit', last)
    if (last.defaultPrevented) return
    this.quits++
    this.emit('quit', {}, 0)
  }
}
