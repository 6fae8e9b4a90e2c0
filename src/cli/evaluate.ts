import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { reasonOf } from '../engine/files/read-file'
import { AppError } from '../shared/errors'
import {
  type CocoEvaluation,
  evaluateCoco,
  parseCocoGroundTruth,
  parseCocoResults,
  precisionCurve,
} from '../shared/metrics'
import type { Environment } from './environment'
import { alignedTable } from './table'

interface EvaluateFlags {
  readonly gt: string
  readonly dt: string
  readonly iouType: 'bbox' | 'segm'
  readonly json?: boolean
}

export function evaluateCommand(_environment: Environment): Command {
  return new Command('evaluate')
    .description('compares detections with a ground truth as COCO does')
    .requiredOption('--gt <file>', 'COCO ground truth')
    .requiredOption('--dt <file>', 'detections: COCO results, or a COCO document with scores')
    .addOption(
      new Option('--iou-type <type>', 'overlap of boxes or of masks')
        .choices(['bbox', 'segm'])
        .default('bbox'),
    )
    .option('--json', 'prints one JSON document, with precision curves at IoU 0.5 and 0.75')
    .action(async (flags: EvaluateFlags) => {
      const truth = parseCocoGroundTruth(await readJson(flags.gt))
      const results = parseCocoResults(await readJson(flags.dt))
      const evaluation = evaluateCoco(truth, results, { iouType: flags.iouType })
      for (const warning of evaluation.warnings) process.stderr.write(`warning ${warning}\n`)
      process.stdout.write(flags.json ? `${asJson(evaluation)}\n` : `${asText(evaluation)}\n`)
    })
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

function asJson(evaluation: CocoEvaluation): string {
  const { stats, iouType, perCategory } = evaluation
  const curve = (id: number, iou: number): readonly number[] => [
    ...(precisionCurve(evaluation, id, iou) ?? []),
  ]
  const categories = perCategory.map((category) => ({
    ...category,
    precisionCurve50: curve(category.categoryId, 0.5),
    precisionCurve75: curve(category.categoryId, 0.75),
  }))
  return JSON.stringify({ stats, iouType, perCategory: categories })
}

function asText({ stats, perCategory }: CocoEvaluation): string {
  const percent = (value: number): string => (value < 0 ? '-' : (100 * value).toFixed(1))
  const summary = Object.entries(stats).map(([name, value]: [string, number]) => [
    name,
    percent(value),
  ])
  const categories = perCategory
    .filter(({ truths }) => truths > 0)
    .map(({ categoryId, name, AP, AP50, AR100, truths, detections }) => [
      name ?? String(categoryId),
      percent(AP),
      percent(AP50),
      percent(AR100),
      String(truths),
      String(detections),
    ])
  return `${alignedTable(['percent', ''], summary)}\n\n${alignedTable(
    ['class', 'AP', 'AP50', 'AR100', 'objects', 'detections'],
    categories,
  )}`
}
