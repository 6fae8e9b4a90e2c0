import {
  type AttackedEvaluation,
  type AttackSuccess,
  type CocoEvaluation,
  type ErrorSplit,
  errorKinds,
  type LrpSummary,
  precisionCurve,
  type PrecisionRecall,
  recallPoints,
} from '../shared/metrics'
import type { MaskEvaluation } from './evaluate-masks'
import { alignedTable } from './table'

/** Everything that one call has found out; what was not asked for is missing. */
export interface EvaluationReport {
  readonly objects?: {
    readonly evaluation: CocoEvaluation
    /** One entry for each IoU threshold. */
    readonly curves: readonly (readonly PrecisionRecall[])[]
  }
  readonly errors?: ErrorSplit
  readonly lrp?: LrpSummary
  readonly attacked?: AttackedEvaluation
  readonly attack?: AttackSuccess
  readonly masks?: MaskEvaluation
}

export function evaluationAsJson(report: EvaluationReport): string {
  const { objects, errors, lrp, attacked, attack, masks } = report
  return JSON.stringify({
    ...(objects ? objectsAsJson(objects) : {}),
    ...(errors ? { errors } : {}),
    ...(lrp ? { lrp } : {}),
    ...(attacked
      ? {
          attacked: {
            images: attacked.images,
            attacked: attacked.attacked,
            spared: attacked.spared,
            AP50: attacked.evaluation.stats.AP50,
            stats: attacked.evaluation.stats,
          },
        }
      : {}),
    ...(attack ? { attackSuccess: attack } : {}),
    ...(masks ? { masks } : {}),
  })
}

function objectsAsJson({ evaluation, curves }: NonNullable<EvaluationReport['objects']>) {
  const { stats, iouType, perCategory } = evaluation
  const curve = (id: number, iou: number): readonly number[] => [
    ...(precisionCurve(evaluation, id, iou) ?? []),
  ]
  return {
    stats,
    iouType,
    perClass: perCategory,
    perCategory: perCategory.map((category) => ({
      ...category,
      precisionCurve50: curve(category.categoryId, 0.5),
      precisionCurve75: curve(category.categoryId, 0.75),
    })),
    curves: {
      recall: [...recallPoints],
      thresholds: curves.map((classes) => ({
        iou: classes[0]?.iouThreshold ?? null,
        classes: classes.flatMap(({ categoryId, name, truths, AP, interpolated }) =>
          interpolated ? { categoryId, name, truths, AP, precision: [...interpolated] } : [],
        ),
      })),
    },
  }
}

export function evaluationAsText(report: EvaluationReport): string {
  const { objects, errors, lrp, attacked, attack, masks } = report
  const parts = [
    ...(objects ? objectsAsText(objects.evaluation) : []),
    ...(objects?.curves.flatMap(curveAsText) ?? []),
    ...(errors ? [errorsAsText(errors)] : []),
    ...(lrp ? [lrpAsText(lrp)] : []),
    ...(attacked ? [attackedAsText(attacked)] : []),
    ...(attack ? [attackAsText(attack)] : []),
    ...(masks ? [masksAsText(masks)] : []),
  ]
  return parts.join('\n\n')
}

function objectsAsText({ stats, perCategory }: CocoEvaluation): string[] {
  const summary = Object.entries(stats).map(([name, value]: [string, number]) => [
    name,
    percent(value),
  ])
  const categories = perCategory
    .filter(({ truths }) => truths > 0)
    .map(({ categoryId, name, AP, AP50, APs, APm, APl, AR100, truths, detections }) => [
      name ?? String(categoryId),
      ...[AP, AP50, APs, APm, APl, AR100].map(percent),
      String(truths),
      String(detections),
    ])
  return [
    alignedTable(['percent', ''], summary),
    alignedTable(
      ['class', 'AP', 'AP50', 'APs', 'APm', 'APl', 'AR100', 'objects', 'detections'],
      categories,
    ),
  ]
}

function curveAsText(classes: readonly PrecisionRecall[]): string[] {
  const known = classes.filter(({ truths }) => truths > 0)
  const [first] = known
  if (!first) return []
  const at = [0, 20, 40, 60, 80, 100]
  const rows = known.map(({ categoryId, name, AP, interpolated }) => [
    name ?? String(categoryId),
    percent(AP),
    ...at.map((j) => percent(interpolated?.[j] ?? -1)),
  ])
  const head = ['class', 'AP', ...at.map((j) => `at ${j}`)]
  return [
    `precision (percent) by recall (percent), IoU ${first.iouThreshold}\n${alignedTable(head, rows)}`,
  ]
}

function errorsAsText({ AP, counts, dAP, thresholds, ...rest }: ErrorSplit): string {
  const rows = errorKinds.map((kind) => [kind, String(counts[kind]), points(dAP[kind])])
  const all = [
    ...rows,
    ['all false detections', '', points(rest.dAPFalsePositives)],
    ['all objects not found', '', points(rest.dAPFalseNegatives)],
  ]
  const { foreground, background } = thresholds
  return `errors after TIDE: AP at IoU ${foreground} is ${percent(AP)}; what it would gain (IoU ${foreground} and ${background})\n${alignedTable(
    ['error', 'count', 'gain'],
    all,
  )}`
}

function lrpAsText({ iouThreshold, moLRP, perCategory }: LrpSummary): string {
  return `localization-recall-precision error at IoU ${iouThreshold}: ${percent(moLRP)} (mean of ${perCategory.length} classes, lower is better)`
}

function attackedAsText({ images, attacked, spared, evaluation }: AttackedEvaluation): string {
  return `objects that a patch touches: AP50 ${percent(evaluation.stats.AP50)} (${attacked} objects in ${images} images; ${spared} others there left out)`
}

function attackAsText({ rules, patches, successes, rate, unknownTargets }: AttackSuccess): string {
  const share = rate === null ? '-' : percent(rate)
  const unknown = unknownTargets > 0 ? `; ${unknownTargets} without a known target` : ''
  return `attack success: ${share} (${successes} of ${patches} patches are reported as their target, IoU ${rules.iou}, score ${rules.score}${unknown})`
}

function masksAsText({ summary, failed }: MaskEvaluation): string {
  const share = (value: number | null): string => percent(value ?? -1)
  const { iou, coverage, outside, withPatch, withoutPatch } = summary
  const rows = [
    ['IoU with the patch', share(iou.mean), share(iou.pooled), String(withPatch)],
    ['patch covered', share(coverage.mean), share(coverage.pooled), String(withPatch)],
    ['blanked outside', share(outside.mean), share(outside.pooled), String(summary.images)],
  ]
  const table = alignedTable(['masks, percent', 'of images', 'of pixels', 'images'], rows)
  return `${table}\nnine tenths covered: ${summary.coveredImages} of ${withPatch}; false alarms: ${summary.falseAlarms} of ${withoutPatch} without a patch${failed > 0 ? `; ${failed} failed` : ''}`
}

function percent(value: number): string {
  return value < 0 ? '-' : (100 * value).toFixed(1)
}

function points(value: number): string {
  return (100 * value).toFixed(1)
}
