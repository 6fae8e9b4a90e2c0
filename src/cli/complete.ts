import { Command, InvalidArgumentError, Option } from 'commander'
import {
  completeFor,
  completionSchema,
  type CompletionSettings,
} from '../defenses/segment-and-complete/completion-settings'
import { shapeSets } from '../defenses/segment-and-complete/complete-product'
import { maskToPng } from '../engine/images/encode-png'
import { readMask } from '../engine/images/read-mask'
import { writeFileAtomic } from '../engine/files/write-file'
import { AppError } from '../shared/errors'
import { completeCases } from './complete-cases'
import type { Environment } from './environment'
import { number, wholeNumber } from './options'

interface CompleteFlags {
  readonly out?: string
  readonly cases?: string
  readonly sizes?: readonly number[]
  readonly shapes?: CompletionSettings['shapes']
  readonly alpha?: number
  readonly beta?: number
  readonly maxRung?: number
  readonly minArea?: number
  readonly components?: boolean
  readonly strict?: boolean
  readonly compatible?: boolean
  readonly json?: boolean
}

/** The sizes that the paper's scripts declare, in pixels. */
const PUBLISHED_SIZES = [125, 100, 75, 50, 25]

const examples = `
Examples:
  patchwarden complete mask.png --out completed.png
  patchwarden complete mask.png --out completed.png --sizes 0.5,0.25,0.125
  patchwarden complete mask.png --out completed.png --strict --sizes 100,50`

export function completeCommand(_environment: Environment): Command {
  return new Command('complete')
    .description('completes a patch mask to whole shapes, without a segmenter')
    .argument('[mask.png]', 'mask: above 127 is patch')
    .option('--out <file>', 'PNG to write (with --cases: JSON)')
    .option(
      '--cases <file>',
      'runs every case of a file of completion cases in exact and compatible mode',
    )
    .addOption(
      new Option(
        '--sizes <list>',
        'sides in pixels, or shares of the short side up to 1, with commas',
      ).argParser(sizes),
    )
    .addOption(
      new Option('--shapes <set>', 'shapes to complete with')
        .choices([...shapeSets])
        .default('squares'),
    )
    .addOption(
      new Option('--alpha <x>', 'first threshold of the ladder (0.9)').argParser(number(1e-6, 1)),
    )
    .addOption(
      new Option('--beta <x>', 'factor from rung to rung (0.7)').argParser(number(1e-6, 1)),
    )
    .addOption(
      new Option('--max-rung <n>', 'last rung (5; strict and compatible: 14)').argParser(
        wholeNumber(0, 63),
      ),
    )
    .addOption(
      new Option(
        '--min-area <n>',
        'smaller parts are dropped: share of the frame below 1, else pixels',
      ).argParser(number(0, 1e9)),
    )
    .option(
      '--components',
      'complete each connected part alone (the default, except in strict mode)',
    )
    .option('--no-components', 'complete all pixels together')
    .option('--strict', "the paper's definition and nothing else")
    .option('--compatible', "the published code's output, bit for bit, for comparison")
    .option('--json', 'prints rung, q and pixel counts as JSON')
    .addHelpText('after', examples)
    .action(async (mask: string | undefined, flags: CompleteFlags) => {
      if (flags.out === undefined)
        throw usage('--out is missing', 'Name the file to write after --out.')
      if (flags.cases !== undefined) {
        if (mask !== undefined)
          throw usage('give a mask or --cases, not both', 'Drop one of the two.')
        await writeFileAtomic(flags.out, await completeCases(flags.cases))
        return
      }
      if (mask === undefined)
        throw usage('no mask was given', 'Name a PNG file, or use --cases FILE.')
      if (flags.strict && flags.compatible) {
        throw usage('--strict and --compatible exclude each other', 'Choose one of the two.')
      }
      await completeFile(mask, flags.out, flags)
    })
}

async function completeFile(path: string, out: string, flags: CompleteFlags): Promise<void> {
  const { mask, warnings } = await readMask(path)
  for (const warning of warnings)
    process.stderr.write(`warning ${warning.code}: ${warning.message}\n`)
  const warn = (message: string): void => {
    process.stderr.write(`warning W_COMPLETION: ${message}\n`)
  }
  const rungs = flags.maxRung === undefined ? {} : { rungs: flags.maxRung + 1 }
  const result = completeFor(mask, settingsOf(flags), { warn, ...rungs })
  await writeFileAtomic(out, await maskToPng(result.mask))
  const ones = result.mask.bits.reduce((sum, bit) => sum + bit, 0)
  const found = mask.bits.reduce((sum, bit) => sum + bit, 0)
  if (flags.json) {
    const { notes } = result
    process.stdout.write(
      `${JSON.stringify({ out, width: mask.width, height: mask.height, found, ones, ...notes })}\n`,
    )
  } else {
    const rung = result.notes.rung < 0 ? 'no shape accepted' : `rung ${result.notes.rung}`
    process.stderr.write(`${found} pixels in, ${ones} pixels out, ${rung}, written to ${out}\n`)
  }
}

function settingsOf(flags: CompleteFlags): CompletionSettings {
  const given = {
    mode: flags.compatible ? 'compatible' : flags.strict ? 'exact' : 'product',
    shapes: flags.shapes,
    sizes: flags.sizes ?? PUBLISHED_SIZES,
    alpha: flags.alpha,
    beta: flags.beta,
    components: flags.components,
    minArea: flags.minArea,
  }
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return completionSchema.parse(Object.fromEntries(known))
}

function sizes(text: string): number[] {
  const values = text.split(',').map((part) => Number(part.trim() || NaN))
  if (
    values.some(
      (value) => !Number.isFinite(value) || value <= 0 || (value > 1 && !Number.isInteger(value)),
    )
  ) {
    throw new InvalidArgumentError(
      'sizes are whole pixels or shares up to 1, such as 125,100,75 or 0.25,0.125.',
    )
  }
  return values
}

function usage(message: string, hint: string): AppError {
  return new AppError('E_USAGE', message, hint)
}
