import type { Rect } from './view'

/** A box on the screen that would like a tag. CSS pixels. */
export interface TagWish {
  readonly index: number
  readonly box: Rect
  readonly width: number
  readonly score: number
  /** Hovered or selected: has its tag in any crowd. */
  readonly isLit: boolean
}

export interface Tag {
  readonly index: number
  readonly x: number
  readonly y: number
  readonly width: number
}

export const TAG_HEIGHT = 17
const CROWD = 300
const TAGS_IN_CROWD = 40

/** Which boxes want a tag: with more than 300, only lit ones and those with the 40 highest scores. */
export function taggedBoxes(
  shown: readonly number[],
  scores: Float32Array,
  isLit: (index: number) => boolean,
): readonly number[] {
  if (shown.length <= CROWD) return shown
  // Falling scores; the last is the one that a better one drives out.
  const best: number[] = []
  const lit: number[] = []
  for (const index of shown) {
    if (isLit(index)) lit.push(index)
    else if (best.length < TAGS_IN_CROWD || scores[index]! > scores[best[TAGS_IN_CROWD - 1]!]!) {
      let at = Math.min(best.length, TAGS_IN_CROWD - 1)
      while (at > 0 && scores[best[at - 1]!]! < scores[index]!) {
        best[at] = best[at - 1]!
        at--
      }
      best[at] = index
    }
  }
  return [...lit, ...best]
}

/**
 * Places the tags: on the upper left corner of each box, inside `room` (the part of the picture that shows; on either side
 * of a divider, the part on its side). Of two that would overlap, the one with the lower score moves to the lower edge of
 * its box, and goes without where that is taken as well.
 */
export function placeTags(wishes: readonly TagWish[], room: Rect): Tag[] {
  const byScore = wishes
    .filter(({ box }) => meets(box, room))
    .toSorted((a, b) => Number(b.isLit) - Number(a.isLit) || b.score - a.score || a.index - b.index)
  const placed = new TagRows()
  const tags: Tag[] = []
  for (const { index, box, width, isLit } of byScore) {
    const shown = Math.min(width, room.right - room.left)
    const x = clamp(box.left - 1, room.left, room.right - shown)
    const above = clamp(box.top - TAG_HEIGHT - 1, room.top, room.bottom - TAG_HEIGHT)
    const below = clamp(box.bottom + 1, room.top, room.bottom - TAG_HEIGHT)
    const y = placed.isFree(x, above, shown) ? above : placed.isFree(x, below, shown) ? below : null
    if (y === null && !isLit) continue
    const tag = { index, x, y: y ?? above, width: shown }
    placed.add(tag)
    tags.push(tag)
  }
  return tags
}

/** Tags by the rows of the screen that they touch: two can only meet in the same or the next row. */
class TagRows {
  readonly #rows = new Map<number, Tag[]>()

  isFree(x: number, y: number, width: number): boolean {
    const row = Math.floor(y / TAG_HEIGHT)
    return ![row - 1, row, row + 1].some((near) =>
      this.#rows
        .get(near)
        ?.some(
          (tag) => x < tag.x + tag.width && tag.x < x + width && Math.abs(tag.y - y) < TAG_HEIGHT,
        ),
    )
  }

  add(tag: Tag): void {
    const row = Math.floor(tag.y / TAG_HEIGHT)
    const tags = this.#rows.get(row)
    if (tags) tags.push(tag)
    else this.#rows.set(row, [tag])
  }
}

/**
 * With more than 5,000 boxes on the screen, those under 3 px are a number, not a picture. Answers what is still drawn, and
 * how many are not.
 */
export function mergeSpecks(
  indices: readonly number[],
  boxes: Float64Array,
  scale: number,
): { shown: readonly number[]; merged: number } {
  if (indices.length <= MANY) return { shown: indices, merged: 0 }
  const shown = withoutSpecks(indices, boxes, scale)
  return { shown, merged: indices.length - shown.length }
}

/** Those of at least 3 px on the screen. */
export function withoutSpecks(
  indices: readonly number[],
  boxes: Float64Array,
  scale: number,
): number[] {
  return indices.filter((i) => {
    const width = boxes[4 * i + 2]! - boxes[4 * i]!
    const height = boxes[4 * i + 3]! - boxes[4 * i + 1]!
    return scale * Math.max(width, height) >= SPECK
  })
}

const MANY = 5_000
const SPECK = 3

function meets(box: Rect, room: Rect): boolean {
  return (
    box.left < room.right && box.right > room.left && box.top < room.bottom && box.bottom > room.top
  )
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
