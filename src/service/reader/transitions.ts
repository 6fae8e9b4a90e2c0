import type { Output } from '../../shared/api'
import { boxDifferences, type LabelledBox } from '../../shared/metrics/box-differences'
import type { Project, RunDetection } from '../../store'
import type { Layer, LayerImage } from './layers'
import { layersOf, type ResultSubject } from './subject'

/** What became of one box from A to B: classes by name, null for nothing. */
export interface Transition {
  readonly image: LayerImage
  readonly from: string | null
  readonly to: string | null
}

export function transitions(
  project: Project,
  { minScore = 0, ...subject }: ResultSubject & { readonly minScore?: number | undefined },
): Output<'results.transitions'> {
  const { a, b } = layersOf(project, subject)
  if (!a || !b) return { classes: [], counts: [], needs: a ? 'run-b' : 'run-a' }
  const tally = new Map<string, Map<string, number>>()
  const classes = new Set<string>()
  for (const { from, to } of transitionsOf(a, b, minScore)) {
    for (const name of [from, to]) if (name !== null) classes.add(name)
    const row = tally.get(from ?? '') ?? new Map<string, number>()
    tally.set(from ?? '', row.set(to ?? '', (row.get(to ?? '') ?? 0) + 1))
  }
  const names = [...classes].sort()
  const places = [...names, '']
  return {
    classes: names,
    counts: places.map((from) => places.map((to) => tally.get(from)?.get(to) ?? 0)),
    needs: null,
  }
}

/** Over the pictures that both have. */
export function* transitionsOf(a: Layer, b: Layer, minScore = 0): Generator<Transition> {
  const inA = new Map(a.images.map((image) => [image.imageId, image]))
  for (const image of b.images) {
    const other = inA.get(image.imageId)
    if (!other) continue
    const before = labelled(other.item.found, minScore)
    const after = labelled(image.item.found, minScore)
    for (const { a: i, b: j } of boxDifferences(before, after)) {
      yield {
        image,
        from: i === null ? null : (before[i]?.label ?? null),
        to: j === null ? null : (after[j]?.label ?? null),
      }
    }
  }
}

export function labelled(found: readonly RunDetection[], minScore = 0): LabelledBox[] {
  return found
    .filter(({ score }) => score >= minScore)
    .map(({ box, score, class: label }) => ({ box, score, label }))
}
