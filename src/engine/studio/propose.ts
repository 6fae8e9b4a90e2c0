import { z } from 'zod'
import { segmentationFields } from '../../defenses/segment-and-complete'
import { completeFor, sizesInPixels } from '../../defenses/segment-and-complete/completion-settings'
import { gatherEvidence, isEnough } from '../../defenses/segment-and-complete/evidence'
import {
  probabilities,
  rawMask,
  segment,
  workingScale,
} from '../../defenses/segment-and-complete/segmenter'
import { parseParams, type ModelHost } from '../../shared/plugin'
import {
  type Components,
  closeMask,
  emptyMask,
  findComponents,
  maskArea,
  maskBounds,
  type Mask,
} from '../../shared/vision'
import { maskToText } from '../../shared/vision/rle-text'
import { paintComponent } from '../../shared/vision/components'
import { createRunContext } from '../run-context'
import { fitShape } from './fit-shape'
import type { ModelMemory } from './model-memory'
import type { ProposeAnswer, ProposedPatch, ProposeOrder } from './messages'
import type { PictureMemory } from './picture-memory'

const settingsSchema = z.object(segmentationFields)
type Settings = z.infer<typeof settingsSchema>

/** A click so many working pixels beside a part still means it. */
const REACH = 6

/**
 * What the segmenter sees as patches, completed: the part under a point, the parts inside a box, or all that the defense
 * would remove. What the user points at is offered however small or unsure it is.
 * @throws AppError whatever is wrong with the picture, the model or a setting
 */
export async function proposePatches(
  order: ProposeOrder,
  models: ModelHost,
  memory: ModelMemory,
  pictures: PictureMemory,
): Promise<ProposeAnswer> {
  const start = performance.now()
  const settings = parseParams('segment', settingsSchema, order.params)
  const { decoded } = await pictures.decode(order)
  const { image, sha256 } = decoded
  const model = await memory.host(models).load(settings.segmenter)
  const run = createRunContext({
    signal: new AbortController().signal,
    seed: order.seed,
    digest: sha256,
  })
  memory.watch()
  const segmentation = await segment(image, model, settings.workingSize, run)
  const reused = memory.seen.made === 0
  const whole = rawMask(segmentation, settings.threshold, model.card.id)
  const scale = workingScale(image, settings.workingSize)
  const evidence = gatherEvidence(segmentation, settings)
  const isPointed = order.at !== null || order.within !== null
  const raw = order.within === null ? whole : inside(whole, order.within)
  const parts = partsOf(raw, Math.round(settings.closingRadius * scale)).filter((part) => {
    if (order.at !== null) return reaches(part, order.at, REACH * scale)
    if (isPointed) return true
    return maskArea(part) >= smallestPart(settings, image) && isEnough(part, evidence)
  })
  const chosen = order.at === null ? parts : parts.sort(byDistance(order.at)).slice(0, 1)
  const chances = probabilities(segmentation)
  return {
    ...{ width: image.width, height: image.height, threshold: settings.threshold, reused },
    segmenter: model.card.id,
    proposals: chosen.map((part) => complete(part, order, settings, scale, chances)),
    sides: [...new Set(sizesInPixels(settings.sizes, image))].sort((a, b) => a - b),
    ms: performance.now() - start,
  }
}

function complete(
  part: Mask,
  { shape, side }: ProposeOrder,
  settings: Settings,
  scale: number,
  chances: Float32Array,
): ProposedPatch {
  const found = { raw: maskToText(part), probability: meanOver(part, chances) }
  if (shape === 'square' || shape === 'circle') {
    const fitted = fitShape(
      part,
      shape,
      side === null ? sizesInPixels(settings.sizes, part) : [side],
    )
    const { rung, q } = completed(part, shape, { ...settings, sizes: [fitted.side] }, scale)
    return { ...found, ...placed(fitted.mask), shape, side: fitted.side, rung, q }
  }
  const { mask, rung, q } =
    shape === 'rectangle'
      ? completed(part, shape, settings, scale)
      : { mask: null, rung: null, q: null }
  // No rectangle of the ladder fits: what was found is offered as it is.
  const isFound = mask === null
  return {
    ...found,
    ...placed(mask ?? part),
    shape: isFound ? 'as-found' : shape,
    side: null,
    rung,
    q,
  }
}

function placed(mask: Mask): Pick<ProposedPatch, 'box' | 'mask'> {
  const [x1, y1, x2, y2] = maskBounds(mask) ?? [0, 0, 0, 0]
  return { box: [x1, y1, x2 - x1, y2 - y1], mask: maskToText(mask) }
}

/** What the defense makes of the part alone: its mask, null if no shape fits, and how loosely it fits. */
function completed(
  part: Mask,
  shape: 'square' | 'rectangle' | 'circle',
  settings: Settings,
  scale: number,
): { mask: Mask | null; rung: number | null; q: number | null } {
  const shapes = { square: 'squares', rectangle: 'turned-rectangles', circle: 'circles' } as const
  const fits = settings.sizes.some((size) => size <= Math.min(part.width, part.height))
  if (shape !== 'rectangle' && !fits) return { mask: null, rung: null, q: null }
  const { mask, notes } = completeFor(
    part,
    {
      ...settings,
      ...{ mode: 'product', shapes: shapes[shape], components: false, minArea: 1, keepRaw: false },
    },
    { scale, warn: () => undefined },
  )
  return {
    mask: mask.bits.includes(1) ? mask : null,
    rung: notes.rung >= 0 ? notes.rung : null,
    q: notes.qMax,
  }
}

/** Connected parts, gaps of about twice the radius closed; each is a mask of found pixels in the whole frame. */
function partsOf(raw: Mask, radius: number): Mask[] {
  if (!maskBounds(raw)) return []
  const components: Components = findComponents(closeMask(raw, radius))
  return Array.from({ length: components.count }, (_, index) => {
    const part = emptyMask(raw.width, raw.height)
    paintComponent(components, index, part.bits)
    for (let i = 0; i < part.bits.length; i++) if (raw.bits[i] === 0) part.bits[i] = 0
    return part
  }).filter((part) => part.bits.includes(1))
}

function inside(mask: Mask, [x1, y1, x2, y2]: readonly number[]): Mask {
  const { width, height } = mask
  const clamp = (value: number | undefined, most: number) =>
    Math.max(0, Math.min(most, Math.round(value ?? 0)))
  const [left, right] = [clamp(x1, width), clamp(x2, width)]
  const result = emptyMask(width, height)
  for (let y = clamp(y1, height); y < clamp(y2, height); y++) {
    result.bits.set(
      mask.bits.subarray(y * width + left, y * width + Math.max(left, right)),
      y * width + left,
    )
  }
  return result
}

function distance(part: Mask, [x, y]: readonly [number, number]): number {
  const [x1, y1, x2, y2] = maskBounds(part) ?? [Infinity, Infinity, Infinity, Infinity]
  return Math.hypot(Math.max(x1 - x, 0, x - x2), Math.max(y1 - y, 0, y - y2))
}

const reaches = (part: Mask, at: readonly [number, number], reach: number) =>
  distance(part, at) <= reach

const byDistance = (at: readonly [number, number]) => (a: Mask, b: Mask) =>
  distance(a, at) - distance(b, at) || maskArea(a) - maskArea(b)

function smallestPart({ minArea }: Settings, { width, height }: { width: number; height: number }) {
  return minArea < 1 ? Math.max(16, minArea * width * height) : minArea
}

function meanOver(mask: Mask, values: Float32Array): number | null {
  let [sum, count] = [0, 0]
  for (let i = 0; i < mask.bits.length; i++) {
    if (mask.bits[i] === 0) continue
    sum += values[i]!
    count++
  }
  return count === 0 ? null : sum / count
}
