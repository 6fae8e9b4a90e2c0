import { statSync } from 'node:fs'
import type { ErrorRecord } from '../shared/errors'
import { Journal, sameFile, type FileState } from './journal'
import type { VisionItem, VisionJob, VisionResult, WorkerReady } from './vision-job'
import { runVisionJob } from './vision-pool'
import type { SpawnWorker } from './spawn-worker'

/** A picture of a run: where it is, and where its pictures go. */
export type RunFile = Omit<VisionItem, 'index'>

export interface VisionRunOptions {
  readonly job: VisionJob
  readonly files: readonly RunFile[]
  readonly workers: number
  readonly workerEntry: string
  readonly signal: AbortSignal
  readonly spawn?: SpawnWorker
  /** Where finished pictures are noted, so that a cut-off run can go on; none for runs that need no resuming. */
  readonly journal?: { readonly path: string; readonly runKey: string; readonly resume: boolean }
  onProgress?(done: number, failed: number): void
  onFailed?(file: RunFile, error: ErrorRecord): void
}

export interface VisionRunOutcome {
  readonly ready: WorkerReady | null
  /** By position in `files`; undefined where the picture failed or the run was cancelled before it. */
  readonly results: readonly (VisionResult | undefined)[]
  readonly failed: number
  /** Taken over from an earlier attempt. */
  readonly resumed: number
  readonly interrupted: boolean
}

/**
 * Runs a job over files. Results come back in the order of the files, whatever the number of workers. A cancelled run
 * returns what is done and leaves its journal; a finished one leaves the journal to the caller, who removes it once the
 * results are safe.
 */
export async function runVision(
  options: VisionRunOptions,
): Promise<VisionRunOutcome & { journal: Journal | null }> {
  const { files, signal } = options
  const results = new Array<VisionResult | undefined>(files.length)
  const states = new Array<FileState | undefined>(files.length)
  const journal = options.journal ? new Journal(options.journal.path, options.journal.runKey) : null
  let resumed = 0
  if (journal) {
    const earlier = options.journal?.resume ? journal.read() : new Map<string, never>()
    const kept = []
    for (const [index, file] of files.entries()) {
      const state = stateOf(file)
      states[index] = state
      const entry = earlier.get(file.path)
      if (state && entry && sameFile(entry, state)) {
        results[index] = { ...entry.result, index }
        kept.push(entry)
        resumed++
      }
    }
    journal.begin(kept)
  }

  let ready: WorkerReady | null = null
  let done = resumed
  let failed = 0
  let interrupted = false
  const pending = function* (): Generator<VisionItem> {
    for (const [index, file] of files.entries()) if (!results[index]) yield { ...file, index }
  }
  const step = (): void => options.onProgress?.(done, failed)
  step()
  try {
    await runVisionJob(options.job, pending(), {
      workerEntry: options.workerEntry,
      workers: Math.max(1, Math.min(options.workers, files.length - resumed)),
      signal,
      ...(options.spawn ? { spawn: options.spawn } : {}),
      onReady: (found) => (ready = found),
      onDone(result) {
        results[result.index] = result
        const state = states[result.index]
        if (journal && state) journal.add(state, result)
        done++
        step()
      },
      onFailed(index, error) {
        failed++
        const file = files[index]
        if (file) options.onFailed?.(file, error)
        step()
      },
    })
  } catch (error) {
    if (!signal.aborted) {
      journal?.close()
      throw error
    }
    interrupted = true
  }
  journal?.close()
  return { ready, results, failed, resumed, interrupted, journal }
}

function stateOf({ path, source }: RunFile): FileState | undefined {
  const target = typeof source === 'string' ? source : Buffer.from(source)
  const stats = statSync(target, { throwIfNoEntry: false })
  return stats && { path, size: stats.size, mtimeMs: stats.mtimeMs }
}
