import type { Output } from '../../../shared/api'
import type { CertifiedShare } from '../../plots/certified-share'
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
export function isProven({ certified, stale }: CertificateRow): boolean {
  return certified && stale.length === 0
}

/** Certificates have no number of their own: what they say names them. */
export function certificateKey({ runId, imageId, objectId, box, method }: CertificateRow): string {
  return [runId, imageId, objectId, box?.join(' '), method].join('/')
}

/**
 * The share of labels that are proven up to each size that occurs. Only certificates of one method and one unit can stand on
 * one axis, since methods are never ranked against each other.
 */
export function certifiedSteps(
  rows: readonly CertificateRow[],
  method: string,
): CertifiedShare | null {
  const ofMethod = rows.filter((row) => row.method === method)
  const first = ofMethod[0]
  if (!first) return null
  const proven = ofMethod.filter(isProven)
  const sizes = [...new Set([0, ...proven.map(({ radius }) => radius ?? 0)])].toSorted(
    (a, b) => a - b,
  )
  const steps = sizes.map((size) => {
    const count = proven.filter(({ radius }) => (radius ?? 0) >= size).length
    return { size, count, share: count / ofMethod.length }
  })
  return { steps, unit: first.unit, right: null }
}
