import { existsSync } from 'node:fs'
import { datasetExporters, exporters } from '../datasets'
import { targetExists } from '../engine/export/export-errors'
import { type ExportOutcome, writeExport } from '../engine/export/write-export'
import { writeFileAtomic } from '../engine/files/write-file'
import type { Loss } from '../shared/dataset'
import { AppError } from '../shared/errors'
import { type DatasetExporterPlugin, parseParams } from '../shared/plugin'
import type { ImageFilter, Project } from '../store'
import { datasetContent, type ProjectContent } from './project-content'
import { runContent } from './run-content'
import { runReport } from './run-report'

/** What is to be exported, and how; plain data, because it goes to another process. */
export interface ExportRequest {
  readonly subject: { readonly dataset: number } | { readonly run: number }
  readonly filter: ImageFilter
  /** Id of an exporter of data sets, or of reports (runs only). */
  readonly format: string
  readonly params: Readonly<Record<string, unknown>>
  /** File or folder; null for standard output. */
  readonly out: string | null
  readonly copyImages: boolean
  readonly replace: boolean
}

export interface ExportSteps {
  /** Told before anything is written. */
  readonly onLosses: (losses: readonly Loss[]) => void
  readonly onImage?: (done: number, total: number) => void
  /** Takes what has no file to go to. */
  readonly write?: (piece: string | Uint8Array) => void
}

export type ExportSummary = Pick<ExportOutcome, 'files' | 'losses' | 'renamed' | 'pictures'> & {
  readonly images: number
  /** Images that were left out, because nobody knows their size. */
  readonly withoutSize: number
}

/**
 * Writes a data set or run, whole or not at all. Does not wait for anything while it writes, so nothing else happens in this
 * process meanwhile.
 * @throws AppError E_TARGET_…, E_EXPORT_EMPTY, E_FORMAT_NOT_POSSIBLE, E_SETTING_…, E_DISK_FULL, E_WRITE_…
 */
export async function exportNow(
  project: Project,
  request: ExportRequest,
  steps: ExportSteps,
): Promise<ExportSummary> {
  const exporter = datasetExporters.get(request.format)
  return exporter === undefined
    ? exportReport(project, request, steps)
    : exportContent(contentOf(project, request), exporter, request, steps)
}

function contentOf(project: Project, { subject, filter }: ExportRequest): ProjectContent {
  return 'run' in subject
    ? runContent(project, project.runs.get(subject.run), filter)
    : datasetContent(project, project.datasets.byId(subject.dataset), filter)
}

async function exportContent(
  content: ProjectContent,
  exporter: DatasetExporterPlugin,
  { params, out, copyImages, replace }: ExportRequest,
  { onLosses, onImage, write = () => undefined }: ExportSteps,
): Promise<ExportSummary> {
  if (content.imageCount === 0) throw nothingToExport(content.name)
  const outcome = await writeExport(
    onImage ? counted(content, onImage) : content,
    exporter,
    parseParams(exporter.id, exporter.params, params),
    out === null ? { kind: 'stream', write } : { kind: 'path', path: out },
    {
      ...{ replace, inputs: content.inputs, onLosses },
      ...(copyImages ? { locate: (image) => content.locate(image) } : {}),
      ...(onImage ? { onCut: onImage } : {}),
    },
  )
  const { files, losses, renamed, pictures } = outcome
  const { imageCount: images, withoutSize } = content
  return { images, withoutSize, files, losses, renamed, pictures }
}

/** Tells how far the present pass over the images is. */
function counted(
  content: ProjectContent,
  onImage: (done: number, total: number) => void,
): ProjectContent {
  return {
    ...content,
    *images() {
      let done = 0
      for (const image of content.images()) {
        onImage(++done, content.imageCount)
        yield image
      }
    },
  }
}

async function exportReport(
  project: Project,
  { subject, filter, format, params, out, copyImages, replace }: ExportRequest,
  steps: ExportSteps,
): Promise<ExportSummary> {
  const exporter = exporters.get(format)
  if (!exporter || !('run' in subject)) throw runsOnly(format)
  if (copyImages) throw noPictures(format)
  if (out !== null && existsSync(out) && !replace) throw targetExists(out)
  const run = project.runs.get(subject.run)
  const report = runReport(project, run, { filter })
  if (report.images.length === 0) throw nothingToExport(run.name)
  const pieces: string[] = []
  const sink = { write: (text: string) => pieces.push(text) }
  exporter.write(report, sink, parseParams(format, exporter.params, params))
  if (out === null) for (const piece of pieces) steps.write?.(piece)
  else await writeFileAtomic(out, pieces)
  const nothing = { losses: [], renamed: [], pictures: null, withoutSize: 0 }
  return { images: report.images.length, files: 1, ...nothing }
}

const nothingToExport = (name: string) =>
  new AppError(
    'E_EXPORT_EMPTY',
    `There is no picture to export of "${name}".`,
    'Check --filter and --split; "patchwarden datasets show NAME" says what there is.',
  )

const runsOnly = (format: string) =>
  new AppError(
    'E_FORMAT_NOT_POSSIBLE',
    `The format ${format} holds results of runs, and no annotations.`,
    `Name a run, or choose one of ${[...datasetExporters.keys()].join(', ')}.`,
  )

const noPictures = (format: string) =>
  new AppError(
    'E_FORMAT_NOT_POSSIBLE',
    `The format ${format} is one file without pictures.`,
    'Leave out --images copy.',
  )
