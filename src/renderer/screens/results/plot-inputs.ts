import type { Output } from '../../../shared/api'
import type { ClassValues } from '../../plots/class-bars'
import type { Curve } from '../../plots/precision-recall'
import type { StageTimes } from '../../plots/stage-times'

// What the core answers, in the form in which plots take it.

export type Layer = 'a' | 'b' | 'clean'
export type LayerNames = Readonly<Record<Layer, string>>

type PerClass = Output<'results.perClass'>

/** Classes with the most objects first; those that nothing was annotated of have no AP. */
export function classValues({ classes }: PerClass, most: number): readonly ClassValues[] {
  return classes
    .filter(({ a, b, clean }) => [a, b, clean].some((scores) => scores?.ap50 != null))
    .toSorted((x, y) => objectsOf(y) - objectsOf(x))
    .slice(0, most)
    .map(({ class: name, a, b, clean }) => ({
      name,
      a: points(a?.ap50),
      b: points(b?.ap50),
      clean: points(clean?.ap50),
    }))
}

/** AP from 0 to 1 as points from 0 to 100, as it is read and compared. */
export function points(ap: number | null | undefined): number | null {
  return ap == null ? null : 100 * ap
}

type ClassRow = PerClass['classes'][number]

export function objectsOf({ a, b, clean }: ClassRow): number {
  return Math.max(a?.objects ?? 0, b?.objects ?? 0, clean?.objects ?? 0)
}

export function curvesOf(
  { curves }: Output<'results.precisionRecall'>,
  names: LayerNames,
): readonly Curve[] {
  const order: readonly Layer[] = ['clean', 'a', 'b']
  return curves
    .filter(({ points }) => points.length > 0)
    .toSorted((x, y) => order.indexOf(x.layer) - order.indexOf(y.layer))
    .map(({ layer, points }) => ({ role: layer, name: names[layer], points }))
}

/** Below this share of the longest run a stage cannot be seen or hit in a bar. */
const smallShare = 0.03

/** Runs with times of stages, A first. Small ones stand together, last, under `others`. */
export function stagesOf(
  { layers }: Output<'results.times'>,
  names: LayerNames,
  others: string,
): StageTimes[] {
  const totals = layers.map(({ stages }) => stages.reduce((sum, { medianMs }) => sum + medianMs, 0))
  const least = smallShare * Math.max(0, ...totals)
  return layers
    .filter(({ layer, stages }) => layer !== 'clean' && stages.length > 0)
    .toSorted((x, y) => x.layer.localeCompare(y.layer))
    .map(({ layer, stages }) => ({
      name: names[layer],
      stages: withoutSmall(
        stages.map(({ name, medianMs }) => ({ name, ms: medianMs })),
        least,
        others,
      ),
      spread: null,
    }))
}

type Stages = StageTimes['stages']

function withoutSmall(stages: Stages, least: number, others: string): Stages {
  const small = stages.filter(({ ms }) => ms < least)
  if (small.length < 2) return stages
  const rest = small.reduce((sum, { ms }) => sum + ms, 0)
  return [...stages.filter(({ ms }) => ms >= least), { name: others, ms: rest }]
}

export type CertificateRow = Output<'certificates.ofRun'>['rows'][number]

/** Given, and still about the model and the picture that are there. */
export function isProven({
  certified,
  stale,
}: Pick<CertificateRow, 'certified' | 'stale'>): boolean {
  return certified && stale.length === 0
}

export const certificateKey = ({ id }: CertificateRow): string => String(id)
