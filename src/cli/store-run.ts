import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { writeFileAtomic } from '../engine/files/write-file'
import { startDetection } from '../service/detection-run'
import { Jobs, type RunningJob } from '../service/jobs'
import type { RunOutcome } from '../service/run-job'
import { runReport } from '../service/run-report'
import { AppError } from '../shared/errors'
import type { Project, Run } from '../store'
import { chosenDetection } from './chosen-detection'
import type { DetectFlags } from './detect'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { outputStems } from './file-names'
import { cancelWith } from './jobs'
import { projectFor } from './open-project'
import { prepareOutputs } from './outputs'
import { Progress } from './progress'
import { count, reportError } from './report-error'
import { exporterFor } from './result-format'
import { listNamedFiles } from './run-files'
import { WarningTally, withPath } from './warnings'

/** `detect` and `defend` with `--store`: the results become a run of the project. */
export async function runStored(
  command: Command,
  environment: Environment,
  paths: readonly string[],
  flags: DetectFlags,
): Promise<void> {
  refuseMixtures(command.name(), paths, flags)
  const locations = locationsFor(command, environment)
  const { card, defense, usedModels, manifest, task } = await chosenDetection(locations, flags)
  await using project = await projectFor(command, environment, {
    create: flags.dataset === undefined,
  })
  const { pictures, stems, problems, label } = await picturesFor(project, paths, flags)
  const files = 'files' in pictures ? (pictures.files ?? []) : []
  const folders = [flags.annotated, flags.masks].filter((folder) => folder !== undefined)
  prepareOutputs(
    { ...(flags.out === undefined ? {} : { file: flags.out }), folders, pictures: files },
    [flags.detector],
  )
  const total = 'dataset' in pictures ? pictures.dataset.images : files.length
  const progress = new Progress(command.name(), total)
  const tally = new WarningTally(() => {
    progress.clear()
  })
  const { run, job } = startDetection(
    project,
    new Jobs(project),
    {
      name: flags.asRun ?? `${label}-${defense ? 'defended' : 'detected'}`,
      ...{ task, pictures, locations },
      about: JSON.parse(JSON.stringify(manifest)) as Record<string, never>, // settings are plain values
      cards: [card, usedModels],
      classNames: card.classes,
      model: { id: flags.detector, sha256: card.sha256 },
      seed: flags.seed,
      maxPixels: Math.round(flags.maxMegapixels * 1e6),
      places: (file, index) => {
        const stem = stems[index] ?? outputStems([file])[0] ?? file
        return {
          ...(flags.annotated === undefined
            ? {}
            : { annotatedPath: join(flags.annotated, `${stem}.jpg`) }),
          ...(flags.masks === undefined ? {} : { maskPath: join(flags.masks, `${stem}.png`) }),
        }
      },
      ...(flags.workers === undefined ? {} : { workers: flags.workers }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    },
    {
      onDone(path, { warnings }) {
        for (const warning of warnings) tally.addText(path, warning)
      },
      onFailed(path, error) {
        progress.clear()
        reportError({ ...error, message: withPath(path, error.message) })
      },
    },
  )
  try {
    const outcome = await followed(environment, job, progress)
    tally.finish()
    await tell(project, run, outcome, problems, flags)
    environment.finish(outcome.failed + problems > 0 ? EXIT.someFailed : EXIT.done)
  } catch (error) {
    progress.clear()
    tally.finish()
    const { done } = project.runs.get(run.id)
    const kept = `${done} of ${count(total, 'picture')} of run ${run.id} "${run.name}" are done and stored`
    if (environment.signal.aborted) {
      process.stderr.write(`interrupted: ${kept}\nhint: the same command goes on from there\n`)
      environment.finish(EXIT.interrupted)
      return
    }
    if (!(error instanceof AppError)) throw error
    const hint = `${error.hint} ${kept}: the same command goes on from there.`
    throw new AppError(error.code, error.message, hint, { cause: error })
  }
}

function refuseMixtures(name: string, paths: readonly string[], flags: DetectFlags): void {
  const refuse = (message: string, hint: string): never => {
    throw new AppError('E_USAGE', message, hint)
  }
  if (paths.length === 0 && flags.dataset === undefined) {
    refuse(
      '--store needs pictures',
      `Name photographs, or a data set with --dataset; "patchwarden ${name} --help" says more.`,
    )
  }
  if (paths.length > 0 && flags.dataset !== undefined) {
    refuse('paths and --dataset cannot be given together', 'Give one or the other.')
  }
  if (exporterFor(flags) === null) {
    refuse(
      `results in the format ${flags.format ?? ''} are not written together with --store`,
      `Store the run, then write it: patchwarden export --run NAME --format ${flags.format ?? ''} --out DIR.`,
    )
  }
  if (flags.gt !== undefined) {
    refuse(
      '--gt cannot be used with --store',
      'Import the ground truth as a data set: results of its runs have its ids.',
    )
  }
}

async function picturesFor(project: Project, paths: readonly string[], flags: DetectFlags) {
  if (flags.dataset !== undefined) {
    const dataset = project.datasets.byName(flags.dataset)
    return { pictures: { dataset }, stems: [], problems: 0, label: dataset.name }
  }
  const folders = [flags.annotated, flags.masks].filter((folder) => folder !== undefined)
  const { files, problems } = await listNamedFiles(paths, folders)
  return {
    pictures: { files: files.map(({ path, source }) => ({ path: resolve(path), source })) },
    stems: files.map(({ stem }) => stem),
    problems,
    label: 'files',
  }
}

async function followed(
  environment: Environment,
  job: RunningJob<RunOutcome>,
  progress: Progress,
): Promise<RunOutcome> {
  job.onProgress(({ done, failed }) => {
    progress.update(done, failed)
  })
  try {
    return await cancelWith(environment.signal, job)
  } finally {
    progress.clear()
  }
}

async function tell(
  project: Project,
  run: Run,
  { computed, known, failed }: RunOutcome,
  problems: number,
  flags: DetectFlags,
): Promise<void> {
  const now = project.runs.get(run.id)
  const out = flags.out ?? null
  const exporter = exporterFor(flags)
  if (out !== null && exporter !== null) {
    const { plugin, params } = exporter
    const report = runReport(project, now, { timings: flags.timings ?? false })
    const pieces: string[] = []
    plugin.write(report, { write: (text) => pieces.push(text) }, params)
    await writeFileAtomic(out, pieces)
  }
  const parts = [
    `run ${now.id} "${now.name}"`,
    computed === 0 && failed === 0
      ? `nothing to compute, ${count(known, 'picture')} known from before`
      : count(computed, 'picture'),
    ...(computed + failed > 0 && known > 0 ? [`${known} known from before`] : []),
    count(now.detections, 'detection'),
    ...(failed + problems > 0 ? [`${failed + problems} failed`] : []),
    ...(out === null ? [] : [`written to ${out}`]),
  ]
  process.stderr.write(`${parts.join(', ')}\n`)
  if (flags.json) {
    const summary = { run: now, computed, known, failed: failed + problems, out }
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`)
  }
}
