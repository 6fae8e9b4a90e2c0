import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { AppError, type ErrorRecord } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import { type Entry, type FileState, Journal, type PartialEntry, sameFile } from './journal'
import type { PartialCertificates, PictureProgress } from './picture-progress'
import type { SpawnWorker } from './spawn-worker'
import {
  picturesOf,
  type VisionItem,
  type VisionJob,
  type VisionResult,
  type WorkerReady,
} from './vision-job'
import { runVisionJob } from './vision-pool'

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
  /** Of a picture that takes long, now and then. */
  onPicture?(file: RunFile, progress: PictureProgress): void
  onDone?(file: RunFile, result: VisionResult): void
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
 * results are safe. Where the journal cannot be written any more the run ends, and what is in it stays.
 * @throws AppError E_RESUME_OTHER_RUN, E_DISK_FULL and the like, and what keeps the job from starting
 */
export async function runVision(
  options: VisionRunOptions,
): Promise<VisionRunOutcome & { journal: Journal | null }> {
  const { files, signal } = options
  const notes = options.journal ? openNotes(files, options.journal) : null
  const results = notes?.results ?? emptyResults(files)
  const resumed = notes?.resumed ?? 0
  let ready: WorkerReady | null = null
  let done = resumed
  let failed = 0
  const pending = function* (): Generator<VisionItem> {
    for (const [index, file] of files.entries()) {
      const partial = notes?.partials[index]
      if (!results[index]) yield { ...file, index, ...(partial ? { partial } : {}) }
    }
  }
  const step = (): void => options.onProgress?.(done, failed)
  const noting = new AbortController()
  const noted = (note: () => void): void => {
    try {
      note()
    } catch (error) {
      noting.abort(error)
    }
  }
  step()
  try {
    await runVisionJob(options.job, pending(), {
      workerEntry: options.workerEntry,
      workers: Math.max(1, Math.min(options.workers, files.length - resumed)),
      signal: AbortSignal.any([signal, noting.signal]),
      ...(options.spawn ? { spawn: options.spawn } : {}),
      onReady: (found) => (ready = found),
      onProgress(index, progress) {
        const file = files[index]
        if (file) options.onPicture?.(file, progress)
        const { partial } = progress
        if (partial) noted(() => notes?.addPartial(index, partial))
      },
      onDone(result) {
        results[result.index] = result
        noted(() => notes?.add(result))
        const file = files[result.index]
        if (file) options.onDone?.(file, result)
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
    if (noting.signal.aborted || !signal.aborted) throw notes ? notes.closeAfter(error) : error
  }
  notes?.journal.close()
  const interrupted = signal.aborted && done + failed < files.length
  return { ready, results, failed, resumed, interrupted, journal: notes?.journal ?? null }
}

interface Notes {
  readonly journal: Journal
  readonly results: (VisionResult | undefined)[]
  readonly resumed: number
  /** By position: where a picture was cut off. */
  readonly partials: readonly (PartialCertificates | undefined)[]
  add(result: VisionResult): void
  addPartial(index: number, partial: PartialCertificates): void
  /** The fault that ended the run, with what it means for the results so far. */
  closeAfter(error: unknown): unknown
}

/** Opens the journal of a run and takes over what an earlier attempt has done to files that are still the same. */
function openNotes(
  files: readonly RunFile[],
  { path, runKey, resume }: NonNullable<VisionRunOptions['journal']>,
): Notes {
  const journal = new Journal(path, runKey)
  const earlier = resume ? journal.read() : null
  if (earlier?.run === 'other') throw otherRun(path)
  const results = emptyResults(files)
  const states = files.map(stateOf)
  const partials = files.map((): PartialCertificates | undefined => undefined)
  const kept: Entry[] = []
  const cut: PartialEntry[] = []
  for (const [index, file] of files.entries()) {
    const state = states[index]
    const entry = state && earlier?.entries.get(state.path)
    const begun = state && earlier?.partials.get(state.path)
    if (!entry && begun && sameFile(begun, state)) {
      partials[index] = begun.partial
      cut.push(begun)
    }
    if (!entry || !sameFile(entry, state) || !hasPictures(file, entry)) continue
    results[index] = { ...entry.result, index }
    kept.push(entry)
  }
  journal.begin(kept, cut)
  return {
    journal,
    results,
    partials,
    resumed: kept.length,
    add(result) {
      const [file, state] = [files[result.index], states[result.index]]
      if (file && state) journal.add({ ...state, written: absolutePictures(file), result })
    },
    addPartial(index, partial) {
      const state = states[index]
      if (state) journal.addPartial({ ...state, partial })
    },
    closeAfter(error) {
      journal.close()
      if (journal.isEmpty) journal.remove()
      if (journal.isEmpty || !(error instanceof AppError)) return error
      return new AppError(
        error.code,
        error.message,
        `${error.hint} ${journal.entries} photographs are done: the same command with --resume goes on from there.`,
        { cause: error },
      )
    },
  }
}

function stateOf({ source }: RunFile): FileState | undefined {
  const target = typeof source === 'string' ? source : Buffer.from(source)
  const path = typeof target === 'string' ? resolve(target) : `bytes:${target.toString('latin1')}`
  try {
    const { size, mtimeMs } = statSync(target)
    return { path, size, mtimeMs }
  } catch {
    return undefined // whoever opens it says why
  }
}

/** Whether all pictures that are wanted of a file were written for it, and are still there. */
function hasPictures(file: RunFile, { written }: Entry): boolean {
  return absolutePictures(file).every((path) => written.includes(path) && existsSync(path))
}

const absolutePictures = (file: RunFile): string[] => picturesOf(file).map((path) => resolve(path))

function otherRun(path: string): AppError {
  return new AppError(
    'E_RESUME_OTHER_RUN',
    `${showPath(path)} was left by a run with another detector, defense, setting or version`,
    'Give the command of that run to go on with it, or leave out --resume to begin anew.',
  )
}

const emptyResults = (files: readonly RunFile[]) =>
  new Array<VisionResult | undefined>(files.length).fill(undefined)
