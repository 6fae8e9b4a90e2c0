import type { BoxXywh, FileSource } from '../../shared/dataset'
import { imageUnsupported, maskSizeMismatch } from '../../shared/image-errors'
import { type Components, findComponents } from '../../shared/vision/components'
import { type Rle, rleBox } from '../../shared/vision/rle'
import { rleUnion } from '../../shared/vision/rle-merge'
import type { FrameSize } from '../../shared/vision/rle-text'
import { cropToRle } from '../reading/mask-crops'
import { decodeMaskPng, maskLevels, maskOf } from '../reading/mask-png'
import { border, maskFileOf, type ObjectMasks } from './segmentation'

/** Pixels of one class that touch each other. */
export interface ClassPart {
  readonly className: string
  readonly mask: Rle
}

/** What a picture of classes gives: masks of listed objects, and parts that belong to none of them. */
export interface SharedParts extends ObjectMasks {
  readonly others: readonly ClassPart[]
}

/** A class in more parts than these is speckled: it becomes one part, so that no picture gives millions of objects. */
const maxParts = 1000
/** A part belongs to a box of its class that holds this share of the part's own box. */
const leastShareInside = 0.9

/**
 * Reads `SegmentationClass/<stem>.png`, where the number of a pixel is that of its class; null if there is none. The parts of
 * each class in turn, by their first pixel.
 * @param names class names from number 1 on; empty for the twenty of the published set
 * @throws AppError as `decodeMaskPng`, and E_MASK_SIZE_MISMATCH, E_IMAGE_UNSUPPORTED for colours without a palette
 */
export async function readClassParts(
  files: FileSource,
  annotation: string,
  frame: FrameSize | null,
  names: readonly string[],
): Promise<readonly ClassPart[] | null> {
  const name = maskFileOf(annotation, 'SegmentationClass')
  if (!(await files.has(name))) return null
  const png = decodeMaskPng(await files.read(name), name)
  if (frame !== null && (png.width !== frame.width || png.height !== frame.height)) {
    throw maskSizeMismatch(name, png, frame)
  }
  if (png.white === 0 && png.palette === null) {
    throw imageUnsupported(name, 'its colours have no palette, so they name no classes')
  }
  return maskLevels(png.labels).flatMap(({ value }) => {
    if (value === border) return []
    const className = (names.length > 0 ? names : published)[value - 1] ?? `class ${value}`
    return partsOf(findComponents(maskOf(png, value))).map((mask) => ({ className, mask }))
  })
}

function partsOf(components: Components): readonly Rle[] {
  const { count } = components
  const parts = Array.from({ length: count }, (_, i) => maskOfPart(components, i))
  if (count <= maxParts) return parts
  // In pairs, so that each run is merged a few times and not once for every part.
  let joined = parts
  while (joined.length > 1) {
    joined = joined.flatMap((mask, i) => {
      const next = joined[i + 1]
      return i % 2 === 1 ? [] : [next ? rleUnion(mask, next) : mask]
    })
  }
  return joined
}

function maskOfPart(components: Components, part: number): Rle {
  const { boxes, firstRun, runRows, runStarts, runEnds } = components
  const [left, top, right, bottom] = boxes.subarray(4 * part, 4 * part + 4)
  const [x, y] = [left ?? 0, top ?? 0]
  const [width, height] = [(right ?? 0) - x, (bottom ?? 0) - y]
  const bits = new Uint8Array(width * height)
  for (let run = firstRun[part]!; run < firstRun[part + 1]!; run++) {
    const row = (runRows[run]! - y) * width - x
    bits.fill(1, row + runStarts[run]!, row + runEnds[run]!)
  }
  return cropToRle({ left: x, top: y, width, height, bits }, components)
}

interface ListedObject {
  readonly className: string
  readonly box: BoxXywh | null
}

/** Gives each part to the smallest box of its class that holds it: an object may be seen in several parts. */
export function shareParts(
  parts: readonly ClassPart[],
  objects: readonly ListedObject[],
): SharedParts {
  const masks = new Map<number, Rle>()
  const others: ClassPart[] = []
  for (const part of parts) {
    const owner = smallestHolder(part, objects)
    const before = masks.get(owner)
    if (owner < 0) others.push(part)
    else masks.set(owner, before ? rleUnion(before, part.mask) : part.mask)
  }
  return { maskOf: (index) => masks.get(index) ?? null, others }
}

function smallestHolder({ className, mask }: ClassPart, objects: readonly ListedObject[]): number {
  const [x, y, width, height] = rleBox(mask)
  let [owner, smallest] = [-1, Infinity]
  for (const [i, object] of objects.entries()) {
    if (object.className !== className || object.box === null) continue
    const [left, top, w, h] = object.box
    const across = Math.min(x + width, left + w) - Math.max(x, left)
    const down = Math.min(y + height, top + h) - Math.max(y, top)
    const isHeld = across > 0 && down > 0 && across * down >= leastShareInside * width * height
    if (isHeld && w * h < smallest) [owner, smallest] = [i, w * h]
  }
  return owner
}

/** The classes of the published set, by their number. */
const published = [
  ...['aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow'],
  ...['diningtable', 'dog', 'horse', 'motorbike', 'person', 'pottedplant', 'sheep', 'sofa'],
  ...['train', 'tvmonitor'],
]
