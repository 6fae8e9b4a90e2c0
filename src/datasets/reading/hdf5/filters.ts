import { InflateFault, inflateZlib } from '../mask-png-inflate'
import type { Fields, Hdf5File } from './fields'
import { hdf5Corrupt, hdf5Unsupported } from './hdf5-errors'

/** One step that was done to each chunk when it was written. */
export type Filter = { readonly kind: 'deflate' | 'check-sum' } | Shuffle

interface Shuffle {
  readonly kind: 'shuffle'
  /** Bytes of an item. */
  readonly itemBytes: number
}

/** The filters of a data set in the order of writing. @throws AppError E_HDF5_CORRUPT for unknown ones */
export function readFilters(fields: Fields | undefined, file: Hdf5File): readonly Filter[] {
  if (!fields) return []
  const version = fields.uint8()
  const count = fields.uint8()
  if (version === 1) fields.skip(6)
  return Array.from({ length: count }, () => {
    const id = fields.uint16()
    const nameBytes = version === 1 || id >= 256 ? fields.uint16() : 0
    const values = fields.skip(2).uint16()
    fields.skip(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes)
    const first = values > 0 ? fields.uint32() : 0
    fields.skip(4 * Math.max(0, values - 1) + (version === 1 && values % 2 === 1 ? 4 : 0))
    if (id === 1) return { kind: 'deflate' }
    if (id === 2) return { kind: 'shuffle', itemBytes: first }
    if (id === 3) return { kind: 'check-sum' }
    throw hdf5Unsupported(file.name, `data packed with filter ${id}`)
  })
}

/**
 * Undoes the filters of a chunk. `skipped` has a bit for each filter that was left out for this chunk. The answer has
 * `length` bytes.
 */
export function unfilter(
  packed: Uint8Array,
  filters: readonly Filter[],
  skipped: number,
  length: number,
  file: Hdf5File,
): Uint8Array {
  let bytes = packed
  // A check sum of four bytes may stand before or after packing.
  const sums = filters.filter((filter) => filter.kind === 'check-sum').length
  for (const [i, filter] of [...filters.entries()].toReversed()) {
    if ((skipped & (1 << i)) !== 0) continue
    if (filter.kind === 'check-sum') bytes = bytes.subarray(0, Math.max(0, bytes.length - 4))
    else if (filter.kind === 'shuffle') bytes = unshuffle(bytes, filter.itemBytes)
    else bytes = inflated(bytes, length + (sums > 0 && packedAfterSum(filters, i) ? 4 : 0), file)
  }
  if (bytes.length < length) throw hdf5Corrupt(file.name, 'a chunk is cut short')
  return bytes
}

function packedAfterSum(filters: readonly Filter[], deflate: number): boolean {
  return filters.slice(0, deflate).some(({ kind }) => kind === 'check-sum')
}

function inflated(bytes: Uint8Array, length: number, file: Hdf5File): Uint8Array {
  try {
    return inflateZlib(bytes, length)
  } catch (error) {
    if (error instanceof InflateFault) throw hdf5Corrupt(file.name, error.message)
    throw error
  }
}

/** All first bytes of the items come first, then all second ones, and so on. */
function unshuffle(bytes: Uint8Array, itemBytes: number): Uint8Array {
  if (itemBytes < 2) return bytes
  const items = Math.floor(bytes.length / itemBytes)
  const ordered = bytes.slice()
  for (let part = 0, from = 0; part < itemBytes; part++) {
    for (let i = 0; i < items; i++) ordered[i * itemBytes + part] = bytes[from++]!
  }
  return ordered
}
