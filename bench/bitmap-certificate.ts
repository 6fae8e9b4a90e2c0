import type { Frame, KnownObject } from '../src/defenses/masking/hidden-margins'
import { provesObject } from '../src/defenses/masking/hidden-margins'
import type { MaskedDetections } from '../src/defenses/masking/masked-detections'
import type { PatchPlace, PatchSize } from '../src/defenses/masking/patch-places'
import type { BoxXyxy } from '../src/shared/vision'

// The certificate of ObjectSeeker the long way, as the published evaluation goes it: paint what the masks of each side
// hide, slide a window of the size of the patch over the painted bitmaps, and look at every place. Knows nothing of the
// closed form, which the tests hold against it and the measurement beside it.

/** Whether one object is certified at each place. `object` lies inside the frame. */
export function certifyByBitmap(
  object: KnownObject,
  answers: readonly MaskedDetections[],
  frame: Frame,
  pruneIoa: number,
  classAware: boolean,
  patch: PatchSize,
): Record<PatchPlace, boolean> {
  const proving = answers.filter(({ detections }) =>
    detections.some(
      ({ box, classId }) =>
        (!classAware || classId === object.classId) && provesObject(box, object.box, pruneIoa, 0),
    ),
  )
  const result = { far: true, near: true, over: true, anywhere: true }
  if (proving.length === 0) return { far: false, near: false, over: false, anywhere: false }
  const sums = (['top', 'bottom', 'left', 'right'] as const).map((side) =>
    summedArea(
      paint(
        proving.map(({ mask }) => mask).filter((mask) => mask.side === side),
        frame,
      ),
      frame,
    ),
  )
  for (let y = -patch.height; y <= frame.height; y++) {
    for (let x = -patch.width; x <= frame.width; x++) {
      const [x1, y1] = [Math.max(0, x), Math.max(0, y)]
      const x2 = Math.min(frame.width, x + patch.width)
      const y2 = Math.min(frame.height, y + patch.height)
      if (x2 <= x1 || y2 <= y1) continue
      const area = (x2 - x1) * (y2 - y1)
      if (sums.some((sum) => painted(sum, frame.width + 1, x1, y1, x2, y2) === area)) continue
      result.anywhere = false
      result[placeOf(x, y, object.box, frame, patch)] = false
    }
  }
  return result
}

function paint(masks: readonly MaskedDetections['mask'][], { width, height }: Frame): Uint8Array {
  const bits = new Uint8Array(width * height)
  for (const { side, line } of masks) {
    for (let y = 0; y < height; y++) {
      if (side === 'top' ? y >= line : side === 'bottom' ? y < line : false) continue
      const from = side === 'right' ? line : 0
      const to = side === 'left' ? line : width
      bits.fill(1, y * width + from, y * width + to)
    }
  }
  return bits
}

function summedArea(bits: Uint8Array, { width, height }: Frame): Uint32Array {
  const stride = width + 1
  const sums = new Uint32Array(stride * (height + 1))
  for (let y = 0; y < height; y++) {
    let row = 0
    for (let x = 0; x < width; x++) {
      row += bits[y * width + x]!
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row
    }
  }
  return sums
}

function painted(
  sums: Uint32Array,
  stride: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): number {
  return (
    sums[y2 * stride + x2]! -
    sums[y1 * stride + x2]! -
    sums[y2 * stride + x1]! +
    sums[y1 * stride + x1]!
  )
}

/** The words of the definition, one corner at a time. */
export function placeOf(
  x: number,
  y: number,
  box: BoxXyxy,
  frame: Frame,
  patch: PatchSize,
): 'far' | 'near' | 'over' {
  const top = Math.trunc(box[1]) - patch.height
  const bottom = Math.trunc(box[3]) + 1
  const left = Math.trunc(box[0]) - patch.width
  const right = Math.trunc(box[2]) + 1
  const within = (growX: number, growY: number): boolean =>
    y >= top - growY && y < bottom + growY && x >= left - growX && x < right + growX
  if (within(0, 0)) return 'over'
  return within(frame.width / 10, frame.height / 10) ? 'near' : 'far'
}
