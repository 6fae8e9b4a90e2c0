import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { version } from '../../package.json'
import { AppError } from '../shared/errors'
import { listImages } from '../engine/list-images'
import { chooseSplit } from '../engine/split'
import type { VisionJob, VisionResult } from '../engine/vision-job'
import { runVision, type RunFile, type VisionRunOutcome } from '../engine/vision-run'
import type { Journal } from '../engine/journal'
import type { Environment } from './environment'
import { outputStems, reportNames } from './file-names'
import type { RunFlags } from './options'
import { Progress } from './progress'
import { reportError } from './report-error'

/** A listed picture: its name in reports, and the stem of its pictures' names. */
export interface NamedFile {
  readonly path: string
  readonly source: string | Uint8Array
  readonly name: string
  readonly stem: string
}

export interface NamedFiles {
  readonly files: readonly NamedFile[]
  /** Paths that could not be listed; each has been reported. */
  readonly problems: number
}

/**
 * The pictures among the given paths. Reports each problem; throws when no picture is left.
 * @throws AppError the first problem, when nothing can be done at all
 */
export async function listNamedFiles(paths: readonly string[]): Promise<NamedFiles> {
  const { files, problems, warnings } = await listImages(paths, { recursive: true })
  const first = problems[0]
  if (files.length === 0 && first) {
    for (const problem of problems.slice(1)) reportError(problem)
    throw new AppError(first.code, first.message, first.hint)
  }
  for (const problem of problems) reportError(problem)
  for (const warning of warnings)
    process.stderr.write(`warning ${warning.code}: ${warning.message}\n`)
  const names = reportNames(
    files.map((file) => file.path),
    paths,
  )
  const stems = outputStems(names)
  return {
    files: files.map(({ path, source }, k) => ({
      path,
      source,
      name: names[k] ?? path,
      stem: stems[k] ?? path,
    })),
    problems: problems.length,
  }
}

export interface FilesRun {
  readonly label: string
  readonly job: Omit<VisionJob, 'threads' | 'seed' | 'maxPixels'>
  /** The model that takes most of the time decides the split into workers and threads. */
  readonly model: { readonly id: string; readonly sha256: string }
  readonly flags: RunFlags
  readonly files: readonly RunFile[]
  /** What beside the job determines the results; part of the key of the run. */
  readonly manifest: Readonly<Record<string, unknown>>
  /** The file whose journal allows resuming. */
  readonly journalBeside?: string
  readonly resume?: boolean
}

export interface FinishedRun extends VisionRunOutcome {
  readonly results: readonly (VisionResult | undefined)[]
  readonly journal: Journal | null
}

/** Sends files through workers with a progress line, reporting each failure as it happens. */
export async function runFiles(run: FilesRun, environment: Environment): Promise<FinishedRun> {
  const { flags } = run
  const split = await chooseSplit({
    locations: run.job.locations,
    workerEntry: workerEntry(),
    model: run.model.id,
    sha256: run.model.sha256,
    pictures: run.files.length,
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
  })
  const progress = new Progress(run.label, run.files.length)
  const job: VisionJob = {
    ...run.job,
    threads: split.threads,
    seed: flags.seed,
    maxPixels: Math.round(flags.maxMegapixels * 1e6),
  }
  try {
    return await runVision({
      job,
      files: run.files,
      workers: split.workers,
      workerEntry: workerEntry(),
      signal: environment.signal,
      ...(run.journalBeside === undefined
        ? {}
        : {
            journal: {
              path: `${run.journalBeside}.partial`,
              runKey: runKey(job, run.manifest),
              resume: run.resume ?? false,
            },
          }),
      onProgress: (done, failed) => {
        progress.update(done, failed)
      },
      onFailed(file, error) {
        progress.clear()
        const message = error.message.includes(file.path)
          ? error.message
          : `${file.path}: ${error.message}`
        reportError({ ...error, message })
      },
    })
  } finally {
    progress.clear()
  }
}

/** Results with the same key are the same, whoever computed them: threads and workers are left out. */
function runKey(job: VisionJob, manifest: Readonly<Record<string, unknown>>): string {
  const determining = {
    version,
    task: job.task,
    seed: job.seed,
    maxPixels: job.maxPixels,
    manifest,
  }
  return createHash('sha256').update(JSON.stringify(determining)).digest('hex')
}

/** The worker program lies beside the command line's own. */
function workerEntry(): string {
  return fileURLToPath(new URL('./worker.js', import.meta.url))
}
