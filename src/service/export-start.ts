import { hash } from 'node:crypto'
import { resolve } from 'node:path'
import { version } from '../../package.json'
import { spawnNodeWorker, type SpawnWorker } from '../engine/spawn-worker'
import { toErrorRecord } from '../shared/errors'
import type { JobOrder, Project } from '../store'
import type { ExportRequest, ExportSteps, ExportSummary } from './export-job'
import { exportAside } from './export-process'
import type { JobControl } from './jobs'

export type FileExport = ExportRequest & { readonly out: string }

/** The row of an export's job: the same order finds it again after a crash, and it holds all that is needed to repeat it. */
export function exportOrder(name: string, request: ExportRequest): JobOrder {
  const { subject, filter, format, params, copyImages, replace } = request
  const out = request.out === null ? null : resolve(request.out)
  // Plain values: they go to another process as well.
  const manifest = JSON.parse(
    JSON.stringify({ subject, filter, format, params, out, copyImages, replace }),
  ) as JobOrder['manifest']
  return { kind: 'export', name, manifest }
}

/**
 * The work of an export's job: one item, because an export is written whole or not at all. It pauses within a second, at the
 * next picture; one that was cut off is written anew, and the same content gives the same bytes.
 * @throws as `exportAside`
 */
export async function runExport(
  project: Project,
  request: FileExport,
  steps: Pick<ExportSteps, 'onLosses'>,
  control: JobControl,
  spawn: SpawnWorker = spawnNodeWorker,
): Promise<ExportSummary> {
  const key = hash('sha256', JSON.stringify({ version, request }))
  const item = { key, payload: { out: request.out } }
  project.jobs.addItems(control.jobId, [item])
  try {
    const summary = await exportAside(project.folder, request, steps, control, spawn)
    await project.jobs.settleItem(control.jobId, item)
    return summary
  } catch (error) {
    if (!control.signal.aborted) {
      // The first fault is the one to tell.
      await project.jobs
        .settleItem(control.jobId, item, toErrorRecord(error))
        .catch(() => undefined)
    }
    throw error
  }
}
