import { programFile } from '../../engine/program-file'
import type { SpawnWorker, WorkerHandle } from '../../engine/spawn-worker'
import { AppError, fromErrorRecord } from '../../shared/errors'
import type { FromReader, ReaderInput, ReaderOutput, ReaderProcedure, ToReader } from './messages'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A process that reads the project and computes results of it, so that nothing else waits meanwhile. */
export class Reader {
  readonly #folder: string
  readonly #spawn: SpawnWorker
  readonly #waiting = new Map<number, Waiting>()
  #handle: WorkerHandle | null = null
  #nextId = 1
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(folder: string, spawn: SpawnWorker) {
    this.#folder = folder
    this.#spawn = spawn
  }

  /** One after the other. @throws AppError what the procedure throws, E_WORKER_DIED; the reason of the abort */
  async ask<N extends ReaderProcedure>(
    name: N,
    input: ReaderInput<N>,
    signal?: AbortSignal,
  ): Promise<ReaderOutput<N>> {
    const turn = this.#turn.then(async () => {
      signal?.throwIfAborted()
      if (this.#isClosed) throw readerClosed()
      return this.#post(name, input, signal)
    })
    this.#turn = turn.catch(() => undefined)
    return (await turn) as ReaderOutput<N> // from the reader program of the same build
  }

  /** Whoever still waits for a turn gets none: no process is started any more. */
  close(): void {
    this.#isClosed = true
    this.#end(readerClosed())
  }

  async #post(name: ReaderProcedure, input: unknown, signal?: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = this.#nextId++
    this.#waiting.set(id, { resolve, reject })
    const message: ToReader = { id, folder: this.#folder, name, input }
    // It hears nothing while it computes: who has no use for the answer any more ends it.
    const abort = (): void => {
      this.#end(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    try {
      this.#handle ??= this.#start()
      this.#handle.post(message)
      return await promise
    } finally {
      signal?.removeEventListener('abort', abort)
      this.#waiting.delete(id)
    }
  }

  #start(): WorkerHandle {
    const handle = this.#spawn(programFile('reader'), {
      message: (message) => {
        const told = message as FromReader // from the reader program of the same build
        const waiting = this.#waiting.get(told.id)
        if ('error' in told) waiting?.reject(fromErrorRecord(told.error))
        else waiting?.resolve(told.value)
      },
      exit: (reason, lastWords) => {
        if (this.#handle === handle) this.#end(readerDied(reason, lastWords))
      },
    })
    return handle
  }

  #end(reason: unknown): void {
    const handle = this.#handle
    this.#handle = null
    for (const { reject } of this.#waiting.values()) reject(reason)
    handle?.kill()
  }
}

const readerClosed = () =>
  new AppError('E_BACKEND_GONE', 'the service is being stopped', 'Start it again.')

const readerDied = (reason: string, lastWords: string) =>
  new AppError(
    'E_WORKER_DIED',
    `the process that computed the results ${reason}${lastWords ? `: ${lastWords}` : ''}`,
    'Try again, with fewer pictures if memory is short.',
  )
