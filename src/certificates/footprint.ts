import type { ModelInput } from '../shared/model-card'
import { enlargingAreaAxis, linearAxis, shrinkingAreaAxis } from '../shared/vision/resample'
import type { ResizePlan } from '../shared/vision/resize'

/**
 * Which pixels of the model's picture a pixel of the source has a part in, along one side: `first[i]..last[i]` for source
 * pixel i; `first > last` where it has none. Both never decrease with i, so a run of source pixels from i to j has a part
 * in `first[i]..last[j]`.
 */
export interface Footprint {
  readonly first: readonly number[]
  readonly last: readonly number[]
}

/**
 * From the weights of the very kernels that `imageToTensor` resizes with. Trying pictures would miss shares too small to
 * move a byte alone, which may still tip one together with others.
 */
export function footprints(
  { interpolation }: Pick<ModelInput, 'interpolation'>,
  plan: ResizePlan,
): { readonly columns: Footprint; readonly rows: Footprint } {
  const { sourceWidth, sourceHeight, contentWidth, contentHeight, offsetX, offsetY } = plan
  if (contentWidth === sourceWidth && contentHeight === sourceHeight) {
    return { columns: unchanged(sourceWidth, offsetX), rows: unchanged(sourceHeight, offsetY) }
  }
  const shrinks = contentWidth <= sourceWidth && contentHeight <= sourceHeight
  const along = (source: number, target: number, offset: number): Footprint => {
    if (interpolation === 'area' && shrinks) return averaged(source, target, offset)
    return blended(source, target, offset, interpolation === 'area')
  }
  return {
    columns: along(sourceWidth, contentWidth, offsetX),
    rows: along(sourceHeight, contentHeight, offsetY),
  }
}

/** First and last pixel of the model's picture that `size` source pixels from `place` on have a part in; null: none. */
export function touchedRange(
  { first, last }: Footprint,
  place: number,
  size: number,
): readonly [number, number] | null {
  const from = first[place] ?? Infinity
  const to = last[Math.min(place + size, last.length) - 1] ?? -Infinity
  return from > to ? null : [from, to]
}

function unchanged(length: number, offset: number): Footprint {
  const same = Array.from({ length }, (_, pixel) => pixel + offset)
  return { first: same, last: same }
}

function averaged(source: number, target: number, offset: number): Footprint {
  const { starts, indices } = shrinkingAreaAxis(source, target)
  return gathered(source, target, offset, (to) => [...indices.subarray(starts[to], starts[to + 1])])
}

function blended(source: number, target: number, offset: number, isArea: boolean): Footprint {
  const { first, second, weight } = (isArea ? enlargingAreaAxis : linearAxis)(source, target)
  return gathered(source, target, offset, (to) =>
    weight[to] === 0 ? [first[to]!] : [first[to]!, second[to]!],
  )
}

/** From what each pixel of the model's picture is made of. */
function gathered(
  source: number,
  target: number,
  offset: number,
  partsOf: (to: number) => readonly number[],
): Footprint {
  const first = new Array<number>(source).fill(Infinity)
  const last = new Array<number>(source).fill(-Infinity)
  for (const to of Array.from({ length: target }).keys()) {
    for (const pixel of partsOf(to)) {
      first[pixel] = Math.min(first[pixel] ?? Infinity, to + offset)
      last[pixel] = Math.max(last[pixel] ?? -Infinity, to + offset)
    }
  }
  // Pixels without a part get the first of the next one that has, and the last of the one before.
  let [next, before] = [Infinity, -Infinity]
  return {
    first: first
      .toReversed()
      .map((one) => (next = Math.min(next, one)))
      .reverse(),
    last: last.map((one) => (before = Math.max(before, one))),
  }
}
