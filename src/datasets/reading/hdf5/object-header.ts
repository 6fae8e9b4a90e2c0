import { Fields, readPart, type Hdf5File } from './fields'
import { hdf5Corrupt } from './hdf5-errors'

/** One property of a group or data set. The numbers of its kinds are those of the format's description. */
export interface HeaderMessage {
  readonly type: number
  readonly fields: Fields
}

const continuation = 0x10
const maxMessages = 1000
const maxBlocks = 64
const maxBlockBytes = 2 ** 20

/** All messages of the object whose header is at `address`. @throws AppError E_HDF5_CORRUPT */
export async function readHeader(
  file: Hdf5File,
  address: number,
): Promise<readonly HeaderMessage[]> {
  const start = await readPart(file, address, 4)
  const isNew = String.fromCharCode(...start.bytes) === 'OHDR'
  return isNew ? readNew(file, address) : readOld(file, address)
}

/** Version 1: messages of multiples of eight bytes. */
async function readOld(file: Hdf5File, address: number): Promise<readonly HeaderMessage[]> {
  const head = await readPart(file, address, 16)
  if (head.uint8() !== 1) throw hdf5Corrupt(file.name, `there is no object at ${address}`)
  const length = head.skip(7).uint32()
  const walk = new Walk(file)
  await walk.block(address + 16, length)
  for (let block = walk.next(); block; block = walk.next()) await walk.block(...block)
  return walk.messages
}

/** Version 2: packed messages, a check sum at the end of each block. */
async function readNew(file: Hdf5File, address: number): Promise<readonly HeaderMessage[]> {
  const head = await readPart(file, address, Math.min(32, file.size - file.base - address))
  const flags = head.skip(5).uint8()
  if ((flags & 0x20) !== 0) head.skip(16)
  if ((flags & 0x10) !== 0) head.skip(4)
  const length = head.uint(1 << (flags & 3))
  const walk = new Walk(file, (flags & 4) !== 0)
  await walk.block(address + head.at, length)
  for (let block = walk.next(); block; block = walk.next()) {
    const [at, bytes] = block
    ;(await readPart(file, at, 4)).expect('OCHK')
    await walk.block(at + 4, bytes - 8)
  }
  return walk.messages
}

class Walk {
  readonly messages: HeaderMessage[] = []
  readonly #file: Hdf5File
  /** Undefined for version 1. */
  readonly #tracksOrder: boolean | undefined
  readonly #blocks: (readonly [at: number, length: number])[] = []
  #done = 0

  constructor(file: Hdf5File, tracksOrder?: boolean) {
    this.#file = file
    this.#tracksOrder = tracksOrder
  }

  next(): readonly [at: number, length: number] | undefined {
    return this.#blocks.shift()
  }

  async block(at: number, length: number): Promise<void> {
    if (this.#done++ > maxBlocks || length < 0 || length > maxBlockBytes) {
      throw hdf5Corrupt(this.#file.name, 'an object has a header out of all bounds')
    }
    const fields = await readPart(this.#file, at, length)
    const isOld = this.#tracksOrder === undefined
    const headBytes = isOld ? 8 : this.#tracksOrder ? 6 : 4
    while (fields.left >= headBytes) {
      const type = isOld ? fields.uint16() : fields.uint8()
      const size = fields.uint16()
      fields.skip(headBytes - (isOld ? 4 : 3))
      const body = new Fields(fields.take(size), this.#file)
      if (type === continuation) this.#blocks.push([body.place(), body.length()])
      else this.messages.push({ type, fields: body })
      if (this.messages.length > maxMessages) {
        throw hdf5Corrupt(this.#file.name, `an object has more than ${maxMessages} properties`)
      }
    }
  }
}
