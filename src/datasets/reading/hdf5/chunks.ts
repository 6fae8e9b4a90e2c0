import { itemBytes } from '../number-items'
import type { Hdf5Dataset, Layout } from './dataset'
import { readPart, type Fields } from './fields'
import { unfilter } from './filters'
import { hdf5Corrupt } from './hdf5-errors'

type Chunked = Extract<Layout, { kind: 'chunked' }>

export interface Chunk {
  /** Of its first item, for each axis. */
  readonly offsets: readonly number[]
  readonly bytes: Uint8Array
}

interface Key {
  readonly packedBytes: number
  readonly skipped: number
  readonly offsets: readonly number[]
}

const maxChunkBytes = 64 * 2 ** 20
const maxNodes = 10_000

/** The chunks that hold items of row `index`, unpacked one at a time. Chunks never written are left out: they count as 0. */
export async function* chunksOfRow(
  dataset: Hdf5Dataset,
  layout: Chunked,
  index: number,
): AsyncGenerator<Chunk> {
  const { file, shape, type } = dataset
  const length = layout.chunk.reduce((product, side) => product * side, itemBytes[type])
  if (length > maxChunkBytes) throw hdf5Corrupt(file.name, `a chunk claims ${length} bytes`)
  const block = index - (index % layout.chunk[0]!)
  const pending = layout.tree === null ? [] : [layout.tree]
  for (let nodes = 0; pending.length > 0; nodes++) {
    if (nodes > maxNodes) throw hdf5Corrupt(file.name, 'its tree of chunks has no end')
    const { level, keys, children } = await readNode(dataset, pending.pop() ?? 0)
    for (const [i, child] of children.entries()) {
      const [key, next] = [keys[i]!, keys[i + 1]!]
      if (level > 0) {
        if (key.offsets[0]! <= block && next.offsets[0]! >= block) pending.push(child)
        continue
      }
      if (key.offsets[0] !== block || key.offsets.some((at, axis) => at >= shape[axis]!)) continue
      const packed = await readPart(file, child, Math.min(key.packedBytes, file.size))
      const bytes = unfilter(packed.bytes, layout.filters, key.skipped, length, file)
      yield { offsets: key.offsets, bytes }
    }
  }
}

/** A node of the tree: one key more than children, each below its first item. */
async function readNode({ file, shape }: Hdf5Dataset, address: number) {
  const head = (await readPart(file, address, 8)).expect('TREE')
  const kind = head.uint8()
  const level = head.uint8()
  const count = head.uint16()
  if (kind !== 1 || level > 16) throw hdf5Corrupt(file.name, 'its tree of chunks is damaged')
  const skipped = 8 + 2 * file.addressBytes
  const keyBytes = 8 + 8 * (shape.length + 1)
  const length = skipped + count * (keyBytes + file.addressBytes) + keyBytes
  const node = (await readPart(file, address, length)).skip(skipped)
  const keys: Key[] = []
  const children: number[] = []
  for (let i = 0; i < count; i++) {
    keys.push(readKey(node, shape.length))
    children.push(node.place())
  }
  keys.push(readKey(node, shape.length))
  return { level, keys, children }
}

function readKey(node: Fields, rank: number): Key {
  const packedBytes = node.uint32()
  const skipped = node.uint32()
  const offsets = Array.from({ length: rank }, () => node.uint(8))
  node.skip(8)
  return { packedBytes, skipped, offsets }
}
