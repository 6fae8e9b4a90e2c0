import { Command, InvalidArgumentError, Option } from 'commander'
import { diskSource } from '../engine/import/disk-source'
import { openModelStore } from '../engine/models/model-store'
import { createModelHost } from '../engine/models/sessions'
import { studyD3s } from '../engine/studies/d3s'
import { studyOmImagenet } from '../engine/studies/om-imagenet'
import { openPictureModel, type PictureModel } from '../engine/studies/picture-model'
import type { ImportProblem } from '../shared/dataset'
import { probeSettings } from '../shared/studies'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { number, wholeNumber } from './options'
import { count, oneLine, reportError } from './report-error'
import { d3sAsText, omImagenetAsText } from './study-report'

interface StudyFlags {
  readonly model?: string
  readonly limit: number
  readonly map: Readonly<Record<string, string>>
  readonly threads: number
  readonly json?: boolean
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
  patchwarden study om-imagenet OM-ImageNet/ --model patchwarden-nano --map feline=cat`

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
      const source = await diskSource(path)
      await withModel(command, environment, flags, async (model) => {
        const faults = new Faults()
        const study = await studyD3s(source, {
          model,
          limit: flags.limit,
          probePictures: flags.probePictures,
          probe: {
            ...probeSettings,
            penalty: flags.penalty,
            epochs: flags.epochs,
            seed: flags.seed,
          },
          withRejected: flags.withRejected ?? false,
          geometry: flags.geometry,
          chosenClasses: flags.map,
          signal: environment.signal,
          onFault: faults.add,
        })
        faults.addProblems(study.problems)
        print(flags, { ...study, failed: faults.count }, () => d3sAsText(study))
        faults.finish(environment)
      })
    })
  const om = new Command('om-imagenet')
    .description('natural against on-manifold pictures through the same model')
    .argument('<path>', 'folder with train and test')
    .requiredOption('--model <id|file.onnx>', 'classifier or detector')
    .option('--natural <path>', 'folder of the natural pictures, if it is not below the first')
    .action(async (path: string, flags: StudyFlags & { readonly natural?: string }) => {
      const source = await diskSource(path)
      const natural = flags.natural === undefined ? null : await diskSource(flags.natural)
      await withModel(command, environment, flags, async (model) => {
        if (!model) return
        const faults = new Faults()
        const study = await studyOmImagenet(source, natural, {
          model,
          limit: flags.limit,
          chosenClasses: flags.map,
          signal: environment.signal,
          onFault: faults.add,
        })
        faults.addProblems(study.problems)
        print(flags, { ...study, failed: faults.count }, () => omImagenetAsText(study))
        faults.finish(environment)
      })
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
      .option('--json', 'prints one JSON document')
    command.addCommand(each)
  }
  return command
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

async function withModel(
  command: Command,
  environment: Environment,
  flags: StudyFlags,
  work: (model: PictureModel | null) => Promise<void>,
): Promise<void> {
  const store = await openModelStore(locationsFor(command, environment))
  const host = createModelHost({ store, threads: flags.threads, signal: environment.signal })
  try {
    await work(flags.model === undefined ? null : await openPictureModel(flags.model, host))
  } finally {
    await host.release()
  }
}

function print(flags: StudyFlags, study: object, asText: () => string): void {
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
