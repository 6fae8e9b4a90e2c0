import type { BoxXywh, ImportedPatch, ImportProblem } from '../../shared/dataset'
import { findComponents, paintComponent, type Components } from '../../shared/vision/components'
import { emptyMask, type Mask } from '../../shared/vision/mask'
import { decodeRle, encodeMask, rleArea, rleBox, type Rle } from '../../shared/vision/rle'
import { warning } from '../reading/problems'

/** Below this share of a mask in its box, box and mask do not belong together. */
const leastShareInside = 0.9
/** What is smaller than so many larger parts is noise. */
const maxParts = 1024

interface Assigned {
  readonly patches: readonly ImportedPatch[]
  readonly problems: readonly ImportProblem[]
}

/**
 * Gives masks to the patches of a picture. One mask and one patch belong together. Otherwise each connected part, or each
 * instance that the file tells apart, goes to the box it overlaps most; what overlaps none becomes a patch without a name.
 * Patches for which nothing is left keep their box only.
 */
export function assignMasks(
  patches: readonly ImportedPatch[],
  instances: readonly Rle[],
  file: string,
): Assigned {
  const filled = instances.filter((mask) => rleArea(mask) > 0)
  const [only] = filled
  if (only === undefined) return { patches, problems: [] }
  const { owned, extra } =
    filled.length > 1
      ? shareInstances(patches, filled)
      : patches.length > 1
        ? shareParts(patches, only)
        : { owned: patches.map(() => only), extra: patches.length === 0 ? [only] : [] }
  const problems: ImportProblem[] = []
  const assigned = patches.map((patch, i) => {
    const mask = owned[i]
    if (!mask) return patch
    const share = areaInside(decodeRle(mask), patch.box) / rleArea(mask)
    if (share < leastShareInside) {
      const percent = Math.floor(100 * share)
      const message = `Only ${percent} % of the mask lies in the box ${patch.box.join(', ')} of its patch.`
      problems.push(warning({ file }, 'W_MASK_OUTSIDE_BOX', message))
    }
    return { ...patch, shape: { ...patch.shape, mask } }
  })
  return { patches: [...assigned, ...extra.map(unnamedPatch)], problems }
}

interface Shares {
  /** One for each patch, where something is left for it. */
  readonly owned: readonly (Rle | undefined)[]
  readonly extra: readonly Rle[]
}

/** Instances are patches of their own: a box takes one, the first that fits. */
function shareInstances(patches: readonly ImportedPatch[], instances: readonly Rle[]): Shares {
  const owned: (Rle | undefined)[] = patches.map(() => undefined)
  const extra: Rle[] = []
  for (const instance of instances) {
    const mask = decodeRle(instance)
    const owner = bestOwner(patches, (box) => areaInside(mask, box))
    if (owner < 0 || owned[owner]) extra.push(instance)
    else owned[owner] = instance
  }
  return { owned, extra }
}

/** Connected parts may be pieces of one patch: a box takes all that overlap it most. */
function shareParts(patches: readonly ImportedPatch[], whole: Rle): Shares {
  const components = findComponents(decodeRle(whole))
  const bySize = Array.from({ length: components.count }, (_, i) => i).sort(
    (a, b) => components.areas[b]! - components.areas[a]! || a - b,
  )
  const parts = patches.map((): number[] => [])
  const left: number[] = []
  for (const [rank, part] of bySize.entries()) {
    const owner =
      rank < maxParts ? bestOwner(patches, (box) => partInside(components, part, box)) : -1
    ;(parts[owner] ?? left).push(part)
  }
  // One mask at a time: photographs have millions of pixels.
  const paint = (some: readonly number[]) => {
    const mask = emptyMask(whole.width, whole.height)
    for (const part of some) paintComponent(components, part, mask.bits)
    return encodeMask(mask)
  }
  return {
    owned: parts.map((some) => (some.length === 0 ? undefined : paint(some))),
    extra: left.length === 0 ? [] : [paint(left)],
  }
}

/** The patch whose box holds most, or -1 if none holds any. The first one wins a draw. */
function bestOwner(patches: readonly ImportedPatch[], areaIn: (box: BoxXywh) => number): number {
  let [owner, most] = [-1, 0]
  for (const [i, { box }] of patches.entries()) {
    const inside = areaIn(box)
    if (inside > most) [owner, most] = [i, inside]
  }
  return owner
}

function unnamedPatch(mask: Rle): ImportedPatch {
  return {
    sourceId: null,
    box: rleBox(mask),
    shape: { mask },
    name: null,
    target: null,
    attributes: {},
  }
}

/** First and one past the last pixel whose centre lies in a stretch of `length` from `start`, of `size` pixels. */
function centresIn(start: number, length: number, size: number): readonly [number, number] {
  const from = Math.max(0, Math.ceil(start - 0.5))
  return [from, Math.max(from, Math.min(size, Math.ceil(start + length - 0.5)))]
}

/** Set pixels whose centre is in the box. */
function areaInside({ width, height, bits }: Mask, [x, y, w, h]: BoxXywh): number {
  const [left, right] = centresIn(x, w, width)
  const [top, bottom] = centresIn(y, h, height)
  let area = 0
  for (let row = top; row < bottom; row++) {
    for (let at = row * width + left; at < row * width + right; at++) area += bits[at]!
  }
  return area
}

function partInside(
  { boxes, firstRun, runRows, runStarts, runEnds, width, height }: Components,
  part: number,
  [x, y, w, h]: BoxXywh,
): number {
  const [left, right] = centresIn(x, w, width)
  const [top, bottom] = centresIn(y, h, height)
  const at = 4 * part
  if (boxes[at]! >= right || boxes[at + 2]! <= left) return 0
  if (boxes[at + 1]! >= bottom || boxes[at + 3]! <= top) return 0
  let area = 0
  for (let run = firstRun[part]!; run < firstRun[part + 1]!; run++) {
    if (runRows[run]! < top || runRows[run]! >= bottom) continue
    area += Math.max(0, Math.min(right, runEnds[run]!) - Math.max(left, runStarts[run]!))
  }
  return area
}
