import { events, type EventData, type EventName } from '../shared/api'

export const eventNames = Object.keys(events) as EventName[] // keys of a constant of ours

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

  /** Tells another hub of everything. Answers the function that ends it. */
  relayTo(other: EventHub): () => void {
    const relay = <E extends EventName>(event: E) =>
      this.subscribe(event, (data) => {
        other.emit(event, data)
      })
    const stops = eventNames.map((event) => relay(event))
    return () => {
      for (const stop of stops) stop()
    }
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
