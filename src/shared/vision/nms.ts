import type { NmsSettings } from '../model-card'

/**
 * What a decoder found, one row a candidate: `boxes` holds x1, y1, x2, y2 of each (4 * n floats, any one frame),
 * `scores` n values in 0..1, `classIds` n indices.
 */
export interface Candidates {
  readonly boxes: Float32Array
  readonly scores: Float32Array
  readonly classIds: Int32Array
}

/**
 * Non-maximum suppression: best score first, ties in input order, at most `limit` rows. Only boxes of one class compete
 * when `perClass`.
 *
 * `hard` is greedy: a candidate goes when its IoU with a kept one is above `iou`. `soft` is the linear form of Bodla et
 * al., Soft-NMS (ICCV 2017): its score is multiplied by 1 - IoU instead, and it goes only when that falls below
 * `minScore`.
 */
export function nonMaxSuppression(
  candidates: Candidates,
  settings: NmsSettings,
  limit = Infinity,
  minScore = 0.001,
): Candidates {
  return settings.method === 'soft'
    ? softSuppression(candidates, settings, limit, minScore)
    : hardSuppression(candidates, settings, limit)
}

/** The rows of `candidates`, best score first, ties in input order. */
export function sortByScore(candidates: Candidates, limit = Infinity): Candidates {
  const order = byScore(candidates.scores)
  return pick(candidates, order.subarray(0, Math.min(limit, order.length)))
}

function hardSuppression(candidates: Candidates, settings: NmsSettings, limit: number): Candidates {
  const { boxes, classIds } = candidates
  const areas = areasOf(boxes)
  const keptByClass = new Map<number, number[]>()
  const kept: number[] = []
  for (const row of byScore(candidates.scores)) {
    if (kept.length >= limit) break
    const group = settings.perClass ? classIds[row]! : 0
    let rivals = keptByClass.get(group)
    if (rivals === undefined) keptByClass.set(group, (rivals = []))
    if (overlapsAny(boxes, areas, row, rivals, settings.iou)) continue
    rivals.push(row)
    kept.push(row)
  }
  return pick(candidates, Uint32Array.from(kept))
}

function overlapsAny(
  boxes: Float32Array,
  areas: Float64Array,
  row: number,
  rivals: readonly number[],
  iou: number,
): boolean {
  for (const rival of rivals) {
    if (intersectionOverUnion(boxes, areas, row, rival) > iou) return true
  }
  return false
}

/** Picks the best remaining row again and again, because the scores of the others fall on the way. */
function softSuppression(
  candidates: Candidates,
  settings: NmsSettings,
  limit: number,
  minScore: number,
): Candidates {
  const { boxes, classIds } = candidates
  const areas = areasOf(boxes)
  const scores = Float32Array.from(candidates.scores)
  // Initial order best first, so that ties go to the row that was first.
  const open = Array.from(byScore(scores)).filter((row) => scores[row]! >= minScore)
  const kept: number[] = []
  while (open.length > 0 && kept.length < limit) {
    let best = 0
    for (let i = 1; i < open.length; i++) {
      if (precedes(scores, open[i]!, open[best]!)) best = i
    }
    const winner = open.splice(best, 1)[0]!
    kept.push(winner)
    let remaining = 0
    for (const row of open) {
      if (!settings.perClass || classIds[row] === classIds[winner]) {
        const overlap = intersectionOverUnion(boxes, areas, row, winner)
        if (overlap > settings.iou) scores[row] = scores[row]! * (1 - overlap)
      }
      if (scores[row]! >= minScore) open[remaining++] = row
    }
    open.length = remaining
  }
  return pick({ boxes, scores, classIds }, Uint32Array.from(kept))
}

function precedes(scores: Float32Array, a: number, b: number): boolean {
  return scores[a]! > scores[b]! || (scores[a] === scores[b] && a < b)
}

function byScore(scores: Float32Array): Uint32Array {
  const order = new Uint32Array(scores.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/** Boxes turned inside out have no area and overlap nothing. */
function areasOf(boxes: Float32Array): Float64Array {
  const areas = new Float64Array(boxes.length / 4)
  for (let i = 0, at = 0; i < areas.length; i++, at += 4) {
    areas[i] =
      Math.max(0, boxes[at + 2]! - boxes[at]!) * Math.max(0, boxes[at + 3]! - boxes[at + 1]!)
  }
  return areas
}

function intersectionOverUnion(
  boxes: Float32Array,
  areas: Float64Array,
  a: number,
  b: number,
): number {
  const i = 4 * a
  const j = 4 * b
  const width = Math.min(boxes[i + 2]!, boxes[j + 2]!) - Math.max(boxes[i]!, boxes[j]!)
  if (width <= 0) return 0
  const height = Math.min(boxes[i + 3]!, boxes[j + 3]!) - Math.max(boxes[i + 1]!, boxes[j + 1]!)
  if (height <= 0) return 0
  const shared = width * height
  return shared / (areas[a]! + areas[b]! - shared)
}

function pick(candidates: Candidates, rows: Uint32Array): Candidates {
  const boxes = new Float32Array(4 * rows.length)
  const scores = new Float32Array(rows.length)
  const classIds = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    boxes.set(candidates.boxes.subarray(4 * row, 4 * row + 4), 4 * i)
    scores[i] = candidates.scores[row]!
    classIds[i] = candidates.classIds[row]!
  }
  return { boxes, scores, classIds }
}
