import type { DeclaredTensor, OnnxHeader } from '../src/engine/models/onnx-file'
import type { Tensor } from '../src/shared/plugin'

/** Sizes where a model takes any. */
export interface WorkingSize {
  readonly width: number
  readonly height: number
  readonly layout: 'nchw' | 'nhwc'
}

export type Feeds = Readonly<Record<string, Tensor>>

/**
 * One value for everything a model reads, as its file declares it: grey (0.5) for floats, 0 for whole numbers. Batches
 * are of one; sizes that are left open are those of `size` in pictures, else 1.
 * @throws TypeError where a type is not fed here
 */
export function feedsFor({ inputs }: Pick<OnnxHeader, 'inputs'>, size: WorkingSize): Feeds {
  return Object.fromEntries(inputs.map((input) => [input.name, tensorFor(input, size)]))
}

function tensorFor({ name, type, dims = [] }: DeclaredTensor, size: WorkingSize): Tensor {
  const sizes = dims.map((dim, k) => (typeof dim === 'number' ? dim : openSize(k, dims, size)))
  const length = sizes.reduce((product, side) => product * side, 1)
  switch (type) {
    case 'float32':
      return { data: new Float32Array(length).fill(0.5), dims: sizes }
    case 'uint8':
      return { data: new Uint8Array(length), dims: sizes }
    case 'int32':
      return { data: new Int32Array(length), dims: sizes }
    case 'int64':
      return { data: new BigInt64Array(length), dims: sizes }
    default:
      throw new TypeError(`input "${name}" has the type ${type}, which is not fed here`)
  }
}

function openSize(
  k: number,
  dims: readonly (number | string)[],
  { width, height, layout }: WorkingSize,
): number {
  if (dims.length !== 4) return 1
  const open = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]
  return open[k] ?? 1
}
