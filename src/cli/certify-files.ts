import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { writeFileAtomic } from '../engine/files/write-file'
import type { Journal } from '../engine/journal'
import type { RunFile } from '../engine/vision-run'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import type { CertifyFlags } from './certify'
import { chosenCertification } from './certify-order'
import {
  certifyDocument,
  type CertifyDocument,
  certifySummaryLine,
  certifyText,
} from './certify-report'
import { readGroundTruthObjects } from './certify-truth'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { prepareOutputs } from './outputs'
import { count } from './report-error'
import { listNamedFiles, runFiles } from './run-files'

/** `certify` over files, without a project: the certificates go to standard output or to `--out`. */
export async function certifyFiles(
  command: Command,
  environment: Environment,
  paths: readonly string[],
  flags: CertifyFlags,
): Promise<void> {
  if (flags.resume && flags.out === undefined) {
    const hint = 'Name the file that the interrupted run was to write.'
    throw new AppError('E_USAGE', '--resume needs --out FILE', hint)
  }
  const locations = locationsFor(command, environment)
  const { card, task, about } = await chosenCertification(locations, flags)
  const truth = flags.gt === undefined ? null : await readGroundTruthObjects(flags.gt)
  const { files, problems } = await listNamedFiles(paths)
  const known = files.flatMap(({ path, source, name }): { name: string; item: RunFile }[] => {
    const subjects = truth?.objectsOf(name)
    if (subjects === null) return []
    return [{ name, item: { path, source, ...(subjects ? { subjects } : {}) } }]
  })
  tellLeftOut(files.length - known.length)
  const items = known.map(({ item }) => item)
  prepareOutputs(
    { ...(flags.out === undefined ? {} : { file: flags.out }), folders: [], pictures: items },
    [flags.model, flags.gt].filter((path) => path !== undefined),
  )
  const threads = flags.threads ?? (task.method === 'objectseeker' ? undefined : 1)
  const workers =
    flags.workers ??
    (threads === undefined
      ? undefined
      : Math.max(1, Math.min(availableParallelism(), items.length)))
  const finished = await runFiles(
    {
      label: 'certify',
      job: { locations, task },
      model: { id: task.model, sha256: card.sha256 },
      flags: {
        ...flags,
        ...(threads === undefined ? {} : { threads }),
        ...(workers === undefined ? {} : { workers }),
      },
      manifest: { about, card, truth: truth?.sha256 ?? null },
      files: items,
      ...(isPlainFile(flags.out) ? { journalBeside: flags.out } : {}),
      resume: flags.resume ?? false,
    },
    environment,
  )
  const certified = known.flatMap(({ name }, k) => {
    const result = finished.results[k]
    if (!result) return []
    const { sha256, width, height, warnings, certificates = [] } = result
    return [{ file: name, sha256, width, height, certificates, warnings }]
  })
  const document = certifyDocument(about, certified, finished.failed + problems)
  if (finished.interrupted) {
    const { journal } = finished
    process.stderr.write(
      `interrupted: ${certified.length} of ${count(items.length, 'picture')} done\n`,
    )
    if (journal) process.stderr.write(`hint: the same command with --resume goes on from there\n`)
    else {
      await writeDocument(document, flags, null)
      process.stderr.write(`hint: with --out FILE the next run can go on where this one stops\n`)
    }
    environment.finish(EXIT.interrupted)
    return
  }
  await writeDocument(document, flags, finished.journal)
  process.stderr.write(`${certifySummaryLine(document, flags.out ?? null)}\n`)
  environment.finish(document.summary.failed > 0 ? EXIT.someFailed : EXIT.done)
}

function tellLeftOut(pictures: number): void {
  if (pictures === 0) return
  process.stderr.write(
    `warning W_IMAGE_NOT_IN_GT: left out, ${count(pictures, 'photograph')} not in the ground truth\n`,
  )
}

/** A device such as /dev/stdout has no beside for a journal. */
function isPlainFile(out: string | undefined): out is string {
  if (out === undefined) return false
  const stats = statSync(out, { throwIfNoEntry: false })
  return stats === undefined || stats.isFile()
}

/** Writes what was asked for; a table where nothing was. @throws AppError E_DISK_FULL, E_WRITE_… */
export async function writeDocument(
  document: CertifyDocument,
  { out, json }: Pick<CertifyFlags, 'out' | 'json'>,
  journal: Journal | null,
): Promise<void> {
  const text = `${JSON.stringify(document, null, 2)}\n`
  try {
    if (out !== undefined) await writeFileAtomic(out, text)
  } catch (error) {
    if (!(error instanceof AppError) || !journal) throw error
    const kept = `The results are kept in ${showPath(journal.path)}: the same command with --resume writes them.`
    throw new AppError(error.code, error.message, `${error.hint} ${kept}`, { cause: error })
  }
  if (json) process.stdout.write(text)
  else if (out === undefined) process.stdout.write(certifyText(document))
  journal?.remove()
}
