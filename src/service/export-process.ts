import { readdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { programFile } from '../engine/program-file'
import { spawnNodeWorker, type SpawnWorker } from '../engine/spawn-worker'
import type { Loss } from '../shared/dataset'
import { AppError, type ErrorRecord, fromErrorRecord } from '../shared/errors'
import type { ExportRequest, ExportSteps, ExportSummary } from './export-job'
import type { JobControl } from './jobs'

export interface ToExporter {
  readonly folder: string
  readonly request: ExportRequest
}

export type FromExporter =
  | { readonly type: 'losses'; readonly losses: readonly Loss[] }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'done'; readonly summary: ExportSummary }
  | { readonly type: 'failed'; readonly error: ErrorRecord }

/**
 * `exportNow` in a process of its own, so that it can be cancelled at any moment: a cancelled export leaves nothing.
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
  const order: ToExporter = { folder, request: { ...request, out: resolve(request.out) } }
  worker.post(order)
  try {
    return await promise
  } finally {
    control.signal.removeEventListener('abort', cancel)
    worker.kill()
    await exited.promise
    if (worker.pid !== undefined) removeUnfinished(request.out, worker.pid)
  }
}

/** What a process that was ended has left beside its target. */
function removeUnfinished(out: string, pid: number): void {
  for (const folder of new Set([resolve(out), dirname(resolve(out))])) {
    try {
      for (const name of readdirSync(folder)) {
        if (!name.startsWith(`.patchwarden-export-${pid}-`)) continue
        rmSync(join(folder, name), { recursive: true, force: true })
      }
    } catch {
      // A folder that is not there holds nothing.
    }
  }
}

const exporterDied = (reason: string, lastWords: string) =>
  new AppError(
    'E_WORKER_DIED',
    `the process that wrote the export ${reason}${lastWords ? `: ${lastWords}` : ''}`,
    'Nothing was written. Try again, with a filter if memory is short.',
  )
