import type { ImageFilterInput } from '../../shared/api'
import type { Project } from '../../store'
import { layerOf, type Layer } from './layers'

export type LayerName = 'a' | 'b' | 'clean'

/** The runs that a question is about. Its filter has been resolved to ids by whoever asked. */
export interface ResultSubject {
  readonly a?: number | null | undefined
  readonly b?: number | null | undefined
  readonly clean?: number | null | undefined
  readonly filter?: ImageFilterInput | undefined
}

/** Null for a layer that was not chosen. The filter is not for the clean run: its pictures are others. */
export function layersOf(
  project: Project,
  subject: ResultSubject,
): Record<LayerName, Layer | null> {
  const ids = subject.filter?.ids
  const get = (run: number | null | undefined, only: readonly number[] | undefined) =>
    run == null ? null : layerOf(project, { run, ids: only })
  return {
    a: get(subject.a, ids),
    b: get(subject.b, ids),
    clean: get(subject.clean, undefined),
  }
}

export const layerNames: readonly LayerName[] = ['a', 'b', 'clean']

/** What scores need that is not there; null if nothing is missing. */
export function needsOf({ a, b }: Record<LayerName, Layer | null>) {
  if (!a && !b) return 'run-b' as const
  if ((a?.objects ?? 0) + (b?.objects ?? 0) === 0) return 'ground-truth' as const
  return null
}
