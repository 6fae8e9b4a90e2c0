import { fromErrorRecord } from '../../shared/errors'
import {
  imageCorrupt,
  imageTimeout,
  imageTooLarge,
  type ImageWarning,
} from '../../shared/image-errors'
import { defaultMaxPixels } from '../images/decode-image'
import type { SpawnWorker, WorkerHandle } from '../spawn-worker'
import type { VerifyPicture } from './check-picture'
import type { FromVerifier, VerifyLimits } from './verify-messages'

export interface VerifierOptions {
  /** The built file of verify-worker.ts. */
  readonly entry: string
  readonly spawn: SpawnWorker
  /** Processes. Default 1. */
  readonly workers?: number
  /** Default 10 s, 1 GiB and 120 million pixels. */
  readonly limits?: Partial<VerifyLimits>
}

export interface Verifier {
  readonly verify: VerifyPicture
  /** Ends the processes: for when no answer is waited for any more. */
  close(): void
}

type Answer = Exclude<FromVerifier, { type: 'ready' }>

interface Task {
  readonly bytes: Uint8Array
  readonly name: string
  readonly resolve: (warnings: readonly ImageWarning[]) => void
  readonly reject: (error: Error) => void
}

/** What a process gets beyond the decoder's own limit before it is taken for stuck. */
const graceSeconds = 2

/** Decodes pictures in processes of their own: one that hangs, swells or crashes costs that picture and nothing else. */
export function startVerifier(options: VerifierOptions): Verifier {
  const limits: VerifyLimits = {
    seconds: 10,
    memoryBytes: 2 ** 30,
    maxPixels: defaultMaxPixels,
    ...options.limits,
  }
  const waiting: Task[] = []
  const idle = Array.from({ length: options.workers ?? 1 }, () => new Lane(options, limits))
  const lanes = [...idle]
  const next = () => {
    const [task] = waiting
    const lane = task && idle.pop()
    if (!task || !lane) return
    waiting.shift()
    lane.run(task, () => {
      idle.push(lane)
      next()
    })
  }
  return {
    verify: (bytes, name) =>
      new Promise((resolve, reject) => {
        waiting.push({ bytes, name, resolve, reject })
        next()
      }),
    close() {
      for (const lane of lanes) lane.close()
    },
  }
}

/** One process at a time, one picture at a time. */
class Lane {
  readonly #options: VerifierOptions
  readonly #limits: VerifyLimits
  #worker: WorkerHandle | undefined
  #settle: ((answer: Answer | Error) => void) | undefined
  /** Of the picture that is being decoded. */
  #name = ''

  constructor(options: VerifierOptions, limits: VerifyLimits) {
    this.#options = options
    this.#limits = limits
  }

  run(task: Task, done: () => void): void {
    const { name } = task
    const { seconds, memoryBytes } = this.#limits
    const timer = setTimeout(
      () => {
        this.#give(imageTimeout(name, seconds))
        this.close()
      },
      1_000 * (seconds + graceSeconds),
    )
    this.#settle = (answer) => {
      clearTimeout(timer)
      this.#settle = undefined
      if (answer instanceof Error) task.reject(answer)
      else if (answer.type === 'sound') task.resolve(answer.warnings)
      else if (answer.type === 'fault') task.reject(fromErrorRecord(answer.error))
      else {
        const limit = `${Math.round(memoryBytes / 2 ** 20)} MiB`
        task.reject(imageTooLarge(name, 'decoding it takes too much memory', limit))
        this.close()
      }
      done()
    }
    const worker = (this.#worker ??= this.#spawn())
    worker.post({ bytes: task.bytes, name, limits: this.#limits })
    this.#name = name
  }

  close(): void {
    this.#worker?.kill()
    this.#worker = undefined
  }

  #give(answer: Answer | Error): void {
    this.#settle?.(answer)
  }

  #spawn(): WorkerHandle {
    let isReady = false
    const worker: WorkerHandle = this.#options.spawn(this.#options.entry, {
      message: (message) => {
        const answer = message as FromVerifier // sent by verify-worker.ts of the same build
        if (answer.type === 'ready') isReady = true
        else if (this.#worker === worker) this.#give(answer)
      },
      exit: (reason, lastWords) => {
        if (this.#worker !== worker) return
        this.#worker = undefined
        // A process that never started is no fault of the picture.
        this.#give(
          isReady
            ? imageCorrupt(this.#name, `the process that decoded it ${reason}`)
            : new Error(`the process that decodes pictures ${reason}: ${lastWords}`),
        )
      },
    })
    return worker
  }
}
