import { createHash } from 'node:crypto'
import { resolve, sep } from 'node:path'
import { version } from '../../package.json'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import { type ListedFile, listImages } from '../engine/files/list-images'
import { programFile } from '../engine/program-file'
import { chooseSplit } from '../engine/split'
import type { VisionJob, VisionResult } from '../engine/vision-job'
import { runVision, type RunFile, type VisionRunOutcome } from '../engine/vision-run'
import type { Journal } from '../engine/journal'
import type { Environment } from './environment'
import { outputStems, reportNames } from './file-names'
import type { RunFlags } from './options'
import { Progress } from './progress'
import { count, reportError } from './report-error'
import { WarningTally, withPath } from './warnings'

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
 * The pictures among the given paths. Reports each problem; throws when no picture is left. What lies in `outputFolders`
 * inside a given folder is left out: a second run must not take the pictures of the first for photographs.
 * @throws AppError the first problem, when nothing can be done at all
 */
export async function listNamedFiles(
  paths: readonly string[],
  outputFolders: readonly string[] = [],
): Promise<NamedFiles> {
  const listing = await listImages(paths, { recursive: true })
  const { problems, warnings } = listing
  const files = withoutOutputs(listing.files, paths, outputFolders)
  const first = problems[0]
  if (files.length === 0 && first) {
    for (const problem of problems.slice(1)) reportError(problem)
    throw new AppError(first.code, first.message, first.hint)
  }
  for (const problem of problems) reportError(problem)
  const tally = new WarningTally()
  for (const { code, message } of warnings) tally.add(code, message)
  tally.finish()
  if (files.length === 0) {
    throw new AppError(
      'E_NO_IMAGES',
      'no photograph is left: all are in the folders that results go to',
      'Name other folders for the results, or other photographs.',
    )
  }
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

function withoutOutputs(
  files: readonly ListedFile[],
  paths: readonly string[],
  outputFolders: readonly string[],
): readonly ListedFile[] {
  const given = paths.map((path) => resolve(path))
  const same = outputFolders.find((folder) => given.includes(resolve(folder)))
  if (same !== undefined) {
    throw new AppError(
      'E_OUTPUT_IS_INPUT',
      `${showPath(same)} holds the photographs: results would be mixed with them`,
      'Name another folder for the results; one inside it will do.',
    )
  }
  const inside = outputFolders
    .map((folder) => resolve(folder) + sep)
    .filter((folder) => given.some((path) => folder.startsWith(path + sep)))
  if (inside.length === 0) return files
  const kept = files.filter(({ path }) => {
    const whole = resolve(path)
    return given.includes(whole) || !inside.some((folder) => whole.startsWith(folder))
  })
  const left = files.length - kept.length
  if (left > 0) {
    const what = count(left, 'picture')
    process.stderr.write(
      `warning W_OUTPUT_FOLDER: ${what} in the folders of the results taken for earlier results and left out\n`,
    )
  }
  return kept
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
    workerEntry: programFile('worker'),
    model: run.model.id,
    sha256: run.model.sha256,
    pictures: run.files.length,
    signal: environment.signal,
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
  })
  const progress = new Progress(run.label, run.files.length)
  const tally = new WarningTally(() => {
    progress.clear()
  })
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
      workerEntry: programFile('worker'),
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
      onPicture({ path }, picture) {
        progress.inside(path, picture)
      },
      onDone({ path }, { warnings }) {
        progress.leave(path)
        for (const warning of warnings) tally.addText(path, warning)
      },
      onFailed({ path }, error) {
        progress.leave(path)
        progress.clear()
        reportError({ ...error, message: withPath(path, error.message) })
      },
    })
  } finally {
    progress.clear()
    tally.finish()
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
