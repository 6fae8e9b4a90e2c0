import { itemBytes, type ItemType } from '../number-items'
import { Fields, type Hdf5File } from './fields'
import { readFilters, type Filter } from './filters'
import { hdf5Corrupt, hdf5Unsupported } from './hdf5-errors'
import { readHeader } from './object-header'

/** How the numbers of a data set lie in the file. */
export type Layout =
  | { readonly kind: 'contiguous'; readonly address: number }
  | { readonly kind: 'compact'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'chunked'
      /** Address of the tree of chunks; null if nothing was written. */
      readonly tree: number | null
      /** Sides of a chunk, one for each axis. */
      readonly chunk: readonly number[]
      readonly filters: readonly Filter[]
    }

export interface Hdf5Dataset {
  readonly file: Hdf5File
  readonly shape: readonly number[]
  readonly type: ItemType
  readonly bigEndian: boolean
  readonly layout: Layout
}

const maxBytes = 2 ** 45

/** Describes the data set whose header is at `address`; its numbers are not touched. Null if it is a group. */
export async function readDataset(file: Hdf5File, address: number): Promise<Hdf5Dataset | null> {
  const messages = await readHeader(file, address)
  const fieldsOf = (type: number) => messages.find((message) => message.type === type)?.fields
  const [space, datatype, layout] = [fieldsOf(0x01), fieldsOf(0x03), fieldsOf(0x08)]
  if (!space || !datatype || !layout) return null
  const shape = readShape(space, file)
  const { type, bigEndian } = readType(datatype, file)
  const bytes = shape.reduce((product, side) => product * side, itemBytes[type])
  if (!(bytes <= maxBytes)) throw hdf5Corrupt(file.name, `a data set claims ${bytes} bytes`)
  const filters = readFilters(fieldsOf(0x0b), file)
  return { file, shape, type, bigEndian, layout: readLayout(layout, shape, bytes, filters, file) }
}

function readShape(fields: Fields, file: Hdf5File): readonly number[] {
  const version = fields.uint8()
  if (version !== 1 && version !== 2) throw hdf5Corrupt(file.name, 'a shape of unknown version')
  const rank = fields.uint8()
  if (rank > 32) throw hdf5Corrupt(file.name, `a data set of ${rank} axes`)
  fields.skip(version === 1 ? 6 : 2)
  return Array.from({ length: rank }, () => fields.length())
}

function readType(fields: Fields, file: Hdf5File): { type: ItemType; bigEndian: boolean } {
  const kind = fields.uint8() & 15
  const flags = fields.uint8()
  const bytes = fields.skip(2).uint32()
  const letter = kind === 1 ? 'f' : kind === 0 ? ((flags & 8) !== 0 ? 'i' : 'u') : ''
  const type = `${letter}${bytes}`
  if (!isItemType(type)) {
    throw hdf5Unsupported(file.name, `items of kind ${kind} with ${bytes} bytes, no numbers`)
  }
  return { type, bigEndian: (flags & 1) !== 0 }
}

function isItemType(type: string): type is ItemType {
  return Object.hasOwn(itemBytes, type)
}

function readLayout(
  fields: Fields,
  shape: readonly number[],
  bytes: number,
  filters: readonly Filter[],
  file: Hdf5File,
): Layout {
  const version = fields.uint8()
  if (version < 1 || version > 4) throw hdf5Unsupported(file.name, `a layout of version ${version}`)
  const isOld = version < 3
  const rank = isOld ? fields.uint8() : 0
  const kind = fields.uint8()
  if (isOld) fields.skip(5)
  if (kind === 0) {
    if (isOld) fields.skip(4 * rank)
    const length = isOld ? fields.uint32() : fields.uint16()
    if (length < bytes) throw hdf5Corrupt(file.name, 'a small data set is cut short')
    return { kind: 'compact', bytes: fields.take(bytes) }
  }
  if (kind === 1) {
    const address = fields.address()
    if (address === null) {
      if (bytes === 0) return { kind: 'compact', bytes: new Uint8Array(0) }
      throw hdf5Corrupt(file.name, 'the numbers of a data set were never written')
    }
    if (file.base + address + bytes > file.size) {
      throw hdf5Corrupt(file.name, `a data set reaches beyond its ${file.size} bytes`)
    }
    return { kind: 'contiguous', address }
  }
  if (kind !== 2 || version === 4) throw hdf5Unsupported(file.name, 'a layout of the newest kind')
  const axes = isOld ? rank : fields.uint8()
  const tree = fields.address()
  const sides = Array.from({ length: axes }, () => fields.uint32())
  const chunk = sides.slice(0, shape.length)
  const fits = chunk.length === shape.length && chunk.every((side) => side > 0)
  if (!fits) throw hdf5Corrupt(file.name, 'its chunks have other axes than the data set')
  return { kind: 'chunked', tree, chunk, filters }
}
