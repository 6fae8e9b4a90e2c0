import type { Answer, Backend, EventName } from '../../shared/api'
import { mediaPath } from '../../shared/api/media'
import { CORE_PORT_MESSAGE, type DesktopBridge } from '../../shared/desktop/bridge'

/** What crosses the port: calls and cancels go out, answers and events come in. */
type Incoming =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer<unknown> }
  | { readonly kind: 'event'; readonly event: EventName; readonly data: unknown }

type Outgoing =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'cancel'; readonly id: number }

/** The core of the desktop app, over a message port that comes anew whenever the core was started again. */
export function portBackend(desktop: DesktopBridge): Backend {
  const waiting = new Map<number, (answer: Answer<never>) => void>()
  const listeners = new Map<EventName, Set<(data: never) => void>>()
  const unsent: Outgoing[] = []
  let port: MessagePort | null = null
  let nextId = 1

  const send = (message: Outgoing): void => {
    if (port) port.postMessage(message)
    else unsent.push(message)
  }

  const receive = (message: Incoming): void => {
    if (message.kind === 'answer') {
      // The core answers from the same schemas: what it sends has the shape that was asked for.
      waiting.get(message.id)?.(message.answer as Answer<never>)
      waiting.delete(message.id)
    } else {
      for (const listener of listeners.get(message.event) ?? []) listener(message.data as never)
    }
  }

  const adopt = (next: MessagePort): void => {
    if (port) failAll()
    port = next
    next.onmessage = (event: MessageEvent<Incoming>) => {
      receive(event.data)
    }
    for (const message of unsent.splice(0)) next.postMessage(message)
  }

  const failAll = (): void => {
    for (const answer of waiting.values()) answer({ ok: false, error: gone })
    waiting.clear()
  }

  addEventListener('message', (event: MessageEvent<unknown>) => {
    const next = event.ports[0]
    if (event.source === window && event.data === CORE_PORT_MESSAGE && next) adopt(next)
  })
  desktop.onCoreStatus(({ state }) => {
    if (state === 'failed') failAll()
  })
  void desktop.connectCore()

  return {
    call(name, input, signal) {
      if (signal?.aborted) return Promise.resolve({ ok: false, error: cancelled })
      return new Promise((resolve) => {
        const id = nextId++
        waiting.set(id, resolve)
        signal?.addEventListener(
          'abort',
          () => {
            if (!waiting.delete(id)) return
            send({ kind: 'cancel', id })
            resolve({ ok: false, error: cancelled })
          },
          { once: true },
        )
        send({ kind: 'call', id, name, input })
      })
    },
    subscribe(event, listener) {
      const all = listeners.get(event) ?? new Set()
      listeners.set(event, all)
      all.add(listener)
      return () => {
        all.delete(listener)
      }
    },
    mediaUrl: (imageId, kind, version) => `image://project/${mediaPath(imageId, kind, version)}`,
  }
}

const gone = {
  code: 'E_BACKEND_GONE',
  message: 'The core of Patchwarden ended and is started again.',
  hint: 'Try again in a moment. Nothing that was stored is lost.',
}
const cancelled = {
  code: 'E_CANCELLED',
  message: 'This was cancelled.',
  hint: 'Ask again if it is needed.',
}
