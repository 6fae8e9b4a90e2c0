import { AppError, fromErrorRecord } from '../../shared/errors'
import { programFile } from '../program-file'
import { spawnNodeWorker, type SpawnWorker, type WorkerHandle } from '../spawn-worker'
import type { FromStudio, StudioKind, StudioWork, ToStudio } from './messages'

interface Ticket {
  readonly message: ToStudio
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly signal: AbortSignal | undefined
}

interface Slot {
  handle: WorkerHandle | null
  ticket: Ticket | null
  clock: NodeJS.Timeout | null
}

export interface StudioOptions {
  readonly processes: number
  readonly spawn?: SpawnWorker
  /** An order that takes longer is given up, and its process ended. */
  readonly limitMs?: number
}

const LIMIT_MS = 180_000

/**
 * Processes that decode pictures and run models for somebody who waits at a screen. The newest order goes first, because
 * what was asked for before is often scrolled away; one that is aborted before its turn is never begun.
 */
export class Studio {
  readonly #options: StudioOptions
  readonly #slots: Slot[]
  readonly #queue: Ticket[] = []
  #nextId = 1
  #isClosed = false

  constructor(options: StudioOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.processes }, () => ({
      handle: null,
      ticket: null,
      clock: null,
    }))
  }

  /** @throws AppError what is wrong with the picture, model or setting; E_WORKER_DIED; the reason of the abort */
  async ask<K extends StudioKind>(
    kind: K,
    order: StudioWork[K]['order'],
    signal?: AbortSignal,
  ): Promise<StudioWork[K]['answer']> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw closed()
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    // The kind and its order belong together by the signature; the compiler does not follow that through the union.
    const message = { id: this.#nextId++, kind, order } as unknown as ToStudio
    const ticket: Ticket = { message, resolve, reject, signal }
    const abort = (): void => {
      const at = this.#queue.indexOf(ticket)
      if (at >= 0) this.#queue.splice(at, 1)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    this.#queue.push(ticket)
    this.#feed()
    try {
      return (await promise) as StudioWork[K]['answer'] // from the studio program of the same build
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Ends idle processes: models that were opened before are opened anew. Busy ones end after their order. */
  restart(): void {
    for (const slot of this.#slots) {
      if (slot.ticket === null) this.#end(slot)
    }
  }

  close(): void {
    this.#isClosed = true
    for (const ticket of this.#queue.splice(0)) ticket.reject(closed())
    for (const slot of this.#slots) {
      slot.ticket?.reject(closed())
      slot.ticket = null
      this.#end(slot)
    }
  }

  #feed(): void {
    for (const slot of this.#slots) {
      if (slot.ticket !== null) continue
      const ticket = this.#queue.pop()
      if (!ticket) return
      slot.handle ??= this.#start(slot)
      slot.ticket = ticket
      slot.clock = setTimeout(() => {
        slot.handle?.kill()
      }, this.#options.limitMs ?? LIMIT_MS)
      slot.handle.post(ticket.message)
    }
  }

  #start(slot: Slot): WorkerHandle {
    const spawn = this.#options.spawn ?? spawnNodeWorker
    const handle = spawn(programFile('studio'), {
      message: (message) => {
        this.#answered(slot, message as FromStudio) // from the studio program of the same build
      },
      exit: (reason, lastWords) => {
        if (slot.handle !== handle) return
        slot.handle = null
        const { ticket } = slot
        this.#free(slot)
        ticket?.reject(died(reason, lastWords))
        this.#feed()
      },
    })
    return handle
  }

  #answered(slot: Slot, message: FromStudio): void {
    const { ticket } = slot
    if (ticket?.message.id !== message.id) return
    this.#free(slot)
    if ('error' in message) ticket.reject(fromErrorRecord(message.error))
    else ticket.resolve(message.value)
    this.#feed()
  }

  #free(slot: Slot): void {
    if (slot.clock) clearTimeout(slot.clock)
    slot.clock = null
    slot.ticket = null
  }

  #end(slot: Slot): void {
    const { handle } = slot
    this.#free(slot)
    slot.handle = null
    handle?.kill()
  }
}

const died = (reason: string, lastWords: string) =>
  new AppError(
    'E_WORKER_DIED',
    `the process that worked on the picture ${reason}${lastWords ? `: ${lastWords}` : ''}`,
    'A new one is started for the next picture. Try a smaller copy of this one, or more memory.',
  )

const closed = () =>
  new AppError('E_BACKEND_GONE', 'the service is being stopped', 'Start it again.')
