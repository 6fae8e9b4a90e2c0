import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, fromErrorRecord, type ErrorRecord } from '../shared/errors'
import { spawnNodeWorker, type SpawnWorker, type WorkerHandle } from './spawn-worker'
import {
  type FromWorker,
  picturesOf,
  type ToWorker,
  type VisionItem,
  type VisionJob,
  type VisionResult,
  type WorkerReady,
} from './vision-job'
import { removeTemporariesOf } from './files/write-file'
import type { PictureProgress } from './picture-progress'

export interface PoolOptions {
  /** Path of the built worker program. */
  readonly workerEntry: string
  readonly workers: number
  readonly signal: AbortSignal
  readonly spawn?: SpawnWorker
  /** A worker that says nothing for so long is ended. Model runs block its heartbeat, so this is generous. */
  readonly silenceMs?: number
  onReady?(ready: WorkerReady): void
  /** Of a picture that takes long, now and then. */
  onProgress?(index: number, progress: PictureProgress): void
  onDone(result: VisionResult): void
  onFailed(index: number, error: ErrorRecord): void
}

const DEATHS_ALLOWED = 2
/** One picture is decoded while the one before it is in the model. */
const ITEMS_IN_FLIGHT = 2
const HEARTBEAT_SILENCE_MS = 120_000
/** A cancelled worker may finish writing a picture; one that is in the middle of a model run is not waited for. */
const END_GRACE_MS = 600

/**
 * Runs a job over pictures in worker processes. Each picture is answered once, by `onDone` or `onFailed`, in whatever
 * order they finish. A worker that dies is replaced; a picture in whose company two workers died is set aside with
 * E_WORKER_DIED and the rest goes on. Resolves when all are answered; rejects when the job cannot start
 * (a model is missing, say) and with the abort reason when cancelled: pictures answered until then stay answered.
 */
export async function runVisionJob(
  job: VisionJob,
  items: Iterable<VisionItem>,
  options: PoolOptions,
): Promise<void> {
  options.signal.throwIfAborted()
  const pool = new VisionPool(job, items, options)
  await pool.run()
}

interface Slot {
  readonly handle: WorkerHandle
  readonly exited: PromiseWithResolvers<undefined>
  ready: boolean
  readonly inFlight: Map<number, VisionItem>
  lastHeard: number
}

class VisionPool {
  readonly #job: VisionJob
  readonly #queue: Iterator<VisionItem>
  readonly #options: PoolOptions
  /** Pictures that were in flight when a worker died. They go first, each alone, so that blame is exact. */
  readonly #suspects: VisionItem[] = []
  readonly #deaths = new Map<number, number>()
  readonly #slots = new Set<Slot>()
  readonly #finished = Promise.withResolvers<undefined>()
  #exhausted = false
  #settled = false
  #announced = false

  constructor(job: VisionJob, items: Iterable<VisionItem>, options: PoolOptions) {
    this.#job = job
    this.#queue = items[Symbol.iterator]()
    this.#options = options
  }

  async run(): Promise<void> {
    const { signal, workers, silenceMs = HEARTBEAT_SILENCE_MS } = this.#options
    const abort = (): void => {
      this.#settle(() => {
        this.#finished.reject(signal.reason as Error) // what abort() was given; ours are errors
      })
    }
    signal.addEventListener('abort', abort, { once: true })
    const watch = setInterval(
      () => {
        const now = performance.now()
        for (const slot of this.#slots) {
          const isAsked = !slot.ready || slot.inFlight.size > 0
          if (isAsked && now - slot.lastHeard > silenceMs) slot.handle.kill()
        }
      },
      Math.min(1_000, silenceMs / 2),
    )
    for (let k = 0; k < workers; k++) this.#startWorker()
    try {
      await this.#finished.promise
    } finally {
      clearInterval(watch)
      signal.removeEventListener('abort', abort)
      await Promise.all([...this.#slots].map(endWorker))
    }
  }

  #startWorker(): void {
    const spawn = this.#options.spawn ?? spawnNodeWorker
    const slot: Slot = {
      handle: spawn(this.#options.workerEntry, {
        message: (message) => {
          // Our own worker program wrote it: the shape is known.
          this.#heard(slot, message as FromWorker)
        },
        exit: (reason, lastWords) => {
          slot.exited.resolve(undefined)
          this.#died(slot, reason, lastWords)
        },
      }),
      exited: Promise.withResolvers<undefined>(),
      ready: false,
      inFlight: new Map(),
      lastHeard: performance.now(),
    }
    this.#slots.add(slot)
    this.#post(slot, { type: 'open', job: this.#job })
  }

  #post(slot: Slot, message: ToWorker): void {
    slot.handle.post(message)
  }

  #heard(slot: Slot, message: FromWorker): void {
    if (this.#settled) return
    slot.lastHeard = performance.now()
    switch (message.type) {
      case 'alive':
      case 'measured':
        return
      case 'ready':
        slot.ready = true
        if (!this.#announced) this.#options.onReady?.(message.ready)
        this.#announced = true
        break
      case 'refused':
        this.#settle(() => {
          this.#finished.reject(fromErrorRecord(message.error))
        })
        return
      case 'progress':
        this.#options.onProgress?.(message.index, message.progress)
        return
      case 'done':
        slot.inFlight.delete(message.result.index)
        this.#options.onDone(message.result)
        break
      case 'failed':
        slot.inFlight.delete(message.index)
        this.#options.onFailed(message.index, message.error)
        break
    }
    this.#feed()
  }

  #died(slot: Slot, reason: string, lastWords: string): void {
    this.#slots.delete(slot)
    removeTemporaries(slot)
    if (this.#settled) return
    if (!slot.ready) {
      const detail = lastWords ? `: ${lastWords}` : ''
      this.#settle(() => {
        this.#finished.reject(
          new AppError(
            'E_WORKER_START',
            `a vision worker could not start, it ${reason}${detail}`,
            'Try one worker (--workers 1); if it fails again, the model or this installation is at fault.',
          ),
        )
      })
      return
    }
    for (const item of slot.inFlight.values()) {
      const deaths = (this.#deaths.get(item.index) ?? 0) + 1
      this.#deaths.set(item.index, deaths)
      if (deaths < DEATHS_ALLOWED) {
        this.#suspects.push(item)
      } else {
        this.#options.onFailed(item.index, {
          code: 'E_WORKER_DIED',
          message: `${deaths} workers died on this picture, the last one ${reason}`,
          hint: 'The rest went on without it. Try a smaller copy of the picture, or more memory.',
        })
      }
    }
    this.#startWorker()
    this.#feed()
  }

  #feed(): void {
    for (const slot of this.#slots) {
      while (slot.ready && this.#hasRoom(slot)) {
        const item = this.#next(slot)
        if (!item) break
        // Silence counts from the question on: a worker that had nothing to do had nothing to say.
        if (slot.inFlight.size === 0) slot.lastHeard = performance.now()
        slot.inFlight.set(item.index, item)
        this.#post(slot, { type: 'item', item })
      }
    }
    const idle = [...this.#slots].every((slot) => slot.inFlight.size === 0)
    const anyReady = [...this.#slots].some((slot) => slot.ready)
    if (this.#exhausted && this.#suspects.length === 0 && idle && anyReady) {
      this.#settle(() => {
        this.#finished.resolve(undefined)
      })
    }
  }

  #hasRoom(slot: Slot): boolean {
    const holdsSuspect = [...slot.inFlight.keys()].some((index) => this.#deaths.has(index))
    return !holdsSuspect && slot.inFlight.size < ITEMS_IN_FLIGHT
  }

  #next(slot: Slot): VisionItem | undefined {
    if (this.#suspects.length > 0) {
      return slot.inFlight.size === 0 ? this.#suspects.shift() : undefined
    }
    if (this.#exhausted) return undefined
    const next = this.#queue.next()
    if (next.done === true) {
      this.#exhausted = true
      return undefined
    }
    return next.value
  }

  #settle(act: () => void): void {
    if (this.#settled) return
    this.#settled = true
    act()
  }
}

/** Leaves no process and no half-written picture behind. */
async function endWorker(slot: Slot): Promise<void> {
  const { handle, exited, inFlight } = slot
  if (inFlight.size > 0) {
    const end: ToWorker = { type: 'end' }
    handle.post(end)
    await Promise.race([exited.promise, sleep(END_GRACE_MS, undefined, { ref: false })])
  }
  handle.kill()
  await Promise.race([exited.promise, sleep(END_GRACE_MS, undefined, { ref: false })])
}

function removeTemporaries({ handle, inFlight }: Slot): void {
  if (handle.pid === undefined) return
  const written = [...inFlight.values()].flatMap((item) => picturesOf(item))
  removeTemporariesOf(
    handle.pid,
    written.map((path) => dirname(path)),
  )
}
