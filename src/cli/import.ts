import { extname } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { importers } from '../datasets'
import { writeFileAtomic } from '../engine/files/write-file'
import { ImportReport } from '../engine/import/import-report'
import { preview } from '../engine/import/preview'
import { chooseImporter, recognize } from '../engine/import/recognize'
import { expectShortLivedRecords } from '../engine/import/short-lived-records'
import { startVerifier } from '../engine/import/verifier'
import { programFile } from '../engine/program-file'
import { spawnNodeWorker } from '../engine/spawn-worker'
import { checkDataset, importDataset, type ImportResult } from '../service/import-job'
import { openImportPlace, type ImportPlace } from '../service/import-place'
import { Jobs } from '../service/jobs'
import { type ImporterPlugin, parseSettings } from '../shared/plugin'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { pluginsHelp } from './help'
import { foundLines, importJson, problemLines, summaryLine } from './import-texts'
import { importResultsFile } from './import-results'
import { requireTarget, type Target, targetOf, targetUnclear } from './import-target'
import { cancelWith } from './jobs'
import { projectFor } from './open-project'
import { number, repeatable } from './options'
import { Progress } from './progress'

export interface ImportFlags {
  readonly dataset?: string
  readonly into?: string
  readonly format?: string
  readonly set?: readonly string[]
  readonly dryRun?: boolean
  readonly verify?: boolean
  readonly report?: string
  readonly asRun?: string
  readonly json?: boolean
  readonly maxMegapixels: number
}

/** Problems of one code in a report file; all are in the project. */
const mostReported = 100_000

const examples = `
Examples:
  patchwarden import photos/ --dataset photos            plain folders of pictures
  patchwarden import annotations.json --dataset street   COCO, with the pictures beside it
  patchwarden import APRICOT.zip --dataset apricot --report report.csv
  patchwarden import labels/ --dataset x --dry-run       what would be imported, and what is wrong
  patchwarden import more/ --into street                 adds to a data set that is there
  patchwarden import results.json --as-run yolo --dataset street

Pictures stay where they are; those of an archive are unpacked into the project.`

export function importCommand(environment: Environment): Command {
  const command = new Command('import')
    .description('brings a data set into the project')
    .argument('<path>', 'folder, annotation file or ZIP archive')
    .option('--dataset <name>', 'what the new data set is called in the project')
    .option(
      '--into <name>',
      'adds to this data set: pictures and annotations that it has are not doubled',
    )
    .optionsGroup('What is imported:')
    .addOption(
      new Option(
        '--format <format>',
        `insists on a format: ${[...importers.keys()].join(', ')}`,
      ).argParser(format),
    )
    .option('--set <key=value>', 'setting of the format; may be given several times', repeatable)
    .option(
      '--as-run <name>',
      'takes the file for COCO results: detections in pictures of the data set',
    )
    .addOption(
      new Option('--max-megapixels <n>', 'larger pictures are left out')
        .argParser(number(0.001, 4_000))
        .default(120),
    )
    .optionsGroup('How it is done:')
    .option(
      '--dry-run',
      'says what would be imported and what is wrong with it, and stores nothing',
    )
    .option('--verify', 'decodes every picture, which finds damage inside them; takes longer')
    .addOption(
      new Option('--report <file>', 'writes every problem to a .json or .csv file').argParser(
        reportFile,
      ),
    )
    .option('--json', 'prints one JSON document')
    .addHelpText('after', () => pluginsHelp('Formats and their settings (--set)', importers))
    .addHelpText('after', examples)
  return command.action(async (path: string, flags: ImportFlags) => {
    const target = targetOf(flags)
    if (flags.asRun === undefined) await importPath(command, environment, path, { flags, target })
    else if (flags.dataset !== undefined) {
      const { asRun, dataset } = flags
      await importResultsFile(command, environment, path, { ...flags, asRun, dataset })
    } else throw targetUnclear('results become a run of the data set that --dataset names')
  })
}

function format(id: string): string {
  if (importers.has(id)) return id
  throw new InvalidArgumentError(`formats are ${[...importers.keys()].join(', ')}.`)
}

function reportFile(path: string): string {
  if (['.json', '.csv'].includes(extname(path).toLowerCase())) return path
  throw new InvalidArgumentError('the file must end in .json or .csv.')
}

async function importPath(
  command: Command,
  environment: Environment,
  path: string,
  { flags, target }: { readonly flags: ImportFlags; readonly target: Target },
): Promise<void> {
  expectShortLivedRecords()
  const { projectDir } = locationsFor(command, environment)
  await requireTarget(projectDir, target)
  const place = await openImportPlace(path, projectDir)
  try {
    const importer = await chosenImporter(place, flags)
    const params = parseSettings(importer.id, importer.params, flags.set ?? [])
    const found = await preview(place.source, importer, params)
    for (const line of foundLines(found)) process.stderr.write(`${line}\n`)
    const reading = { importer, params }
    const total = found.complete ? found.images : null
    const report = new ImportReport(flags.report === undefined ? {} : { examples: mostReported })
    const asked = { place, target, reading, total, flags, report }
    const result = await run(command, environment, asked).finally(() => tellProblems(report, flags))
    const told = { ...target, dryRun: flags.dryRun ?? false }
    process.stderr.write(`${summaryLine(result, told)}\n`)
    if (flags.json) process.stdout.write(`${importJson(result, importer.id, told)}\n`)
    const left = result.report.groups().some(({ decision }) => decision !== 'accept-with-warning')
    environment.finish(left ? EXIT.someFailed : EXIT.done)
  } finally {
    place.source.close()
  }
}

async function chosenImporter(
  { source }: ImportPlace,
  flags: ImportFlags,
): Promise<ImporterPlugin> {
  const candidates = await recognize(source)
  const importer = await chooseImporter(source, flags.format ?? null)
  const own = candidates.find((candidate) => candidate.importer.id === importer.id)
  const others = candidates
    .filter((candidate) => candidate.importer.id !== importer.id && candidate.certainty >= 0.5)
    .map((candidate) => candidate.importer.id)
  const what = own?.summary ?? `taken for ${importer.name} because of --format`
  const also =
    others.length === 0 ? '' : `; it could also be read as ${others.join(', ')} (--format)`
  process.stderr.write(`found: ${what} (format ${importer.id}${also})\n`)
  return importer
}

interface ImportRun {
  readonly place: ImportPlace
  readonly target: Target
  readonly reading: Parameters<typeof checkDataset>[1]
  readonly total: number | null
  readonly flags: ImportFlags
  readonly report: ImportReport
}

async function run(
  command: Command,
  environment: Environment,
  { place, target, reading, total, flags, report }: ImportRun,
): Promise<ImportResult> {
  const progress = new Progress(flags.dryRun ? 'check' : 'import', total ?? 0)
  const verifier = flags.verify
    ? startVerifier({ entry: programFile('verify'), spawn: spawnNodeWorker, workers: 2 })
    : null
  const steps = {
    ...(verifier ? { verify: verifier.verify } : {}),
    maxPixels: Math.round(flags.maxMegapixels * 1e6),
    report,
  }
  const onImage = (images: number): void => {
    if (total !== null) progress.update(Math.min(images, total), 0)
  }
  try {
    if (flags.dryRun) {
      return await checkDataset(place, reading, { ...steps, onImage, signal: environment.signal })
    }
    await using project = await projectFor(command, environment)
    const { importer, params } = reading
    const { name, isNew } = target
    const into = isNew ? null : project.datasets.byName(name).id
    const manifest = {
      ...{ root: place.root, importer: importer.id, params: JSON.stringify(params), name },
      ...(into === null ? {} : { into }),
    }
    const order = { ...(into === null ? { name } : { into }), ...reading }
    const job = new Jobs(project).start({ kind: 'import', name, manifest }, (control) =>
      importDataset(project, place, order, {
        ...steps,
        onImage(images) {
          onImage(images)
          control.report({ done: images, ...(total === null ? {} : { total }) })
        },
        signal: control.signal,
        checkpoint: control.checkpoint,
      }),
    )
    return await cancelWith(environment.signal, job)
  } finally {
    progress.clear()
    verifier?.close()
  }
}

/** Also where the import is refused: they say why. */
async function tellProblems(report: ImportReport, flags: ImportFlags): Promise<void> {
  for (const line of problemLines(report)) process.stderr.write(`${line}\n`)
  if (flags.report === undefined) return
  const isCsv = flags.report.toLowerCase().endsWith('.csv')
  await writeFileAtomic(flags.report, isCsv ? report.toCsv() : report.toJson())
}
