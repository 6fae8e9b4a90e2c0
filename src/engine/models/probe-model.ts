import { readFile } from 'node:fs/promises'
import { fromErrorRecord, type ErrorRecord } from '../../shared/errors'
import type { Outputs } from '../../shared/plugin/output-family'
import { modelRunFailed } from './model-errors'
import { programFile } from '../program-file'
import { spawnNodeWorker } from '../spawn-worker'

/** One input of a run: a black picture, or all entries the same. */
export interface ProbeFeed {
  readonly name: string
  readonly type: 'float32' | 'uint8'
  readonly dims: readonly number[]
  /** 0 unless said otherwise. */
  readonly value?: number
}

/** One run of one model. */
export interface ProbeQuestion {
  readonly path: string
  /** Name of the model in messages. */
  readonly label: string
  readonly threads: number
  readonly feeds: readonly ProbeFeed[]
}

export type ProbeAnswer =
  | { readonly ok: true; readonly ms: number; readonly outputs: Outputs }
  | { readonly ok: false; readonly error: ErrorRecord }

const TIME_LIMIT_MS = 60_000
const MEMORY_LIMIT_BYTES = 6 * 2 ** 30
const WATCH_EVERY_MS = 200

/**
 * Runs a model that nobody has vouched for once, in a process of its own with a limit on time and memory: one that
 * hangs, crashes or eats the machine's memory ends there.
 * @throws AppError E_MODEL_RUN and what loading or running it throws
 */
export async function probeModel(
  question: ProbeQuestion,
): Promise<{ ms: number; outputs: Outputs }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ ms: number; outputs: Outputs }>()
  const refuse = (reason: string): void => {
    reject(modelRunFailed(question.label, reason, undefined))
  }
  const process = spawnNodeWorker(programFile('probe'), {
    message(message) {
      const answer = message as ProbeAnswer // from the probe program of the same build
      if (answer.ok) resolve(answer)
      else reject(fromErrorRecord(answer.error))
    },
    exit(reason, lastWords) {
      refuse(`its process ${reason}${lastWords ? `: ${lastWords}` : ''}`)
    },
  })
  const clock = setTimeout(() => {
    refuse(`it did not answer within ${TIME_LIMIT_MS / 1_000} seconds`)
  }, TIME_LIMIT_MS)
  const watch = setInterval(() => {
    void residentBytes(process.pid).then((bytes) => {
      if (bytes > MEMORY_LIMIT_BYTES)
        refuse(`it took more than ${MEMORY_LIMIT_BYTES / 2 ** 30} GiB of memory`)
    })
  }, WATCH_EVERY_MS)
  process.post(question)
  try {
    return await promise
  } finally {
    clearTimeout(clock)
    clearInterval(watch)
    process.kill()
  }
}

/** Resident memory where the system tells (Linux), else 0: there the limit does not hold. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
