import { kindIndex, type BoxMarks } from './draw-boxes'
import type { MaskMark } from './draw-masks'
import { tagSigns, markKinds, type MarkKind } from './line-styles'
import { ShapeIndex } from './shape-index'

/** One box as screens speak of it. */
export interface BoxItem {
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
  readonly kind: MarkKind
  readonly score: number | null
  /** What the tag says; empty for no tag. */
  readonly label: string
  /** Where it was before it moved. */
  readonly ghost?: readonly [x1: number, y1: number, x2: number, y2: number]
  /** Names it towards the screen: answers of hit tests. */
  readonly key: string
  /** 0..1; left out: drawn in full. */
  readonly opacity?: number
  /** Its tag is drawn, its box is not: something else marks the place. */
  readonly isTagOnly?: boolean
}

/** Boxes with their index, built once whenever they change. */
export interface BoxLayer {
  readonly marks: BoxMarks
  readonly index: ShapeIndex
  readonly items: readonly BoxItem[]
  /** Sign, label and score of each. */
  readonly tags: readonly { readonly text: string; readonly score: string }[]
}

/** What one side of the canvas shows. */
export interface Scene {
  readonly picture: CanvasImageSource | null
  /** Over the picture and below all marks. */
  readonly heat: { readonly image: CanvasImageSource; readonly opacity: number } | null
  readonly masks: readonly MaskMark[]
  readonly boxes: BoxLayer
}

export const noBoxes: BoxLayer = boxLayer([])

export function boxLayer(items: readonly BoxItem[]): BoxLayer {
  const boxes = new Float64Array(4 * items.length)
  const hasGhosts = items.some(({ ghost }) => ghost !== undefined)
  const ghosts = hasGhosts ? new Float64Array(4 * items.length).fill(Number.NaN) : undefined
  items.forEach(({ box, ghost }, i) => {
    boxes.set(box, 4 * i)
    if (ghost) ghosts?.set(ghost, 4 * i)
  })
  const marks: BoxMarks = {
    boxes,
    kinds: Uint8Array.from(items, ({ kind }) => kindIndex(kind)),
    scores: Float32Array.from(items, ({ score }) => score ?? 0),
    labels: items.map(({ label }) => label),
    ...(ghosts ? { ghosts } : {}),
  }
  return { marks, index: new ShapeIndex(boxes), items, tags: items.map(tagOf) }
}

export function kindOf(layer: BoxLayer, index: number): MarkKind {
  return markKinds[layer.marks.kinds[index] ?? 0] ?? 'same'
}

function tagOf({ kind, label, score }: BoxItem): { text: string; score: string } {
  const sign = tagSigns[kind]
  return {
    text: label === '' ? '' : sign === undefined ? label : `${sign} ${label}`,
    score: score === null ? '' : score.toFixed(2),
  }
}
