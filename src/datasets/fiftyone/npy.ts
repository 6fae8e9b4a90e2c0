import { AppError } from '../../shared/errors'
import type { Mask } from '../../shared/vision'
import { base64ToBytes, bytesToBase64 } from '../reading/base64'
import { InflateFault, inflateZlib } from '../reading/mask-png-inflate'
import { maxPixels } from '../reading/outlines'
import { deflateRuns } from './deflate-runs'

// FiftyOne keeps arrays as NumPy files (format 1.0), packed with zlib, as base64 text.

const magic = '\x93NUMPY'
const headBytes = 10

/** Bytes of one element, by the NumPy type, and how to tell whether it is set. */
const elementBytes: Readonly<Record<string, number>> = {
  '|b1': 1,
  '|u1': 1,
  '|i1': 1,
  '<u2': 2,
  '<i2': 2,
  '<i4': 4,
  '<u4': 4,
  '<f4': 4,
  '<i8': 8,
  '<f8': 8,
}

/**
 * The mask in a packed array of height x width numbers, of which 0 is background.
 * @throws AppError E_IMAGE_CORRUPT (not such a text), E_TENSOR_SHAPE (no two axes, no known type, or too large)
 */
export function decodePackedMask(text: string): Mask {
  const packed = base64ToBytes(text)
  if (packed === null) throw corrupt('it is not base64')
  const start = latin1(inflate(packed, headBytes))
  if (!start.startsWith(magic)) throw corrupt('it does not hold a NumPy array')
  const [major, low, high] = [6, 8, 9].map((at) => start.charCodeAt(at))
  if (major !== 1) throw corrupt(`it is a NumPy array of version ${String(major)}`)
  const dataStart = headBytes + (low ?? 0) + 256 * (high ?? 0)
  const header = latin1(inflate(packed, dataStart)).slice(headBytes)
  const type = /'descr': *'([^']*)'/.exec(header)?.[1] ?? ''
  const shape = /'shape': *\((\d{1,9}), *(\d{1,9})\)/.exec(header)
  const bytes = elementBytes[type]
  const [height, width] = [Number(shape?.[1]), Number(shape?.[2])]
  if (bytes === undefined || !shape || /'fortran_order': *True/.test(header)) {
    throw wrongShape(header.trim())
  }
  if (height * width > maxPixels) throw wrongShape(header.trim())
  const data = inflate(packed, dataStart + height * width * bytes).subarray(dataStart)
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) bits[Math.floor(i / bytes)] = 1
  return { width, height, bits }
}

/** The mask as an array of booleans. Same mask, same text. */
export function encodePackedMask({ width, height, bits }: Mask): string {
  const dictionary = `{'descr': '|b1', 'fortran_order': False, 'shape': (${height}, ${width}), }`
  // The header ends with a line feed at a multiple of 64 bytes.
  const length = Math.ceil((headBytes + dictionary.length + 1) / 64) * 64 - headBytes
  const header = `${dictionary.padEnd(length - 1)}\n`
  const head = `${magic}\x01\x00${String.fromCharCode(length & 255, length >> 8)}${header}`
  const bytes = new Uint8Array(head.length + bits.length)
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i)
  bytes.set(bits, head.length)
  return bytesToBase64(deflateRuns(bytes))
}

function inflate(packed: Uint8Array, length: number): Uint8Array {
  try {
    return inflateZlib(packed, length)
  } catch (error) {
    if (error instanceof InflateFault) throw corrupt(error.message)
    throw error
  }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

const exportAgain = 'Export the data set from FiftyOne again.'

const corrupt = (reason: string) =>
  new AppError('E_IMAGE_CORRUPT', `A mask cannot be read: ${reason}`, exportAgain)

const wrongShape = (header: string) =>
  new AppError(
    'E_TENSOR_SHAPE',
    `A mask is no array of height x width numbers below ${maxPixels} pixels: ${header.slice(0, 200)}`,
    exportAgain,
  )
