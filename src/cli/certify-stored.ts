import type { Command } from 'commander'
import type { Locations } from '../engine/vision-job'
import { listRunCertificates } from '../service/certificate-list'
import { type CertificatePictures, startCertification } from '../service/certificate-run'
import { DigestsNow } from '../service/certificate-staleness'
import { findRun } from '../service/find-run'
import { Jobs } from '../service/jobs'
import { absoluteFiles, namesToKeep, realPaths } from '../service/named-pictures'
import { AppError } from '../shared/errors'
import type { Project, Run } from '../store'
import type { CertifyFlags } from './certify'
import { writeDocument } from './certify-files'
import { chosenCertification } from './certify-order'
import { certifyDocument, certifySummaryLine, type CertifiedFile } from './certify-report'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { cancelWith } from './jobs'
import { projectFor, projectToRead } from './open-project'
import { prepareOutputs } from './outputs'
import { Progress } from './progress'
import { count, reportError } from './report-error'
import { listNamedFiles } from './run-files'
import { WarningTally, withPath } from './warnings'

/** `certify` of a run or a data set, or of files with `--store`: the certificates become a run of the project. */
export async function certifyStored(
  command: Command,
  environment: Environment,
  paths: readonly string[],
  flags: CertifyFlags,
): Promise<void> {
  const locations = locationsFor(command, environment)
  const { card, task, about } = await chosenCertification(locations, flags)
  const isOfProject = flags.run !== undefined || flags.dataset !== undefined
  await using project = await projectFor(command, environment, { create: !isOfProject })
  const { pictures, label, problems } = await picturesFor(project, paths, flags)
  prepareOutputs(
    { ...(flags.out === undefined ? {} : { file: flags.out }), folders: [], pictures: [] },
    [flags.model].filter((path) => path !== undefined),
  )
  let clear = (): void => undefined
  const tally = new WarningTally(() => {
    clear()
  })
  const { run, job, total } = startCertification(
    project,
    new Jobs(project),
    {
      name: flags.asRun ?? `${label}-certified`,
      ...{ task, card, about, pictures, locations },
      seed: flags.seed,
      maxPixels: Math.round(flags.maxMegapixels * 1e6),
      ...(flags.workers === undefined ? {} : { workers: flags.workers }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    },
    {
      onPicture(path, picture) {
        progress.inside(path, picture)
      },
      onDone(path, { warnings }) {
        progress.leave(path)
        for (const warning of warnings) tally.addText(path, warning)
      },
      onFailed(path, error) {
        progress.leave(path)
        clear()
        reportError({ ...error, message: withPath(path, error.message) })
      },
    },
  )
  const progress = new Progress('certify', total)
  clear = () => {
    progress.clear()
  }
  job.onProgress(({ done, failed }) => {
    progress.update(done, failed)
  })
  try {
    const { failed, computed } = await cancelWith(environment.signal, job)
    progress.clear()
    tally.finish()
    const files = await storedFiles(project, run, locations)
    const document = certifyDocument(
      { ...about, run: { id: run.id, name: run.name } },
      files,
      failed + problems,
    )
    await writeDocument(document, flags, null)
    const news = computed === 0 && failed === 0 ? ', nothing to compute' : ''
    const line = certifySummaryLine(document, flags.out ?? null)
    process.stderr.write(`run ${run.id} "${run.name}"${news}, ${line}\n`)
    environment.finish(failed + problems > 0 ? EXIT.someFailed : EXIT.done)
  } catch (error) {
    progress.clear()
    tally.finish()
    if (!environment.signal.aborted) throw error
    const { done } = project.runs.get(run.id)
    process.stderr.write(
      `interrupted: ${done} of ${count(total, 'picture')} of run ${run.id} "${run.name}" are done and stored\nhint: the same command goes on from there, and so does Resume in the app\n`,
    )
    environment.finish(EXIT.interrupted)
  }
}

/** `certify --list RUN`: what is stored, and which of it no longer holds. Nothing is computed. */
export async function listStored(
  command: Command,
  environment: Environment,
  text: string,
  flags: CertifyFlags,
): Promise<void> {
  await using project = await projectToRead(command, environment)
  const run = findRun(project, text)
  if (run.kind !== 'certify') {
    throw new AppError(
      'E_RUN_KIND',
      `run ${run.id} "${run.name}" does not certify`,
      `Certify its boxes: patchwarden certify --run ${run.id} --method derandomized-smoothing --model crops-columns.`,
    )
  }
  const files = await storedFiles(project, run, locationsFor(command, environment))
  const { runKey: _key, ...about } = run.manifest
  const document = certifyDocument({ ...about, run: { id: run.id, name: run.name } }, files, 0)
  await writeDocument(document, flags, null)
  process.stderr.write(`${certifySummaryLine(document, flags.out ?? null)}\n`)
}

async function picturesFor(
  project: Project,
  paths: readonly string[],
  flags: CertifyFlags,
): Promise<{ pictures: CertificatePictures; label: string; problems: number }> {
  if (flags.dataset !== undefined) {
    const dataset = project.datasets.byName(flags.dataset)
    return { pictures: { dataset }, label: dataset.name, problems: 0 }
  }
  const run = flags.run === undefined ? null : findRun(project, flags.run)
  if (run !== null && run.detections === 0) {
    throw new AppError(
      'E_RUN_KIND',
      `run ${run.id} "${run.name}" has no boxes to certify`,
      'Name a run of a detector: "patchwarden runs" lists them.',
    )
  }
  if (run !== null && paths.length === 0) {
    return { pictures: { run, paths: null }, label: run.name, problems: 0 }
  }
  const { files, problems } = await listNamedFiles(paths)
  const absolute = absoluteFiles(files)
  const named = namesToKeep(paths)
  if (run === null) return { pictures: { files: absolute, named }, label: 'files', problems }
  return { pictures: { run, paths: realPaths(absolute), named }, label: run.name, problems }
}

async function storedFiles(
  project: Project,
  run: Run,
  locations: Locations,
): Promise<CertifiedFile[]> {
  const digests = new DigestsNow(project, locations)
  const files: CertifiedFile[] = []
  for await (const { item, certificates } of listRunCertificates(project, digests, run.id)) {
    const { file, sha256, width, height } = item
    files.push({
      file,
      sha256: sha256 ?? '',
      width: width ?? 0,
      height: height ?? 0,
      certificates,
      warnings: project.runs.item(item.id).warnings,
    })
  }
  return files
}
