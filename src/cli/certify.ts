import { Command, Option } from 'commander'
import { certificateMethods } from '../engine/certificate-method'
import { writeFileAtomic } from '../engine/files/write-file'
import { AppError } from '../shared/errors'
import { certifyCases } from './certify-cases'
import { certifyFiles } from './certify-files'
import type { CertificationFlags } from './certify-order'
import { certifyStored, listStored } from './certify-stored'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import { pluginsHelp } from './help'
import { addRunOptions, number, repeatable, type RunFlags } from './options'
import { reportError } from './report-error'

export interface CertifyFlags extends RunFlags, CertificationFlags {
  readonly cases?: string
  readonly run?: string
  readonly dataset?: string
  readonly list?: string
  readonly store?: boolean
  readonly asRun?: string
  readonly gt?: string
  readonly out?: string
  readonly json?: boolean
  readonly resume?: boolean
}

const examples = `
Examples:
  patchwarden certify photo.png --method derandomized-smoothing --model crops-columns
  patchwarden certify --run 3 --method derandomized-smoothing --model crops-columns --patch 2%
  patchwarden certify photos/ --method objectseeker --model yolox-nano --gt annotations.json --patch 2%
  patchwarden certify photo.png --method patch-cleanser --model cifar10-gaussian --patch 4x4
  patchwarden certify digits/ --method splitting-noise --model cifar10-splitting --radius 0.5 --out c.json
  patchwarden certify --list 5
  patchwarden certify --cases cases.json --out results.json`

export function certifyCommand(environment: Environment): Command {
  const command = new Command('certify')
    .description('proves what no attacker can change, of pictures or of the boxes of a run')
    .argument('[path...]', 'photographs, or folders of them')
    .optionsGroup('What is certified:')
    .option('--method <id>', [...certificateMethods.keys()].join(', '))
    .option('--model <id|file.onnx>', 'classifier, or detector for objectseeker')
    .option(
      '--run <run>',
      'boxes of a run of the project, of all its pictures or of those that are named',
    )
    .option('--dataset <name>', 'pictures of a data set of the project, or their objects')
    .option('--gt <file>', 'COCO ground truth with the objects of the pictures (objectseeker)')
    .option(
      '--patch <size>',
      'patch that is asked about: 2%, 64 or 64x32; ends once it is answered',
    )
    .addOption(
      new Option(
        '--radius <x>',
        'size of other changes that is asked about, in the unit of the method',
      ).argParser(number(0, 1e9)),
    )
    .option('--set <key=value>', 'setting of the method; may be given several times', repeatable)
    .addOption(
      new Option('--score-threshold <x>', 'lowest score of boxes (objectseeker)').argParser(
        number(0, 1),
      ),
    )
    .option('--cases <file>', 'runs every case of a file of certificate cases instead')
    .option('--list <run>', 'shows the certificates of a run, and which are stale, instead')
    .optionsGroup('What is written:')
    .option('--out <file>', 'JSON to write')
    .option('--json', 'prints the same JSON')
    .optionsGroup('The project:')
    .option('--store', 'keeps the certificates of named pictures in the project too')
    .option('--as-run <name>', 'name of the run that they become')
    .optionsGroup('How it runs:')
    .option('--resume', 'goes on where an interrupted run to the same --out stopped')
    .addHelpText('after', () =>
      pluginsHelp('Methods and their settings (--set)', certificateMethods),
    )
    .addHelpText('after', examples)
  return addRunOptions(command).action(async (paths: string[], flags: CertifyFlags) => {
    if (flags.cases !== undefined) await answerCases(environment, flags.cases, flags.out)
    else if (flags.list !== undefined) await listStored(command, environment, flags.list, flags)
    else await certify(command, environment, paths, flags)
  })
}

async function certify(
  command: Command,
  environment: Environment,
  paths: readonly string[],
  flags: CertifyFlags,
): Promise<void> {
  const { run, dataset, gt, method } = flags
  if (paths.length === 0 && run === undefined && dataset === undefined) {
    throw usage(
      'nothing to certify was named',
      'Name photographs, a run (--run), a data set (--dataset), or cases (--cases).',
    )
  }
  if (dataset !== undefined && (run !== undefined || paths.length > 0)) {
    throw usage('--dataset stands alone', 'Leave out --run and paths, or --dataset.')
  }
  if (run !== undefined && method === 'objectseeker') {
    throw usage(
      '--run and --method objectseeker do not go together',
      'ObjectSeeker certifies known objects: give pictures with --gt, or --dataset.',
    )
  }
  if (
    gt !== undefined &&
    (method !== 'objectseeker' || run !== undefined || dataset !== undefined)
  ) {
    throw usage(
      '--gt is for pictures and --method objectseeker',
      'Other methods certify pictures, or the boxes of a run (--run).',
    )
  }
  const isStored = run !== undefined || dataset !== undefined || flags.store === true
  if (isStored && flags.resume) {
    throw usage('--resume is not needed', 'What is stored is not computed again.')
  }
  if (isStored && gt !== undefined) {
    throw usage('--gt cannot be used with --store', 'Import the ground truth as a data set.')
  }
  if (!isStored && flags.asRun !== undefined) {
    throw usage('--as-run needs --store', 'Add --store, or leave it out.')
  }
  if (isStored) await certifyStored(command, environment, paths, flags)
  else await certifyFiles(command, environment, paths, flags)
}

async function answerCases(
  environment: Environment,
  cases: string,
  out: string | undefined,
): Promise<void> {
  if (out === undefined) throw usage('--out is missing', 'Name the file to write after --out.')
  const { text, answers } = await certifyCases(cases)
  await writeFileAtomic(out, text)
  const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []))
  for (const error of errors) reportError(error)
  process.stderr.write(
    `${answers.length - errors.length} of ${answers.length} cases run, written to ${out}\n`,
  )
  if (errors.length > 0) environment.finish(EXIT.someFailed)
}

function usage(message: string, hint: string): AppError {
  return new AppError('E_USAGE', message, hint)
}
