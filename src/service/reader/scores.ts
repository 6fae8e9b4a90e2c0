import type { Output } from '../../shared/api'
import { meanPrecisionCurve, precisionRecall, recallPoints } from '../../shared/metrics'
import type { CategoryEvaluation } from '../../shared/metrics'
import type { Project } from '../../store'
import { evaluationOf, type Layer } from './layers'
import { layerNames, layersOf, needsOf, type ResultSubject } from './subject'

type PerClass = Output<'results.perClass'>
type ClassScores = PerClass['classes'][number]['a']
type Curve = Output<'results.precisionRecall'>['curves'][number]

const MOST_POINTS = 400

export function perClass(project: Project, subject: ResultSubject): PerClass {
  const layers = layersOf(project, subject)
  const names = new Set<string>()
  for (const layer of Object.values(layers)) {
    if (layer) for (const { name } of scored(layer)) names.add(name)
  }
  const scoresOf = (layer: Layer | null, name: string): ClassScores =>
    (layer && scored(layer).find((one) => one.name === name)?.scores) ?? null
  return {
    overall: {
      a: layers.a && overallOf(layers.a),
      b: layers.b && overallOf(layers.b),
      clean: layers.clean && overallOf(layers.clean),
    },
    classes: [...names].sort().map((name) => ({
      class: name,
      a: scoresOf(layers.a, name),
      b: scoresOf(layers.b, name),
      clean: scoresOf(layers.clean, name),
    })),
    needs: needsOf(layers),
  }
}

/** Classes that are annotated or were found. */
function scored(layer: Layer): { name: string; scores: NonNullable<ClassScores> }[] {
  return evaluationOf(layer)
    .perCategory.filter(({ truths, detections }) => truths + detections > 0)
    .map((category) => ({ name: category.name ?? '', scores: scoresOf(category) }))
}

function scoresOf(category: CategoryEvaluation): NonNullable<ClassScores> {
  const { AP, AP50, AP75, truths, detections } = category
  return { ap: known(AP), ap50: known(AP50), ap75: known(AP75), objects: truths, detections }
}

function overallOf(layer: Layer): NonNullable<ClassScores> {
  const { AP, AP50, AP75 } = evaluationOf(layer).stats
  const { objects, results } = layer
  return {
    ap: known(AP),
    ap50: known(AP50),
    ap75: known(AP75),
    objects,
    detections: results.length,
  }
}

/** COCO writes -1 where nothing counts. */
export const known = (value: number): number | null => (value < 0 ? null : value)

export function curves(
  project: Project,
  { class: name, ...subject }: ResultSubject & { readonly class?: string | undefined },
): Output<'results.precisionRecall'> {
  const layers = layersOf(project, subject)
  return {
    curves: layerNames.flatMap((layer) => {
      const given = layers[layer]
      if (!given || given.objects === 0) return []
      const curve = name === undefined ? meanCurve(given) : classCurve(given, name)
      return curve === null ? [] : [{ layer, ...curve }]
    }),
    needs: needsOf(layers),
  }
}

function meanCurve(layer: Layer): Omit<Curve, 'layer'> | null {
  const evaluation = evaluationOf(layer)
  const curve = meanPrecisionCurve(evaluation, 0.5)
  if (curve === null) return null
  const points = Array.from(curve, (precision, j) => ({
    recall: recallPoints[j] ?? 0,
    precision,
    score: null,
  }))
  return { points, ap50: known(evaluation.stats.AP50) }
}

function classCurve(layer: Layer, name: string): Omit<Curve, 'layer'> | null {
  const found = precisionRecall(layer.truth, layer.results, 'bbox', 0.5).find(
    (one) => one.name === name,
  )
  if (!found || found.truths === 0) return null
  const all = Array.from(found.score, (score, i) => ({
    recall: found.recall[i] ?? 0,
    precision: found.precision[i] ?? 0,
    score,
  }))
  // The shape of the curve needs no more points than a screen has.
  const step = Math.max(1, Math.ceil(all.length / MOST_POINTS))
  const points = all.filter((_, i) => i % step === 0 || i === all.length - 1)
  return { points, ap50: known(found.AP) }
}
