import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { finishExchange, leftoversIn } from '../engine/export/export-target'
import { errorCode } from '../engine/files/read-file'
import { programFile } from '../engine/program-file'
import { spawnNodeWorker, type SpawnWorker } from '../engine/spawn-worker'
import type { Loss } from '../shared/dataset'
import { AppError, type ErrorRecord, fromErrorRecord } from '../shared/errors'
import type { ExportRequest, ExportSteps, ExportSummary } from './export-job'
import type { JobControl } from './jobs'
import { keepPauseFile, pauseFileOf } from './pause-file'

export interface ToExporter {
  readonly folder: string
  /** While it is there, nothing is written. */
  readonly pauseFile: string
  readonly request: ExportRequest
}

export type FromExporter =
  | { readonly type: 'losses'; readonly losses: readonly Loss[] }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly summary: ExportSummary }
  | { readonly type: 'failed'; readonly error: ErrorRecord }

/**
 * `exportNow` in a process of its own, so that it can be cancelled at any moment: a cancelled export leaves nothing. It pauses
 * at the next picture. What an export has left that died with its program is removed, or put back: see `clearUp`.
 * @throws as `exportNow`; AppError E_WORKER_DIED; the reason of a cancel
 */
export async function exportAside(
  folder: string,
  request: ExportRequest & { readonly out: string },
  steps: Pick<ExportSteps, 'onLosses'>,
  control: JobControl,
  spawn: SpawnWorker = spawnNodeWorker,
): Promise<ExportSummary> {
  await control.checkpoint()
  clearUp(request.out) // before there is a process that a fault would leave behind
  const { promise, resolve: finish, reject } = Promise.withResolvers<ExportSummary>()
  const exited = Promise.withResolvers<undefined>()
  const worker = spawn(programFile('export'), {
    message(message) {
      const told = message as FromExporter // from the export program of the same build
      if (told.type === 'losses') steps.onLosses(told.losses)
      else if (told.type === 'progress') control.report(told)
      else if (told.type === 'failed') reject(fromErrorRecord(told.error))
      else finish(told.summary)
    },
    exit(reason, lastWords) {
      exited.resolve(undefined)
      reject(exporterDied(reason, lastWords))
    },
  })
  const cancel = (): void => {
    reject(control.signal.reason as Error) // what abort() was given; ours are errors
  }
  control.signal.addEventListener('abort', cancel, { once: true })
  const pauseFile = pauseFileOf(folder, control.jobId)
  const over = new AbortController()
  const pausing = keepPauseFile(pauseFile, control, over.signal)
  pausing.catch(reject)
  const order: ToExporter = {
    ...{ folder, pauseFile },
    request: { ...request, out: resolve(request.out) },
  }
  worker.post(order)
  try {
    return await promise
  } finally {
    over.abort()
    await pausing.catch(() => undefined) // told above
    control.signal.removeEventListener('abort', cancel)
    worker.kill()
    await exited.promise
    if (worker.pid !== undefined) removeUnfinished(request.out, worker.pid)
  }
}

/** What a process that was ended has left beside its target. */
function removeUnfinished(out: string, pid: number): void {
  removeBeside(out, (own) => own === pid)
}

/**
 * Removes what exports have left beside a target whose processes nobody cleared up after. Where one was killed just when it put
 * the new folder in the place of the old one, that is finished or taken back. Answers whether the old one came back.
 * @throws AppError E_WRITE_…
 */
export function clearUp(out: string): boolean {
  const isOver = (pid: number): boolean => !isAlive(pid)
  const isBack = finishExchange(out, isOver) === 'put back'
  removeBeside(out, isOver)
  return isBack
}

function removeBeside(out: string, isOver: (pid: number) => boolean): void {
  for (const folder of new Set([resolve(out), dirname(resolve(out))])) {
    try {
      for (const { path, pid, kind } of leftoversIn(folder, out)) {
        // What was there before is not removed here.
        if (kind === 'new' && isOver(pid)) rmSync(path, { recursive: true, force: true })
      }
    } catch {
      // A folder that is not there holds nothing.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH' // somebody else's process is there, and none of ours
  }
}

const exporterDied = (reason: string, lastWords: string) =>
  new AppError(
    'E_WORKER_DIED',
    `the process that wrote the export ${reason}${lastWords ? `: ${lastWords}` : ''}`,
    'Nothing was written. Try again, with a filter if memory is short.',
  )
