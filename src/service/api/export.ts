import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { z } from 'zod'
import { datasetExporters, exporters } from '../../datasets'
import { makeFolder } from '../../engine/files/make-folder'
import type { Input } from '../../shared/api'
import { AppError } from '../../shared/errors'
import { showPath } from '../../shared/image-errors'
import { parseParams } from '../../shared/plugin'
import type { Context } from '../context'
import type { ExportSummary } from '../export-job'
import { pathOf } from '../grants'
import { exportAside } from '../export-process'
import { datasetOfRun } from '../run-order'
import type { HandlersOf } from './handler'
import { resolvedFilter } from './selection'

const resultSchema = z.object({
  images: z.number(),
  files: z.number(),
  path: z.string(),
  renamed: z.number(),
  isFile: z.boolean(),
})

export const exportHandlers: HandlersOf<'export'> = {
  async 'export.preview'(context, request, signal) {
    const filter = await filterFor(context, request, signal)
    return context.reader.ask('export.preview', { ...request, filter }, signal)
  },
  'export.check': (context, { grant, name, format }) => {
    const path = targetOf(context, grant, name)
    requireFormat(format)
    return { exists: existsSync(path), freeName: basename(freePath(path)), path }
  },
  async 'export.start'(context, request, signal) {
    const {
      subject,
      format,
      params,
      grant,
      name,
      copyImages = false,
      ifExists = 'refuse',
    } = request
    const { project, tasks } = context
    const exporter = requireFormat(format)
    const wanted = targetOf(context, grant, name)
    const path = ifExists === 'keep-both' ? freePath(wanted) : wanted
    const order = {
      ...{ subject, format, copyImages },
      filter: await filterFor(context, request, signal),
      params: parseParams(exporter.id, exporter.params, params ?? {}),
      out: path,
      replace: ifExists === 'replace',
    }
    if (grant === null) makeFolder(dirname(path))
    const job = tasks.start({
      order: {
        kind: 'export',
        name: basename(path),
        manifest: { subject, format, out: path },
      },
      canPause: true,
      work: (control) =>
        exportAside(project.folder, order, { onLosses: () => undefined }, control, context.spawn),
      outcome: (summary: ExportSummary) => ({
        summary: `${summary.images} ${summary.images === 1 ? 'image' : 'images'} exported.`,
        datasetId: null,
        result: {
          ...{ images: summary.images, files: summary.files, path },
          renamed: summary.renamed.length,
          isFile: exporter.fileName !== null && !copyImages,
        },
      }),
    })
    return { jobId: job.id }
  },
  'export.result': (context, { jobId }) => {
    const { images, files, path, renamed, isFile } = exportResult(context, jobId)
    return {
      ...{ images, files, path, renamed },
      fileName: basename(path),
      download: isFile ? `/download/${jobId}` : null,
    }
  },
}

/** What an export wrote. @throws AppError E_JOB_STATE, E_ROW_UNKNOWN */
export function exportResult({ tasks }: Context, jobId: number) {
  const { kind } = tasks.get(jobId)
  const checked = resultSchema.safeParse(tasks.outcome(jobId)?.result)
  if (kind === 'export' && checked.success) return checked.data
  throw new AppError(
    'E_JOB_STATE',
    `Job ${jobId} has written nothing that could be shown.`,
    'Only exports that are done have a result.',
  )
}

async function filterFor(
  context: Context,
  { subject, filter }: Pick<Input<'export.preview'>, 'subject' | 'filter'>,
  signal: AbortSignal,
) {
  const { project } = context
  const dataset =
    'run' in subject
      ? datasetOfRun(project, project.runs.get(subject.run))
      : project.datasets.byId(subject.dataset)
  const { ids } = await resolvedFilter(context, filter, dataset, signal)
  return ids === undefined ? {} : { ids: [...ids] }
}

function requireFormat(format: string) {
  const ofContent = datasetExporters.get(format)
  if (ofContent) return { id: format, params: ofContent.params, fileName: ofContent.fileName }
  const ofRuns = exporters.get(format)
  if (ofRuns) return { id: format, params: ofRuns.params, fileName: `results${ofRuns.extension}` }
  throw new AppError(
    'E_FORMAT_UNKNOWN',
    `There is no format "${format}".`,
    `Choose one of ${[...new Set([...datasetExporters.keys(), ...exporters.keys()])].join(', ')}.`,
  )
}

/** Where the file or folder goes. @throws AppError E_GRANT_UNKNOWN, E_TARGET_INVALID */
function targetOf({ grants, project }: Context, grant: string | null, name: string): string {
  const given = grant === null ? null : grants.get(grant)
  // The user has named the file in a dialog, which has asked about one that is there.
  if (given?.kind === 'file' && given.writable) return pathOf(given)
  const isPlain = !/[\\/\0]/.test(name) && name.trim() === name && !/^\.+$/.test(name)
  if (!isPlain || name.startsWith('.')) {
    throw new AppError(
      'E_TARGET_INVALID',
      `${showPath(name)} is no name for a file.`,
      'Use a name without slashes that does not begin with a dot.',
    )
  }
  if (given && (given.kind !== 'folder' || !given.writable)) {
    throw new AppError(
      'E_TARGET_INVALID',
      `${showPath(given.name)} is no folder that can be written to.`,
      'Choose a folder, or leave it out: exports then go to the folder of the project.',
    )
  }
  return join(given ? pathOf(given) : join(project.folder, 'exports'), name)
}

/** The same, or with a number before its ending. */
function freePath(path: string): string {
  if (!existsSync(path)) return path
  const ending = extname(path)
  const stem = path.slice(0, path.length - ending.length)
  for (let n = 1; ; n++) if (!existsSync(`${stem}.${n}${ending}`)) return `${stem}.${n}${ending}`
}
