import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { fromErrorRecord } from '../shared/errors'
import { spawnNodeWorker, type SpawnWorker } from './spawn-worker'
import type { FromWorker, Locations, ToWorker } from './vision-job'
import { writeFileAtomic } from './files/write-file'

export interface SplitRequest {
  readonly locations: Locations
  readonly workerEntry: string
  /** The model that takes most of the time, and its digest. */
  readonly model: string
  readonly sha256: string
  readonly pictures: number
  readonly signal: AbortSignal
  /** What the user insists on. */
  readonly workers?: number
  readonly threads?: number
  readonly spawn?: SpawnWorker
}

/** So many worker processes, each with so many threads a model run. */
export interface Split {
  readonly workers: number
  readonly threads: number
}

/** Starting a worker costs about as much as this many pictures. */
const PICTURES_WORTH_A_WORKER = 8

/**
 * Divides the cores among workers and threads. Which division is fastest depends on the model and on the machine, so a
 * model is measured once (five runs for each number of threads) and the times are kept in the cache folder.
 */
export async function chooseSplit(request: SplitRequest): Promise<Split> {
  const cores = availableParallelism()
  const { workers, threads, pictures } = request
  if (workers !== undefined)
    return { workers, threads: threads ?? Math.max(1, Math.floor(cores / workers)) }
  if (threads !== undefined) return { workers: Math.max(1, Math.floor(cores / threads)), threads }
  const most = Math.max(1, Math.floor(pictures / PICTURES_WORTH_A_WORKER))
  if (cores === 1) return { workers: 1, threads: 1 }
  if (most === 1) return { workers: 1, threads: cores }
  const counts = threadCounts(cores)
  const times = await timesFor(request, counts)
  return times === null ? { workers: 1, threads: cores } : fastest(counts, times, cores, most)
}

/** The division with the most pictures a second; fewer workers where it makes no difference: they cost memory. */
export function fastest(
  threadCounts: readonly number[],
  times: readonly number[],
  cores: number,
  mostWorkers: number,
): Split {
  let best = { workers: 1, threads: 1, rate: 0 }
  for (const [k, threads] of threadCounts.entries()) {
    const workers = Math.min(mostWorkers, Math.max(1, Math.floor(cores / threads)))
    const rate = workers / (times[k] ?? Infinity)
    if (rate > best.rate * 1.05) best = { workers, threads, rate }
  }
  return { workers: best.workers, threads: best.threads }
}

/** All cores, a half, a quarter … one, most threads first. */
function threadCounts(cores: number): number[] {
  const counts = new Set<number>()
  for (let threads = cores; threads >= 1; threads = Math.floor(threads / 2)) counts.add(threads)
  return [...counts]
}

async function timesFor(
  request: SplitRequest,
  counts: readonly number[],
): Promise<readonly number[] | null> {
  const path = join(request.locations.cacheDir, 'model-times.json')
  const key = `${request.sha256} ${cpus()[0]?.model ?? 'unknown'} ${counts.join(',')}`
  const known = await readTimes(path)
  const times = known[key]
  if (times?.length === counts.length) return times
  const measured = await measure(request, counts)
  if (measured === null) return null
  try {
    await writeFileAtomic(path, JSON.stringify({ ...known, [key]: measured }))
  } catch {
    // Without a cache folder the next run measures again: nothing is lost but a second.
  }
  return measured
}

const cachedTimes = z.record(z.string(), z.array(z.number().positive()))

/** Anything unexpected in the cache is measured again. */
async function readTimes(path: string): Promise<z.infer<typeof cachedTimes>> {
  try {
    return cachedTimes.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return {}
  }
}

/**
 * Null where the measuring process died: the run itself will tell why.
 * @throws AppError what is wrong with the model; the reason of the abort
 */
async function measure(
  request: SplitRequest,
  threads: readonly number[],
): Promise<readonly number[] | null> {
  const { signal } = request
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<readonly number[] | null>()
  const spawn = request.spawn ?? spawnNodeWorker
  const worker = spawn(request.workerEntry, {
    message(message) {
      const answer = message as FromWorker // from the worker program of the same build
      if (answer.type === 'measured') resolve(answer.ms)
      if (answer.type === 'refused') reject(fromErrorRecord(answer.error))
    },
    exit() {
      resolve(null)
    },
  })
  const { locations, model } = request
  const question: ToWorker = { type: 'measure', measurement: { locations, model, threads } }
  worker.post(question)
  const abort = (): void => {
    reject(signal.reason as Error) // what abort() was given; ours are errors
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    worker.kill()
  }
}
