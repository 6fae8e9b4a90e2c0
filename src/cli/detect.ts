import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { defenses } from '../defenses'
import { writeFileAtomic } from '../engine/files/write-file'
import type { Journal } from '../engine/journal'
import { AppError } from '../shared/errors'
import type { Report } from '../shared/plugin'
import { chosenDetection, type DetectionFlags } from './chosen-detection'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { readGroundTruthIds } from './ground-truth'
import { pluginsHelp } from './help'
import { addRunOptions, number, repeatable, type RunFlags } from './options'
import { prepareOutputs } from './outputs'
import { buildReport, summarize } from './report'
import {
  exporterFor,
  folderOfResults,
  requireFreeFolder,
  resultFormats,
  writeAsDataset,
} from './result-format'
import { count } from './report-error'
import { listNamedFiles, runFiles } from './run-files'
import { runStored } from './store-run'

const DEFAULT_DETECTOR = 'patchwarden-nano'
const DEFAULT_DEFENSE = 'segment-and-complete'

export interface DetectFlags extends RunFlags, DetectionFlags {
  readonly out?: string
  readonly format?: string
  readonly gt?: string
  readonly annotated?: string
  readonly masks?: string
  readonly resume?: boolean
  readonly timings?: boolean
  readonly json?: boolean
  readonly store?: boolean
  readonly dataset?: string
  readonly asRun?: string
}

const detectExamples = `
Examples:
  patchwarden detect photos/ --out results.json
  patchwarden detect photo.jpg --detector yolox.onnx --score-threshold 0.3 --format csv
  patchwarden detect photos/ --format yolo --out labels/
  patchwarden detect photos/ --gt annotations.json --format coco-results --out results.json`

const defendExamples = `
Examples:
  patchwarden defend photos/ --out results.json --annotated pictures/
  patchwarden defend photo.jpg --detector yolox.onnx --format csv
  patchwarden defend photos/ --out results.jsonl --masks masks/ --set fill=black
  patchwarden defend photos/ --out results.json --resume     goes on after Ctrl-C or a crash`

export function detectCommand(environment: Environment): Command {
  const command = new Command('detect')
    .description('runs a detector over photographs and folders')
    .optionsGroup('What runs:')
    .addHelpText('after', detectExamples)
  return withDetectOptions(command, environment)
}

export function defendCommand(environment: Environment): Command {
  const command = new Command('defend')
    .description('runs a defended detector over photographs and folders')
    .optionsGroup('What runs:')
    .option('--defense <id>', 'defense to put before the detector', DEFAULT_DEFENSE)
    .option('--set <key=value>', 'setting of the defense; may be given several times', repeatable)
    .optionsGroup('What is written:')
    .option('--masks <dir>', 'the removed pixels of each photograph as PNG (255 = removed)')
    .optionsGroup('What runs:')
    .addHelpText('after', () => pluginsHelp('Defenses and their settings (--set)', defenses))
    .addHelpText('after', defendExamples)
  return withDetectOptions(command, environment)
}

function withDetectOptions(command: Command, environment: Environment): Command {
  command
    .argument('[path...]', 'photographs, or folders of them')
    .option('--detector <id|file.onnx>', 'model that finds objects', DEFAULT_DETECTOR)
    .addOption(
      new Option(
        '--score-threshold <x>',
        "lowest score kept (default: the model card's)",
      ).argParser(number(0, 1)),
    )
    .optionsGroup('What is written:')
    .option(
      '--out <file>',
      'file for the results, or folder for formats of many files (default: standard output)',
    )
    .addOption(
      new Option(
        '--format <format>',
        `format of the results: ${resultFormats.join(', ')} (default: by the ending of --out, else coco)`,
      ).argParser(format),
    )
    .option(
      '--gt <file>',
      'COCO ground truth: results use its image and category ids, joined by file name',
    )
    .option('--annotated <dir>', 'pictures with boxes and masks')
    .option('--timings', 'adds the milliseconds of every stage to jsonl results')
    .option('--json', 'prints a summary of the run as JSON (with --out)')
    .optionsGroup('The project:')
    .option(
      '--store',
      'keeps the results in the project as a run; the same command goes on with it',
    )
    .option('--dataset <name>', 'takes the pictures of a data set of the project (with --store)')
    .option('--as-run <name>', 'name of the run (with --store)')
    .optionsGroup('How it runs:')
    .option('--resume', 'goes on where an interrupted run to the same --out stopped')
  return addRunOptions(command).action(async (paths: string[], flags: DetectFlags) => {
    await run(command, environment, paths, flags)
  })
}

async function run(
  command: Command,
  environment: Environment,
  paths: readonly string[],
  flags: DetectFlags,
): Promise<void> {
  if (flags.store) {
    await runStored(command, environment, paths, flags)
    return
  }
  requirePaths(command.name(), paths, flags)
  const locations = locationsFor(command, environment)
  const folder = folderOfResults(flags.format ?? 'coco', flags.out)
  const journal = journalPlace(flags)
  if (flags.resume && journal.journalBeside === undefined) {
    throw new AppError(
      'E_USAGE',
      '--resume needs --out FILE',
      'Name the file that the interrupted run was to write.',
    )
  }
  const detection = await chosenDetection(locations, flags)
  const { card, defense, usedModels, manifest, task } = detection
  const truth = flags.gt === undefined ? undefined : await readGroundTruthIds(flags.gt)
  const folders = [flags.annotated, flags.masks].filter((folder) => folder !== undefined)
  if (folder !== null) requireFreeFolder(folder)
  const { files, problems } = await listNamedFiles(paths, folders)
  const items = files.map(({ path, source, stem }) => ({
    path,
    source,
    ...(flags.annotated === undefined
      ? {}
      : { annotatedPath: join(flags.annotated, `${stem}.jpg`) }),
    ...(flags.masks === undefined ? {} : { maskPath: join(flags.masks, `${stem}.png`) }),
  }))
  const file = folder === null ? flags.out : join(folder, 'results') // stands for all files in it
  prepareOutputs(
    { ...(file === undefined ? {} : { file }), folders, pictures: items },
    [flags.detector, flags.gt].filter((path) => path !== undefined),
  )
  const finished = await runFiles(
    {
      label: defense ? 'defend' : 'detect',
      job: { locations, task },
      model: { id: flags.detector, sha256: card.sha256 },
      flags,
      manifest: { ...manifest, cards: [card, usedModels] },
      files: items,
      ...journal,
      resume: flags.resume ?? false,
    },
    environment,
  )
  const report = buildReport({
    files,
    results: finished.results,
    classNames: finished.ready?.classNames ?? card.classes,
    manifest,
    timings: flags.timings ?? false,
    ...(truth ? { truth } : {}),
  })
  const summary = summarize(report, finished.failed + problems, finished.resumed)
  if (finished.interrupted) {
    const done = finished.results.filter((result) => result !== undefined).length
    process.stderr.write(`interrupted: ${done} of ${count(files.length, 'photograph')} done\n`)
    if (finished.journal) {
      process.stderr.write(
        `hint: the same command with --resume goes on from ${finished.journal.path}\n`,
      )
    } else {
      await writeReport(report, flags, null)
    }
    environment.finish(EXIT.interrupted)
    return
  }
  await writeReport(report, flags, finished.journal)
  if (flags.json && flags.out !== undefined) {
    process.stdout.write(`${JSON.stringify({ ...summary, out: flags.out, manifest }, null, 2)}\n`)
  }
  process.stderr.write(`${summaryLine(summary, flags)}\n`)
  environment.finish(summary.failed > 0 ? EXIT.someFailed : EXIT.done)
}

function requirePaths(name: string, paths: readonly string[], flags: DetectFlags): void {
  const help = `"patchwarden ${name} --help" lists what it takes.`
  const option = flags.dataset === undefined ? flags.asRun && '--as-run' : '--dataset'
  if (option) throw new AppError('E_USAGE', `${option} needs --store`, help)
  if (paths.length === 0) throw new AppError('E_USAGE', '<path> is missing', help)
}

/** Results that go to a file are noted beside it while they come in; a device such as /dev/stdout has no beside. */
function journalPlace({ out }: DetectFlags): { journalBeside?: string } {
  if (out === undefined) return {}
  const stats = statSync(out, { throwIfNoEntry: false })
  return stats === undefined || stats.isFile() ? { journalBeside: out } : {}
}

/** The journal goes only once the results are safe. */
async function writeReport(
  report: Report,
  flags: DetectFlags,
  journal: Journal | null,
): Promise<void> {
  try {
    const exporter = exporterFor(flags)
    if (exporter === null) {
      await writeAsDataset(flags.format ?? 'coco', report, flags.out)
    } else if (flags.out === undefined) {
      const write = (text: string) => process.stdout.write(text)
      exporter.plugin.write(report, { write }, exporter.params)
    } else {
      const pieces: string[] = []
      exporter.plugin.write(report, { write: (text) => pieces.push(text) }, exporter.params)
      await writeFileAtomic(flags.out, pieces)
    }
  } catch (error) {
    if (!(error instanceof AppError) || !journal) throw error
    const kept = `The results are kept in ${journal.path}: the same command with --resume writes them.`
    throw new AppError(error.code, error.message, `${error.hint} ${kept}`, { cause: error })
  }
  journal?.remove()
}

function format(id: string): string {
  if (resultFormats.includes(id)) return id
  throw new InvalidArgumentError(`formats are ${resultFormats.join(', ')}.`)
}

function summaryLine(summary: ReturnType<typeof summarize>, flags: DetectFlags): string {
  const parts = [count(summary.images, 'photograph'), count(summary.detections, 'detection')]
  if (summary.masked) {
    const { pictures, boxes, added, imagesWithAdded } = summary.masked
    parts.push(
      added === 0
        ? `nothing added from ${count(pictures, 'masked picture')}`
        : `${added} of them added to ${count(imagesWithAdded, 'photograph')}, where a patch may hide them (from ${boxes} seen in ${count(pictures, 'masked picture')})`,
    )
  } else if (flags.defense !== undefined) {
    const share = (100 * summary.meanRemovedFraction).toFixed(2)
    parts.push(
      `patches removed from ${summary.imagesChanged} (${share} % of the pixels on average)`,
    )
  }
  if (summary.resumed > 0) parts.push(`${summary.resumed} taken over from the interrupted run`)
  if (summary.failed > 0) parts.push(`${summary.failed} failed`)
  if (flags.out !== undefined) parts.push(`written to ${flags.out}`)
  return parts.join(', ')
}
