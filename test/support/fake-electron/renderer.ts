import { EventEmitter } from 'node:events'
import type { FakePort } from './message-ports'

/** What a preload sees, and what the page behind it was given. */
export class FakeRenderer extends EventEmitter {
  /** The preload's half of ipc: listeners by channel. */
  readonly ipc = new EventEmitter()
  /** What `contextBridge` put into the page. */
  readonly world = new Map<string, unknown>()
  /** What `window.postMessage` brought. */
  readonly posted: { data: unknown; origin: string; ports: readonly unknown[] }[] = []
  /** Paths of `File` objects that came from the system. */
  readonly pathsOfFiles = new WeakMap<object, string>()

  receive(channel: string, value: unknown, ports: readonly FakePort[]): void {
    this.ipc.emit(channel, { ports, sender: 'not for pages' }, value)
  }
}
