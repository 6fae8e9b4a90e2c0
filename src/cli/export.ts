import { text } from 'node:stream/consumers'
import { Command, Option } from 'commander'
import { datasetExporters, exporters } from '../datasets'
import { readRegularFile } from '../engine/files/read-file'
import { filterFrom, filterKeys, idsFrom, withSelection } from '../service/content-filter'
import { exportNow, type ExportRequest, type ExportSummary } from '../service/export-job'
import { exportOrder, runExport } from '../service/export-start'
import { findRun } from '../service/find-run'
import { Jobs } from '../service/jobs'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import { parseSettings } from '../shared/plugin'
import type { ImageFilter, Project } from '../store'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import { pluginsHelp } from './help'
import { cancelWith } from './jobs'
import { tellLosses } from './losses'
import { projectFor } from './open-project'
import { repeatable } from './options'
import { count, oneLine } from './report-error'

interface ExportFlags {
  readonly run?: string
  readonly dataset?: string
  readonly filter?: readonly string[]
  readonly split?: string
  readonly selection?: string
  readonly format: string
  readonly out?: string
  readonly images: 'copy' | 'none'
  readonly set?: readonly string[]
  readonly replace?: boolean
  readonly json?: boolean
}

const formats = [...new Set([...datasetExporters.keys(), ...exporters.keys()])].sort()

const examples = `
Examples:
  patchwarden export --dataset street --format yolo --out street-yolo --images copy
  patchwarden export --dataset street --filter patch=yes --format coco --out attacked.json
  patchwarden export --run street-defended --format coco-results --out results.json
  patchwarden export --dataset street --selection 3,7,10-20 --format coco --out chosen.json
  patchwarden export --run 3 --format jsonl --out results.jsonl`

export function exportCommand(environment: Environment): Command {
  const command = new Command('export')
    .description('writes a data set or a run of the project in an exchange format')
    .optionsGroup('What is written:')
    .option('--dataset <name>', 'a data set with its annotations')
    .option('--run <run>', 'the results of a run, by number or name')
    .option('--split <name>', 'only this split')
    .option(
      '--filter <key=value>',
      `only pictures with ${Object.keys(filterKeys).join(', ')}; several times: all must hold`,
      repeatable,
    )
    .option(
      '--selection <ids|file>',
      'only these pictures: ids in the project such as 3,7,10-20, or a file that lists them (- for standard input)',
    )
    .optionsGroup('How:')
    .addOption(
      new Option('--format <format>', 'format of the files').choices(formats).makeOptionMandatory(),
    )
    .option('--set <key=value>', 'setting of the format; may be given several times', repeatable)
    .option(
      '--out <path>',
      'folder, or file for formats that are one file (default: standard output)',
    )
    .addOption(
      new Option('--images <how>', 'whether the pictures are put beside the annotations')
        .choices(['copy', 'none'])
        .default('none'),
    )
    .option('--replace', 'replaces what is there')
    .option('--json', 'prints a summary as JSON (with --out)')
    .addHelpText('after', () => pluginsHelp('Formats and their settings (--set)', datasetExporters))
    .addHelpText('after', examples)
  return command.action(async (flags: ExportFlags) => {
    await exportAs(command, environment, flags)
  })
}

async function exportAs(
  command: Command,
  environment: Environment,
  flags: ExportFlags,
): Promise<void> {
  if ((flags.run === undefined) === (flags.dataset === undefined)) {
    throw new AppError(
      'E_USAGE',
      flags.run === undefined
        ? 'neither --dataset nor --run was given'
        : 'both --dataset and --run were given',
      'Name one of them: "patchwarden datasets" and "patchwarden runs" list what there is.',
    )
  }
  await using project = await projectFor(command, environment, { create: false })
  const limits: ImageFilter = {
    ...filterFrom(flags.filter ?? []),
    ...(flags.split === undefined ? {} : { split: [flags.split] }),
  }
  const { selection } = flags
  const filter =
    selection === undefined ? limits : withSelection(limits, await selectedIds(selection))
  const request = requestFor(project, filter, flags)
  const { format, out } = request
  const name = flags.run ?? flags.dataset ?? ''
  const steps = { onLosses: tellLosses }
  const job = new Jobs(project).start(exportOrder(name, request), (control) =>
    out === null
      ? exportNow(project, request, { ...steps, write: (piece) => process.stdout.write(piece) })
      : runExport(project, { ...request, out }, steps, control),
  )
  const summary = await cancelWith(environment.signal, job)
  tell(summary, out)
  if (flags.json && out !== null) {
    process.stdout.write(`${JSON.stringify({ ...summary, format, out }, null, 2)}\n`)
  }
  environment.finish(EXIT.done)
}

/** Ids as they stand in the command line, or in a file. */
async function selectedIds(selection: string): Promise<readonly number[]> {
  if (/^[\d\s,-]+$/.test(selection) && selection !== '-') return idsFrom(selection)
  if (selection === '-') return idsFrom(await text(process.stdin))
  const { bytes } = await readRegularFile(selection, { maxBytes: 2 ** 26, followLinks: true })
  return idsFrom(new TextDecoder().decode(bytes))
}

function requestFor(project: Project, filter: ImageFilter, flags: ExportFlags): ExportRequest {
  const { run, dataset, format, out, images, replace } = flags
  const exporter = datasetExporters.get(format) ?? exporters.get(format)
  if (!exporter) throw new TypeError(`the format ${format} was accepted and is not there`)
  return {
    subject:
      run === undefined
        ? { dataset: project.datasets.byName(dataset ?? '').id }
        : { run: findRun(project, run).id },
    ...{ filter, format, out: out ?? null },
    params: parseSettings(exporter.id, exporter.params, flags.set ?? []),
    copyImages: images === 'copy',
    replace: replace ?? false,
  }
}

function tell(summary: ExportSummary, out: string | null): void {
  const { images, withoutSize, files, renamed, pictures } = summary
  const warn = (what: string): void => {
    process.stderr.write(`warning W_IMAGE_FILE_MISSING: ${what}\n`)
  }
  if (withoutSize > 0) {
    warn(`${count(withoutSize, 'image')} of unknown size left out, because their files are missing`)
  }
  for (const { from, to } of renamed.slice(0, 3)) {
    const names = `${oneLine(showPath(from))} is ${oneLine(showPath(to))}`
    process.stderr.write(`renamed: ${names} in the export\n`)
  }
  if (renamed.length > 3) process.stderr.write(`renamed: ${renamed.length - 3} more\n`)
  const missing = pictures?.missing ?? 0
  if (missing > 0) warn(`${count(missing, 'picture')} could not be copied: not there any more`)
  const where = out === null ? '' : ` written to ${out} (${count(files, 'file')})`
  process.stderr.write(`${count(images, 'image')}${where}\n`)
}
