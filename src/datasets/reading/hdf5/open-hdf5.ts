import type { FileSource } from '../../../shared/dataset'
import { fileEmpty } from '../../../shared/image-errors'
import { Fields, type Hdf5File } from './fields'
import { hdf5Corrupt, hdf5Unsupported } from './hdf5-errors'

export interface OpenHdf5 extends Hdf5File {
  /** Address of the header of the root group. */
  readonly root: number
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** Whether the file begins as HDF5 files do. */
export function isHdf5(head: Uint8Array): boolean {
  return signature.every((byte, i) => head[i] === byte)
}

/**
 * Opens an HDF5 file: reads its first hundred bytes (superblock, versions 0 to 3).
 * @throws AppError E_FILE_EMPTY, E_HDF5_CORRUPT (no signature, shorter than it says, or of an unknown version)
 */
export async function openHdf5(files: FileSource, name: string): Promise<OpenHdf5> {
  const size = await files.size(name)
  if (size === 0) throw fileEmpty(name)
  const at = await findSignature(files, name, size)
  const bytes = await files.readAt(name, at, 112)
  const start = new Fields(bytes.subarray(8), { name, addressBytes: 8, lengthBytes: 8 })
  const version = start.uint8()
  if (version > 3) throw hdf5Unsupported(name, `a superblock of version ${version}`)
  if (version < 2) start.skip(4)
  const [addressBytes, lengthBytes] = [start.uint8(), start.uint8()]
  if (!isWidth(addressBytes) || !isWidth(lengthBytes)) {
    throw hdf5Corrupt(name, `its addresses have ${addressBytes} and ${lengthBytes} bytes`)
  }
  const fields = new Fields(bytes, { name, addressBytes, lengthBytes })
  // Versions 0 and 1 have counts and flags here, version 1 four bytes more.
  fields.skip(version < 2 ? (version === 0 ? 24 : 28) : 12)
  const base = fields.place()
  fields.address() // free space, or an extension of the superblock
  const end = fields.place()
  if (base + end > size && end > size) {
    throw hdf5Corrupt(name, `it should have ${end} bytes and has ${size}: it is cut short`)
  }
  // Versions 0 and 1: a driver's address, then the entry of the root group, which begins with the place of its name.
  if (version < 2) fields.address()
  if (version < 2) fields.address()
  return { files, name, size, addressBytes, lengthBytes, base, root: fields.place() }
}

/** The signature stands at 0, 512, 1024, 2048 …: what comes before belongs to the user. */
async function findSignature(files: FileSource, name: string, size: number): Promise<number> {
  for (let at = 0; at + 8 <= size && at <= 2 ** 20; at = at === 0 ? 512 : 2 * at) {
    if (isHdf5(await files.readAt(name, at, 8))) return at
  }
  throw hdf5Corrupt(name, 'it has no HDF5 signature')
}

function isWidth(value: number): value is 4 | 8 {
  return value === 4 || value === 8
}
