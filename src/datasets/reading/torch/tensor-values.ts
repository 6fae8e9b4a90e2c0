import type { FileSource } from '../../../shared/dataset'
import { rowStrides } from './pickle-arrays'
import { itemBytes, itemReader, readItems } from '../number-items'
import type { ArrayData, Tensor } from './pickle-values'
import { pickleMalformed } from './torch-errors'

const pieceBytes = 262_144

/**
 * The numbers of a tensor, row-major (the last axis changes fastest), some ten thousand at a time: a picture need not be in
 * memory. Only tensors that lie in another order in their file are loaded whole.
 * @throws AppError E_PICKLE_MALFORMED when the bytes are not as many as the shape needs
 */
export async function* tensorChunks(
  files: FileSource,
  tensor: Tensor,
): AsyncGenerator<Float64Array> {
  if (tensor.itemCount === 0) return
  if (isRowMajor(tensor)) yield* inOrder(files, tensor)
  else yield* gathered(files, tensor)
}

/** All numbers of a small tensor, row-major. */
export async function tensorValues(files: FileSource, tensor: Tensor): Promise<Float64Array> {
  const values = new Float64Array(tensor.itemCount)
  let at = 0
  for await (const chunk of tensorChunks(files, tensor)) {
    values.set(chunk, at)
    at += chunk.length
  }
  return values
}

function isRowMajor({ shape, strides }: Tensor): boolean {
  const expected = rowStrides(shape)
  return shape.every((side, axis) => side === 1 || strides[axis] === expected[axis])
}

async function* inOrder(files: FileSource, tensor: Tensor): AsyncGenerator<Float64Array> {
  const size = itemBytes[tensor.type]
  let skip = tensor.offset * size
  let left = tensor.itemCount * size
  let rest = new Uint8Array(0) // bytes of an item that goes on in the next piece
  for await (const piece of dataBytes(files, tensor.data)) {
    const skipped = Math.min(skip, piece.length)
    skip -= skipped
    const bytes = joined(rest, piece.subarray(skipped))
    const whole = Math.min(left, bytes.length - (bytes.length % size))
    if (whole > 0) yield readItems(bytes.subarray(0, whole), tensor.type, tensor.bigEndian)
    left -= whole
    rest = bytes.slice(whole)
    // Text in latin1 form is read to its end, because only that tells how many bytes it holds.
    if (left === 0 && tensor.data.form === 'raw') return
  }
  if (left > 0 || (tensor.data.form === 'latin1' && rest.length > 0)) throw wrongCount(tensor)
}

async function* gathered(files: FileSource, tensor: Tensor): AsyncGenerator<Float64Array> {
  const { shape, strides, type, data } = tensor
  const bytes = new Uint8Array(data.length)
  let length = 0
  for await (const piece of dataBytes(files, data)) {
    bytes.set(piece, length)
    length += piece.length
  }
  const size = itemBytes[type]
  const expected = tensor.itemCount * size
  if (data.form === 'latin1' && length !== expected) throw wrongCount(tensor)
  const view = new DataView(bytes.buffer, 0, length)
  const read = itemReader(type, tensor.bigEndian)
  const position = new Array<number>(shape.length).fill(0)
  const chunk = new Float64Array(Math.min(65_536, tensor.itemCount))
  let filled = 0
  let item = tensor.offset
  for (let left = tensor.itemCount; left > 0; left--) {
    const at = item * size
    if (at + size > length) throw wrongCount(tensor)
    chunk[filled++] = read(view, at)
    if (filled === chunk.length || left === 1) {
      yield chunk.slice(0, filled)
      filled = 0
    }
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      item += strides[axis]!
      if (++position[axis]! < shape[axis]!) break
      item -= shape[axis]! * strides[axis]!
      position[axis] = 0
    }
  }
}

/** The bytes that an array has in its file, with characters turned into the bytes that they stand for. */
async function* dataBytes(files: FileSource, data: ArrayData): AsyncGenerator<Uint8Array> {
  const { file, at, length, form } = data
  if (at === null) throw pickleMalformed(file, 'the numbers of a tensor are missing')
  let lead = 0
  for (let done = 0; done < length;) {
    const piece = await files.readAt(file, at + done, Math.min(pieceBytes, length - done))
    if (piece.length === 0) throw pickleMalformed(file, 'it became shorter while it was read')
    if (form === 'raw') yield piece
    else {
      const decoded = new Uint8Array(piece.length)
      let count = 0
      for (let i = 0; i < piece.length; i++) {
        const byte = piece[i]!
        if (lead !== 0) {
          if ((byte & 0xc0) !== 0x80) throw noLatin1(file, at + done + i)
          decoded[count++] = ((lead & 3) << 6) | (byte & 63)
          lead = 0
        } else if (byte < 0x80) decoded[count++] = byte
        else if (byte === 0xc2 || byte === 0xc3) lead = byte
        else throw noLatin1(file, at + done + i)
      }
      yield decoded.subarray(0, count)
    }
    done += piece.length
  }
  if (lead !== 0) throw noLatin1(file, at + length)
}

function joined(rest: Uint8Array, piece: Uint8Array): Uint8Array {
  if (rest.length === 0) return piece
  const bytes = new Uint8Array(rest.length + piece.length)
  bytes.set(rest)
  bytes.set(piece, rest.length)
  return bytes
}

function wrongCount(tensor: Tensor) {
  const expected = tensor.itemCount * itemBytes[tensor.type]
  const shape = tensor.shape.join('x')
  return pickleMalformed(
    tensor.data.file,
    `an array of ${shape} numbers does not come with ${expected} bytes`,
  )
}

function noLatin1(file: string, offset: number) {
  return pickleMalformed(file, 'the bytes of an array are written with other characters', offset)
}
