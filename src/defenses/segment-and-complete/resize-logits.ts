/** Logits of the segmenter, one per pixel of the picture, row-major; patch where the sigmoid is above the threshold. */
export interface Segmentation {
  readonly width: number
  readonly height: number
  readonly logits: Float32Array
}

/** Bilinear resize of one map, half-pixel centres, edges repeated (what the field's frameworks do by default). */
export function resizeLogits(
  logits: Float32Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Segmentation {
  const columns = samples(width, toWidth)
  const rows = samples(height, toHeight)
  const out = new Float32Array(toWidth * toHeight)
  for (let y = 0; y < toHeight; y++) {
    const above = rows.first[y]! * width
    const below = rows.second[y]! * width
    const fy = rows.share[y]!
    const target = y * toWidth
    for (let x = 0; x < toWidth; x++) {
      const left = columns.first[x]!
      const right = columns.second[x]!
      const fx = columns.share[x]!
      const top = logits[above + left]! * (1 - fx) + logits[above + right]! * fx
      const bottom = logits[below + left]! * (1 - fx) + logits[below + right]! * fx
      out[target + x] = top * (1 - fy) + bottom * fy
    }
  }
  return { width: toWidth, height: toHeight, logits: out }
}

/** For every target position the two source positions it lies between, and the share of the second. */
function samples(
  from: number,
  to: number,
): { first: Int32Array; second: Int32Array; share: Float64Array } {
  const first = new Int32Array(to)
  const second = new Int32Array(to)
  const share = new Float64Array(to)
  for (let i = 0; i < to; i++) {
    const position = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1)
    first[i] = Math.floor(position)
    second[i] = Math.min(first[i]! + 1, from - 1)
    share[i] = position - first[i]!
  }
  return { first, second, share }
}
