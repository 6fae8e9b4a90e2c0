import type { ImageResult } from '../../../shared/api'

/** What the strip shows of a defense: a picture of each step that leaves one. */
export const stageIds = ['source', 'probability', 'raw', 'completed', 'removed', 'boxes'] as const
export type StageId = (typeof stageIds)[number]

export interface StripStage {
  readonly id: StageId
  readonly ms: number | null
  /** Taken from an earlier try. */
  readonly isReused: boolean
}

/** Names under which plug-ins note the time of a step, by what it makes. What is not here counts as work on the boxes. */
const workOf: Readonly<Record<Exclude<StageId, 'boxes'>, readonly string[]>> = {
  source: ['read picture'],
  probability: ['prepare segmenter', 'segment', 'resize logits'],
  raw: ['threshold'],
  completed: ['complete'],
  removed: ['remove'],
}
/** Done for the store, not for the answer. */
const bookkeeping = ['pack masks']

/** The steps that this answer has something to show of, in their order, with their times. */
export function stripStages(result: ImageResult): StripStage[] {
  const has = (kind: string): boolean => result.media.some((picture) => picture.kind === kind)
  const hasMask = (name: string): boolean => result.masks.some((mask) => mask.name === name)
  const shown: Record<StageId, boolean> = {
    source: true,
    probability: has('probability'),
    raw: hasMask('raw'),
    completed: hasMask('completed'),
    removed: has('removed'),
    boxes: true,
  }
  return stageIds.filter((id) => shown[id]).map((id) => ({ id, ...timeOf(result, id) }))
}

/** Milliseconds of all steps together; null where no time was kept. */
export function totalMs({ stages }: ImageResult): number | null {
  const counted = stages.filter(({ name }) => !bookkeeping.includes(name))
  return counted.length === 0 ? null : counted.reduce((sum, { ms }) => sum + ms, 0)
}

export function reusedCount({ stages }: ImageResult): { reused: number; all: number } {
  return { reused: stages.filter(({ reused }) => reused).length, all: stages.length }
}

function timeOf({ stages }: ImageResult, id: StageId): { ms: number | null; isReused: boolean } {
  const own = stages.filter(({ name }) => stageOf(name) === id)
  if (own.length === 0) return { ms: null, isReused: false }
  return {
    ms: own.reduce((sum, { ms }) => sum + ms, 0),
    isReused: own.every(({ reused }) => reused),
  }
}

function stageOf(name: string): StageId | null {
  if (bookkeeping.includes(name)) return null
  const known = Object.entries(workOf).find(([, names]) => names.includes(name))
  // Object.entries forgets the type of the keys.
  return known ? (known[0] as StageId) : 'boxes'
}

/** `1 ms`, `34 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${ms < 0.95 ? ms.toFixed(1) : Math.round(ms)} ms`
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}
