/** Interpolation kernels of one axis, as OpenCV's `resize` defines them for 8-bit pictures. */

/** One axis of a two-tap kernel: output `i` is `(v[first[i]] * (2048 - weight[i]) + v[second[i]] * weight[i]) / 2048`. */
export interface LinearAxis {
  readonly first: Int32Array
  readonly second: Int32Array
  readonly weight: Int32Array
}

/** One axis of a box average: output `i` is the sum of `weights[k] * v[indices[k]]`, k in `starts[i]..starts[i + 1]`. */
export interface AreaAxis {
  readonly starts: Int32Array
  readonly indices: Int32Array
  readonly weights: Float32Array
}

/** Half-pixel centres: output `i` looks at `(i + 0.5) * source / target - 0.5`, clamped to the picture. */
export function linearAxis(source: number, target: number): LinearAxis {
  const scale = source / target
  return twoTaps(source, target, (i) => Math.fround((i + 0.5) * scale - 0.5))
}

/** INTER_AREA where a side grows: OpenCV then blends only in output pixels that straddle a source border. */
export function enlargingAreaAxis(source: number, target: number): LinearAxis {
  const scale = source / target
  return twoTaps(source, target, (i) => {
    const left = Math.floor(i * scale)
    const share = Math.fround(i + 1 - ((left + 1) * target) / source)
    return left + (share <= 0 ? 0 : share - Math.floor(share))
  })
}

function twoTaps(source: number, target: number, position: (i: number) => number): LinearAxis {
  const axis = {
    first: new Int32Array(target),
    second: new Int32Array(target),
    weight: new Int32Array(target),
  }
  for (let i = 0; i < target; i++) {
    const at = Math.min(Math.max(position(i), 0), source - 1)
    const first = Math.floor(at)
    axis.first[i] = first
    axis.second[i] = Math.min(first + 1, source - 1)
    axis.weight[i] = Math.round((at - first) * 2048)
  }
  return axis
}

/** INTER_AREA where a side shrinks: each output pixel is the average of the source interval it covers. */
export function shrinkingAreaAxis(source: number, target: number): AreaAxis {
  const scale = source / target
  const starts = new Int32Array(target + 1)
  const indices: number[] = []
  const weights: number[] = []
  for (let i = 0; i < target; i++) {
    const from = i * scale
    const to = Math.min(from + scale, source)
    for (let at = Math.floor(from); at < to; at++) {
      const share = Math.min(at + 1, to) - Math.max(at, from)
      // OpenCV ignores slivers that come from rounding alone.
      if (share <= 1e-3) continue
      indices.push(Math.min(at, source - 1))
      weights.push(share / (to - from))
    }
    starts[i + 1] = indices.length
  }
  return { starts, indices: Int32Array.from(indices), weights: Float32Array.from(weights) }
}
