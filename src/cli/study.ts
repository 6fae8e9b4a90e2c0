import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { D3sStudy } from '../engine/studies/d3s'
import type { OmImagenetStudy } from '../engine/studies/om-imagenet'
import type { Study, StudyRequest } from '../engine/studies/run-study'
import { studyAside } from '../engine/studies/study-process'
import type { Locations } from '../engine/vision-job'
import { Jobs } from '../service/jobs'
import { listStudies, startStudy, studyResult } from '../service/studies'
import type { ImportProblem } from '../shared/dataset'
import { probeSettings } from '../shared/studies'
import type { Project } from '../store'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { cancelWith } from './jobs'
import { projectFor } from './open-project'
import { number, wholeNumber } from './options'
import { count, oneLine, reportError } from './report-error'
import { d3sAsText, omImagenetAsText } from './study-report'
import { alignedTable } from './table'

interface StudyFlags {
  readonly model?: string
  readonly limit: number
  readonly map: Readonly<Record<string, string>>
  readonly threads: number
  readonly store?: string
  readonly json?: boolean
}

interface OmFlags extends StudyFlags {
  readonly model: string
  readonly natural?: string
}

interface D3sFlags extends StudyFlags {
  readonly probePictures: number
  readonly penalty: number
  readonly epochs: number
  readonly seed: number
  readonly withRejected?: boolean
  readonly geometry: 'tile' | 'published'
}

const examples = `
Examples:
  patchwarden study d3s D3S/ --model classifier.onnx
  patchwarden study d3s D3S/ --probe-pictures 20000 --json
  patchwarden study om-imagenet OM-ImageNet/ --model patchwarden-nano --map feline=cat --store manifold
  patchwarden study list
  patchwarden study show 12`

export function studyCommand(environment: Environment): Command {
  const command = new Command('study')
    .description('what the papers of two data sets looked at, for your own model')
    .addHelpText('after', examples)
  const d3s = new Command('d3s')
    .description('accuracy by background and shift, foreground and background probes')
    .argument('<path>', 'folder with train and val')
    .option('--model <id|file.onnx>', 'classifier or detector (without: probes on statistics)')
    .addOption(
      most('--probe-pictures <n>', 'training pictures for the probes; 0: no probes', 5_000),
    )
    .addOption(
      new Option('--penalty <x>', 'weight of the mutual information of the probes')
        .argParser(number(0, 1_000))
        .default(probeSettings.penalty),
    )
    .addOption(
      new Option('--epochs <n>', 'rounds of training of the probes')
        .argParser(wholeNumber(1, 10_000))
        .default(probeSettings.epochs),
    )
    .addOption(
      new Option('--seed <n>', 'seed of the probes').argParser(wholeNumber(0, 2 ** 31)).default(0),
    )
    .option('--with-rejected', 'also pictures that are not on the verified list')
    .addOption(
      new Option('--geometry <which>', 'the exact tile, or the cut of the published loader')
        .choices(['tile', 'published'])
        .default('tile'),
    )
    .action(async (path: string, flags: D3sFlags) => {
      const { probePictures, penalty, epochs, seed, withRejected, geometry } = flags
      const request = {
        ...asked('d3s' as const, path, flags),
        ...{ model: flags.model ?? null, probePictures, geometry },
        probe: { ...probeSettings, penalty, epochs, seed },
        withRejected: withRejected ?? false,
      }
      await ask<D3sStudy>(command, environment, flags, request, d3sAsText)
    })
  const om = new Command('om-imagenet')
    .description('natural against on-manifold pictures through the same model')
    .argument('<path>', 'folder with train and test')
    .requiredOption('--model <id|file.onnx>', 'classifier or detector')
    .option('--natural <path>', 'folder of the natural pictures, if it is not below the first')
    .action(async (path: string, flags: OmFlags) => {
      const natural = flags.natural === undefined ? null : resolve(flags.natural)
      const request = {
        ...asked('om-imagenet' as const, path, flags),
        ...{ model: flags.model, natural },
      }
      await ask<OmImagenetStudy>(command, environment, flags, request, omImagenetAsText)
    })
  for (const each of [d3s, om]) {
    each
      .addOption(most('--limit <n>', 'most pictures that are looked at, spread evenly', 1_000_000))
      .option('--map <dataset=model>', 'a class that the two call differently', classPair, {})
      .addOption(
        new Option('--threads <n>', 'threads of one model run')
          .argParser(wholeNumber(1, 256))
          .default(1),
      )
      .option('--store <name>', 'keeps the answer in the project, under this name')
      .option('--json', 'prints one JSON document')
    command.addCommand(each)
  }
  command.addCommand(listCommand(command, environment))
  command.addCommand(showCommand(command, environment))
  return command
}

function listCommand(command: Command, environment: Environment): Command {
  return new Command('list')
    .description('the studies that the project keeps, newest first')
    .option('--json', 'prints one JSON document')
    .action(async (flags: { readonly json?: boolean }) => {
      await using project = await projectFor(command, environment, { create: false })
      const studies = [...allStudies(project)]
      if (studies.length === 0 && !flags.json) {
        process.stderr.write('no studies yet: --store NAME keeps the answer of one\n')
        return
      }
      const rows = studies.map(({ id, name, kind, state, createdMs }) => {
        const began = new Date(createdMs).toISOString().slice(0, 16).replace('T', ' ')
        return [String(id), name, kind, state, began]
      })
      const table = alignedTable(['id', 'name', 'study', 'state', 'asked'], rows)
      process.stdout.write(`${flags.json ? JSON.stringify(studies, null, 2) : table}\n`)
    })
}

function showCommand(command: Command, environment: Environment): Command {
  return new Command('show')
    .description('the answer of a study that the project keeps')
    .argument('<id>', 'its number in "study list"', wholeNumber(1, 2 ** 31))
    .option('--json', 'prints one JSON document')
    .action(async (id: number, flags: { readonly json?: boolean }) => {
      await using project = await projectFor(command, environment, { create: false })
      const { study, failed, kind } = studyResult(project, id)
      const asText = (): string =>
        // What was kept is what a study of this kind had answered.
        kind === 'd3s'
          ? d3sAsText(study as unknown as D3sStudy)
          : omImagenetAsText(study as unknown as OmImagenetStudy)
      print(flags, { ...(study as object), failed }, asText)
    })
}

function* allStudies(project: Project) {
  for (let after: string | null = null; ;) {
    const page = listStudies(project, { after })
    yield* page.rows
    if (page.next === null) return
    after = page.next
  }
}

function asked<K extends StudyRequest['kind']>(kind: K, path: string, flags: StudyFlags) {
  const { limit, map: chosenClasses, threads } = flags
  return { kind, path: resolve(path), limit, chosenClasses, threads }
}

function most(flag: string, text: string, fallback: number): Option {
  return new Option(flag, text).argParser(wholeNumber(0, 1e9)).default(fallback)
}

function classPair(text: string, before: Readonly<Record<string, string>>) {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError('two names are needed, such as feline=cat.')
  }
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** Asks in a process of its own; with --store as a job of the project, which keeps the answer. */
async function ask<T extends Study>(
  command: Command,
  environment: Environment,
  flags: StudyFlags,
  request: StudyRequest,
  asText: (study: T) => string,
): Promise<void> {
  const locations = locationsFor(command, environment)
  const faults = new Faults()
  const study = (await (flags.store === undefined
    ? studyAside(request, locations, { signal: environment.signal, onFault: faults.add })
    : askAndKeep(command, environment, flags.store, { request, locations }, faults))) as T // of the kind that was asked
  faults.addProblems(study.problems)
  print(flags, { ...study, failed: faults.count }, () => asText(study))
  faults.finish(environment)
}

async function askAndKeep(
  command: Command,
  environment: Environment,
  name: string,
  order: { readonly request: StudyRequest; readonly locations: Locations },
  faults: Faults,
): Promise<Study> {
  await using project = await projectFor(command, environment)
  const job = startStudy(project, new Jobs(project), { name, ...order }, { onFault: faults.add })
  const study = await cancelWith(environment.signal, job)
  process.stderr.write(`study ${job.id} "${name}" is kept in the project\n`)
  return study
}

function print(flags: Pick<StudyFlags, 'json'>, study: object, asText: () => string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(study, null, 2) : asText()}\n`)
}

/** What could not be read: told as it comes, and counted for the exit code. */
class Faults {
  count = 0

  readonly add = (_file: string, error: Parameters<typeof reportError>[0]): void => {
    reportError(error)
    this.count++
  }

  addProblems(problems: readonly ImportProblem[]): void {
    for (const { decision, code, file, message } of problems) {
      if (decision !== 'accept-with-warning') this.count++
      process.stderr.write(oneLine(`warning ${code}: ${file}: ${message}`) + '\n')
    }
  }

  finish(environment: Environment): void {
    if (this.count === 0) return
    process.stderr.write(`${count(this.count, 'item')} left out\n`)
    environment.finish(EXIT.someFailed)
  }
}
