import { EventEmitter } from 'node:events'
import { FakeEvent } from './app'

type Listener = (
  details: { url: string },
  callback: (response: { cancel?: boolean }) => void,
) => void
type ProtocolHandler = (request: Request) => Response | Promise<Response>
type Answering = (...args: never[]) => unknown

/** A session that can be asked what a page in it would be given. */
export class FakeSession extends EventEmitter {
  readonly handlers = new Map<string, Answering>()
  readonly #protocols = new Map<string, ProtocolHandler>()
  #beforeRequest: Listener | undefined

  readonly webRequest = {
    onBeforeRequest: (listener: Listener): void => {
      this.#beforeRequest = listener
    },
  }
  readonly protocol = {
    handle: (scheme: string, handler: ProtocolHandler): void => {
      if (this.#protocols.has(scheme)) throw new Error(`${scheme} is handled already`)
      this.#protocols.set(scheme, handler)
    },
  }

  setPermissionRequestHandler = this.#keep('permission-request')
  setPermissionCheckHandler = this.#keep('permission-check')
  setDevicePermissionHandler = this.#keep('device-permission')
  setDisplayMediaRequestHandler = this.#keep('display-media')
  setBluetoothPairingHandler = this.#keep('bluetooth-pairing')
  setUSBProtectedClassesHandler = this.#keep('usb-classes')

  /** Whether a request of a page for `url` is let through to whoever answers it. */
  lets(url: string): boolean {
    let cancelled = false
    this.#beforeRequest?.({ url }, ({ cancel }) => {
      cancelled = cancel === true
    })
    return !cancelled
  }

  /** What a page gets for `url`. */
  async load(url: string, init?: RequestInit): Promise<Response> {
    if (!this.lets(url)) throw new Error('net::ERR_BLOCKED_BY_CLIENT')
    const scheme = new URL(url).protocol.slice(0, -1)
    const handler = this.#protocols.get(scheme)
    if (!handler) throw new Error('net::ERR_UNKNOWN_URL_SCHEME')
    return handler(new Request(url, init))
  }

  /** Whether a download of `url` would be kept. */
  letsDownload(url: string): boolean {
    const event = new FakeEvent()
    this.emit('will-download', event, { getURL: () => url })
    return !event.defaultPrevented
  }

  #keep(name: string): (handler: Answering) => void {
    return (handler) => {
      this.handlers.set(name, handler)
    }
  }
}
