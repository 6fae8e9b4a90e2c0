import type { EventData, EventName } from '../shared/api'

type Listener = (data: never) => void

/** Who wants to hear of what happens. A listener that throws keeps nobody else from hearing. */
export class EventHub {
  readonly #listeners = new Map<EventName, Set<Listener>>()

  /** Answers the function that ends the subscription. */
  subscribe<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  emit<E extends EventName>(event: E, data: EventData<E>): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        // Listeners are kept by the event that they were given for.
        ;(listener as (data: EventData<E>) => void)(data)
      } catch {
        // A carrier whose other end has gone away ends its subscription itself.
      }
    }
  }
}
