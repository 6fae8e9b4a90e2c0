import { readPart, type Fields, type Hdf5File } from './fields'
import { hdf5Corrupt, hdf5Unsupported } from './hdf5-errors'
import { readHeader } from './object-header'

const linkInfo = 0x02
const link = 0x06
const symbolTable = 0x11
const maxLinks = 10_000

/** Names and header addresses of what a group holds. Soft and external links are left out. @throws AppError E_HDF5_CORRUPT */
export async function readLinks(
  file: Hdf5File,
  group: number,
): Promise<ReadonlyMap<string, number>> {
  const links = new Map<string, number>()
  for (const { type, fields } of await readHeader(file, group)) {
    if (type === symbolTable) await readSymbolTable(file, fields, links)
    else if (type === link) readLink(fields, links)
    else if (type === linkInfo && hasHeap(fields)) {
      throw hdf5Unsupported(file.name, 'a group of many members in the newest form')
    }
  }
  return links
}

function hasHeap(fields: Fields): boolean {
  const flags = fields.skip(1).uint8()
  if ((flags & 1) !== 0) fields.skip(8)
  return fields.address() !== null
}

function readLink(fields: Fields, links: Map<string, number>): void {
  const flags = fields.skip(1).uint8()
  const type = (flags & 8) !== 0 ? fields.uint8() : 0
  if ((flags & 4) !== 0) fields.skip(8)
  if ((flags & 16) !== 0) fields.skip(1)
  const name = fields.take(fields.uint(1 << (flags & 3)))
  if (type === 0) links.set(String.fromCharCode(...name), fields.place())
}

/** The older form: a tree of nodes with the members, whose names stand together in a heap. */
async function readSymbolTable(
  file: Hdf5File,
  fields: Fields,
  links: Map<string, number>,
): Promise<void> {
  const tree = fields.place()
  const heap = (await readPart(file, fields.place(), 8 + 2 * file.lengthBytes + file.addressBytes))
    .expect('HEAP')
    .skip(4)
  const heapLength = heap.length()
  heap.length()
  if (heapLength > 2 ** 22) throw hdf5Corrupt(file.name, 'the names of a group take megabytes')
  const names = (await readPart(file, heap.place(), heapLength)).bytes
  const pending = [tree]
  for (let nodes = 0; pending.length > 0; nodes++) {
    if (nodes > 1000) throw hdf5Corrupt(file.name, 'a group has no end')
    pending.push(...(await readNode(file, pending.pop() ?? 0, names, links)))
  }
}

async function readNode(
  file: Hdf5File,
  address: number,
  names: Uint8Array,
  links: Map<string, number>,
): Promise<readonly number[]> {
  const { addressBytes, lengthBytes } = file
  const letters = String.fromCharCode(...(await readPart(file, address, 4)).bytes)
  if (letters === 'TREE') {
    const head = await readPart(file, address, 8)
    const count = head.skip(6).uint16()
    const skipped = 8 + 2 * addressBytes
    const node = await readPart(
      file,
      address,
      skipped + count * (addressBytes + lengthBytes) + lengthBytes,
    )
    node.skip(skipped)
    return Array.from({ length: count }, () => node.skip(lengthBytes).place())
  }
  const head = (await readPart(file, address, 8)).expect('SNOD')
  const count = head.skip(2).uint16()
  const entryBytes = 2 * addressBytes + 24
  const entries = await readPart(file, address + 8, count * entryBytes)
  for (let i = 0; i < count; i++) {
    entries.at = i * entryBytes
    const start = entries.uint(addressBytes)
    const end = names.indexOf(0, start)
    if (start >= names.length || end < 0) throw hdf5Corrupt(file.name, 'a name has no end')
    links.set(
      String.fromCharCode(...names.subarray(start, Math.min(end, start + 1000))),
      entries.place(),
    )
    if (links.size > maxLinks) throw hdf5Corrupt(file.name, 'a group has too many members')
  }
  return []
}
