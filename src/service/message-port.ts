import type { Service } from './create-service'
import { eventNames } from './events'

/** The end of a message port that we hold, of Electron's or Node's kind. */
export interface CarrierPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start?(): void
}

const MOST_CALLS = 500

/**
 * Serves one page over a port: `{ kind: 'call', id, name, input }` and `{ kind: 'cancel', id }` come,
 * `{ kind: 'answer', id, answer }` and `{ kind: 'event', event, data }` go. Anything else is dropped. Answers the function
 * that ends it, which a closed port calls by itself.
 */
export function serveOverPort(
  service: Pick<Service, 'answer' | 'subscribe'>,
  port: CarrierPort,
): () => void {
  const calls = new Map<number, AbortController>()
  const stops = eventNames.map((event) =>
    service.subscribe(event, (data) => {
      port.postMessage({ kind: 'event', event, data })
    }),
  )
  const answer = async (id: number, name: string, input: unknown): Promise<void> => {
    const controller = new AbortController()
    calls.set(id, controller)
    const answered = await service.answer(name, input, controller.signal)
    if (calls.delete(id)) port.postMessage({ kind: 'answer', id, answer: answered })
  }
  port.on('message', (received) => {
    const message = messageOf(received)
    if (message === null) return
    if (message.kind === 'cancel') {
      calls.get(message.id)?.abort()
      calls.delete(message.id)
    } else if (calls.has(message.id) || calls.size >= MOST_CALLS) {
      port.postMessage({ kind: 'answer', id: message.id, answer: { ok: false, error: tooMany } })
    } else void answer(message.id, message.name, message.input)
  })
  const end = (): void => {
    for (const stop of stops) stop()
    for (const controller of calls.values()) controller.abort()
    calls.clear()
  }
  port.on('close', end)
  port.start?.()
  return end
}

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'cancel'; readonly id: number }

/** Electron wraps what was sent in an event; null for what is no message of ours. */
function messageOf(received: unknown): Message | null {
  const given = isRecord(received) && 'data' in received ? received['data'] : received
  if (!isRecord(given)) return null
  const { kind, id, name, input } = given
  if (!Number.isSafeInteger(id)) return null
  if (kind === 'cancel') return { kind, id: id as number } // a safe integer, as was just seen
  if (kind === 'call' && typeof name === 'string') return { kind, id: id as number, name, input } // as above
  return null
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

const tooMany = {
  code: 'E_TOO_MANY_CALLS',
  message: 'Too many questions are open.',
  hint: 'Wait for their answers.',
}
