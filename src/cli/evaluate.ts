import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import { reasonOf } from '../engine/files/read-file'
import { AppError } from '../shared/errors'
import {
  attackRules,
  attackSuccess,
  evaluateAttacked,
  evaluateCoco,
  localizationRecallPrecision,
  parseCocoGroundTruth,
  parseCocoResults,
  precisionRecall,
  separatePatches,
  splitErrors,
} from '../shared/metrics'
import type { Environment } from './environment'
import { evaluateMasks } from './evaluate-masks'
import { evaluationAsJson, evaluationAsText, type EvaluationReport } from './evaluate-report'
import { EXIT } from './exit-codes'
import { number } from './options'
import { joinByName } from './results-by-name'

interface EvaluateFlags {
  readonly gt?: string
  readonly dt?: string
  readonly iouType: 'bbox' | 'segm'
  readonly curves?: readonly number[]
  readonly errors?: boolean
  readonly patches?: string
  readonly attackIou: number
  readonly attackScore: number
  readonly masks?: string
  readonly trueMasks?: string
  readonly json?: boolean
}

const examples = `
Examples:
  patchwarden evaluate --gt instances.json --dt results.json --json
  patchwarden evaluate --gt instances.json --dt results.json --errors --curves 0.5,0.9
  patchwarden evaluate --gt apricot_test_all_annotations.json --dt results.json
  patchwarden evaluate --masks found/ --true-masks masks/`

export function evaluateCommand(environment: Environment): Command {
  return new Command('evaluate')
    .description('compares detections with a ground truth as COCO does, and masks with true masks')
    .optionsGroup('Objects:')
    .option('--gt <file>', 'COCO ground truth')
    .option('--dt <file>', 'detections: COCO results, or a COCO document with scores')
    .addOption(
      new Option('--iou-type <type>', 'overlap of boxes or of masks')
        .choices(['bbox', 'segm'])
        .default('bbox'),
    )
    .option('--curves <iou,iou>', 'precision-recall curves at these IoU thresholds', thresholds)
    .option('--errors', 'kinds of error and what each costs (TIDE), and the LRP error')
    .optionsGroup('Patches (annotations of the category "adversarial patch"):')
    .option(
      '--patches <file>',
      'COCO file with the patches (default: those of an APRICOT ground truth)',
    )
    .addOption(
      new Option('--attack-iou <x>', 'overlap of a detection and a patch that is its success')
        .argParser(number(0.01, 1))
        .default(attackRules.iou),
    )
    .addOption(
      new Option('--attack-score <x>', 'detections below this score are no success')
        .argParser(number(0, 1))
        .default(attackRules.score),
    )
    .optionsGroup('Masks:')
    .option('--masks <dir>', 'patch masks that were found, PNG')
    .option('--true-masks <dir>', 'the true masks, of the same names')
    .optionsGroup('What is printed:')
    .option('--json', 'one JSON document, with precision curves (default: at IoU 0.5 and 0.75)')
    .addHelpText('after', examples)
    .action(async (flags: EvaluateFlags) => {
      const report: EvaluationReport = {
        ...(await evaluateObjects(flags)),
        ...(await compareMasks(flags, environment.signal)),
      }
      const text = flags.json ? evaluationAsJson(report) : evaluationAsText(report)
      process.stdout.write(`${text}\n`)
      if ((report.masks?.failed ?? 0) > 0) environment.finish(EXIT.someFailed)
    })
}

async function evaluateObjects(flags: EvaluateFlags): Promise<EvaluationReport> {
  const { gt, dt, iouType } = flags
  if (gt === undefined && dt === undefined && flags.masks !== undefined) return {}
  if (gt === undefined || dt === undefined) {
    throw new AppError(
      'E_USAGE',
      `option "${gt === undefined ? '--gt' : '--dt'} <file>" is missing`,
      'Detections need --gt and --dt, masks need --masks and --true-masks.',
    )
  }
  const document = await readJson(gt)
  const truth = parseCocoGroundTruth(document)
  const own = isApricot(document)
    ? separatePatches(truth, document)
    : { objects: truth, patches: [], warnings: [] }
  const results = parseCocoResults(joinByName(document, await readJson(dt)))
  const elsewhere = flags.patches === undefined ? null : await readPatches(flags.patches)
  const evaluation = evaluateCoco(own.objects, results, { iouType })
  const warnings = [...own.warnings, ...(elsewhere?.warnings ?? []), ...evaluation.warnings]
  for (const warning of warnings) process.stderr.write(`warning ${warning}\n`)
  const patches = elsewhere?.patches ?? own.patches
  const wanted = flags.curves ?? (flags.json ? [0.5, 0.75] : [])
  const rules = { iou: flags.attackIou, score: flags.attackScore }
  return {
    objects: {
      evaluation,
      curves: wanted.map((iou) => precisionRecall(own.objects, results, iouType, iou)),
    },
    ...(flags.errors
      ? {
          errors: splitErrors(own.objects, results, iouType),
          lrp: localizationRecallPrecision(own.objects, results, iouType),
        }
      : {}),
    ...(patches.length === 0
      ? {}
      : {
          attacked: evaluateAttacked(own.objects, patches, results, iouType),
          attack: attackSuccess(patches, results, rules),
        }),
  }
}

/** APRICOT marks its patches with a category of its own. In any other file a category is what its author wants scored. */
function isApricot(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'patches' in document
}

async function readPatches(path: string) {
  const document = await readJson(path)
  const { patches, warnings } = separatePatches(parseCocoGroundTruth(document), document)
  if (patches.length === 0) {
    throw new AppError(
      'E_NO_PATCHES',
      `${path} has no annotations of a category "adversarial patch"`,
      'Give a COCO file with the patches, such as apricot_test_patch_annotations.json.',
    )
  }
  return { patches, warnings }
}

async function compareMasks(flags: EvaluateFlags, signal: AbortSignal): Promise<EvaluationReport> {
  const { masks, trueMasks } = flags
  if (masks === undefined && trueMasks === undefined) return {}
  if (masks === undefined || trueMasks === undefined) {
    throw new AppError(
      'E_USAGE',
      `option "${masks === undefined ? '--masks' : '--true-masks'} <dir>" is missing`,
      'Masks are compared folder with folder: give both.',
    )
  }
  return { masks: await evaluateMasks(masks, trueMasks, signal) }
}

function thresholds(text: string): number[] {
  const values = text.split(',').map(Number)
  if (values.every((value) => value > 0 && value <= 1)) return values
  throw new InvalidArgumentError('numbers above 0 and up to 1 are needed, such as 0.5,0.75.')
}

async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new AppError(
      'E_FILE_UNREADABLE',
      `cannot read ${path}: ${reasonOf(cause)}`,
      'Check the path and its permissions.',
      { cause },
    )
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('E_JSON_SYNTAX', `${path} is not JSON: ${reason}`, 'Give a COCO file.', {
      cause,
    })
  }
}
