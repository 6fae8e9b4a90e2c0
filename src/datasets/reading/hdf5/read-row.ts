import { AppError } from '../../../shared/errors'
import { itemBytes, readItems } from '../number-items'
import { chunksOfRow } from './chunks'
import type { Hdf5Dataset } from './dataset'
import { readPart } from './fields'
import { hdf5Corrupt } from './hdf5-errors'

const maxRowBytes = 256 * 2 ** 20

/** Rows are what the first axis counts. */
export function rowCount({ shape }: Hdf5Dataset): number {
  return shape[0] ?? 0
}

/** Numbers of one row. */
export function rowItems({ shape }: Hdf5Dataset): number {
  return shape.slice(1).reduce((product, side) => product * side, 1)
}

/**
 * The numbers of row `index`, row-major. Only its bytes are read (of chunked data sets: its chunks).
 * @throws AppError E_TENSOR_SHAPE for rows above 256 MiB, E_HDF5_CORRUPT
 */
export async function readRow(dataset: Hdf5Dataset, index: number): Promise<Float64Array> {
  return readItems(await readRowBytes(dataset, index), dataset.type, dataset.bigEndian)
}

/** The bytes of row `index`, as they are stored. Throws as `readRow`. */
export async function readRowBytes(dataset: Hdf5Dataset, index: number): Promise<Uint8Array> {
  const { file, layout, type, shape } = dataset
  const bytes = rowItems(dataset) * itemBytes[type]
  if (bytes > maxRowBytes) throw rowTooLarge(file.name, shape, bytes)
  if (!Number.isInteger(index) || index < 0 || index >= rowCount(dataset)) {
    throw hdf5Corrupt(file.name, `row ${index} of a data set of ${rowCount(dataset)} rows`)
  }
  if (layout.kind === 'compact') return layout.bytes.subarray(index * bytes, (index + 1) * bytes)
  if (layout.kind === 'contiguous') {
    return (await readPart(file, layout.address + index * bytes, bytes)).bytes
  }
  const row = new Uint8Array(bytes)
  for await (const chunk of chunksOfRow(dataset, layout, index)) {
    copyRow(dataset, layout.chunk, chunk, index, row)
  }
  return row
}

/** Copies what a chunk has of a row: line by line along the last axis. */
function copyRow(
  { shape, type }: Hdf5Dataset,
  sides: readonly number[],
  chunk: { readonly offsets: readonly number[]; readonly bytes: Uint8Array },
  index: number,
  row: Uint8Array,
): void {
  const size = itemBytes[type]
  const rank = shape.length
  if (rank === 1) {
    const from = (index - chunk.offsets[0]!) * size
    row.set(chunk.bytes.subarray(from, from + size))
    return
  }
  const last = rank - 1
  const start = chunk.offsets[last]!
  const length = (Math.min(shape[last]!, start + sides[last]!) - start) * size
  const inner = sides.slice(1, last)
  const lines = inner.reduce((product, side) => product * side, 1)
  for (let line = 0; line < lines; line++) {
    let rest = line
    let [source, target, step] = [0, 0, 1]
    let outside = length <= 0
    let width = 1
    for (let axis = last - 1; axis >= 1; axis--) {
      const at = rest % sides[axis]!
      rest = Math.floor(rest / sides[axis]!)
      const place = chunk.offsets[axis]! + at
      if (place >= shape[axis]!) outside = true
      source += at * step
      target += place * width
      step *= sides[axis]!
      width *= shape[axis]!
    }
    if (outside) continue
    source += (index - chunk.offsets[0]!) * step
    const from = source * sides[last]! * size
    row.set(chunk.bytes.subarray(from, from + length), (target * shape[last]! + start) * size)
  }
}

function rowTooLarge(file: string, shape: readonly number[], bytes: number) {
  return new AppError(
    'E_TENSOR_SHAPE',
    `${file}: one row of ${shape.join('x')} numbers has ${bytes} bytes; the limit is 256 MiB`,
    'The first axis counts the pictures; check that the axes are in this order.',
  )
}
