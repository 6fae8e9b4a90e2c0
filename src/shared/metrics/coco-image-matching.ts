import type { CocoAnnotation } from './coco-schema'

/** The ground truths of one image and category, and the order in which detections try them. */
export class TruthOrder {
  readonly count: number
  readonly ids: Float64Array
  readonly crowd: Uint8Array
  /** 1 for crowds, what is left out, and areas outside the range of the last `arrange`: no score is given for these. */
  readonly ignored: Uint8Array
  /** Those that count first, both parts in file order. */
  readonly order: Uint32Array
  readonly #areas: Float64Array
  readonly #leftOut: Uint8Array
  readonly #taken: Uint8Array

  constructor(
    positions: Uint32Array,
    annotations: readonly CocoAnnotation[],
    areas: Float64Array, // length count or more
    isLeftOut?: (annotation: CocoAnnotation) => boolean,
  ) {
    this.count = positions.length
    this.ids = Float64Array.from(positions, (at) => annotations[at]!.id)
    this.crowd = Uint8Array.from(positions, (at) => Number(Boolean(annotations[at]!.iscrowd)))
    this.#leftOut = Uint8Array.from(positions, (at, g) =>
      this.crowd[g] === 1 || isLeftOut?.(annotations[at]!) ? 1 : 0,
    )
    this.ignored = new Uint8Array(this.count)
    this.order = new Uint32Array(this.count)
    this.#areas = areas
    this.#taken = new Uint8Array(this.count)
  }

  /** Marks for the ground truths that have a detection: all 0, and valid until the next call. */
  free(): Uint8Array {
    return this.#taken.fill(0)
  }

  /** Orders for an area range, both ends inclusive. Returns how many count. */
  arrange({ min, max }: { readonly min: number; readonly max: number }): number {
    for (let g = 0; g < this.count; g++) {
      const area = this.#areas[g]!
      this.ignored[g] = this.#leftOut[g] === 1 || area < min || area > max ? 1 : 0
    }
    let next = 0
    for (let g = 0; g < this.count; g++) if (this.ignored[g] === 0) this.order[next++] = g
    const counting = next
    for (let g = 0; g < this.count; g++) if (this.ignored[g] === 1) this.order[next++] = g
    return counting
  }
}

/**
 * Gives each detection, best score first, the free ground truth with the highest overlap of `threshold` or more (of equal
 * overlaps the later); ignored ones only when no other fits; crowds any number of times. Writes the index of the ground
 * truth, or -1, to `partners` and returns how many found one. Entry `d * truths.count + g` of `overlaps` is detection d, ground truth g.
 */
export function matchGreedily(
  threshold: number,
  overlaps: Float64Array,
  highest: Float64Array,
  truths: TruthOrder,
  partners: Int32Array,
): number {
  const { count, order, crowd, ignored } = truths
  const taken = truths.free()
  const least = Math.min(threshold, 1 - 1e-10)
  let found = 0
  for (let d = 0; d < partners.length; d++) {
    partners[d] = -1
    if (highest[d]! < least) continue
    let best = least
    let partner = -1
    for (let i = 0; i < count; i++) {
      const g = order[i]!
      if (taken[g] === 1 && crowd[g] === 0) continue
      if (partner >= 0 && ignored[partner] === 0 && ignored[g] === 1) break
      const overlap = overlaps[d * count + g]!
      if (overlap < best) continue
      best = overlap
      partner = g
    }
    if (partner < 0) continue
    partners[d] = partner
    taken[partner] = 1
    found++
  }
  return found
}
