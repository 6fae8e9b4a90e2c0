import { AppError } from '../../shared/errors'
import { assertMask, type Mask } from '../../shared/vision'
import { BitReader, BitWriter } from './bits'

// Label Studio's brush code: the bytes R, G, B, A of each pixel, row by row, run-length coded in a stream of bits. Head: 32
// bits number of values, 5 bits word size - 1, then four times 4 bits size - 1 of the lengths that a run may use. A run: one
// bit (1 = one value repeated, 0 = values one by one), two bits which of the four sizes, length - 1 in that size, value(s).

const channels = 4
const headSizes = [3, 4, 8, 16]
const wordBits = 8
const longestRun = 2 ** 16

/**
 * The pixels whose alpha is above 0.
 * @param code whole numbers 0…255
 * @throws AppError E_RLE_MALFORMED (no bytes, an unusable head, ends early), E_RLE_LENGTH (runs go past the end),
 * E_RLE_SIZE_MISMATCH (not `4 * width * height` values)
 */
export function decodeBrush(code: readonly number[], width: number, height: number): Mask {
  const bits = new BitReader(Uint8Array.from(code, checkByte))
  const count = read(bits, 32)
  const wordSize = read(bits, 5) + 1
  const sizes = Array.from({ length: 4 }, () => read(bits, 4) + 1)
  if (count !== channels * width * height) throw wrongSize(count, width, height)
  const mask = { width, height, bits: new Uint8Array(width * height) }
  for (let at = 0; at < count;) {
    const repeated = read(bits, 1) === 1
    const size = sizes[read(bits, 2)]!
    const end = at + read(bits, size) + 1
    if (end > count) throw tooLong(end, count)
    if (repeated) {
      if (read(bits, wordSize) > 0) setAlphas(mask.bits, at, end)
      at = end
    } else {
      for (; at < end; at++) {
        if (read(bits, wordSize) > 0) setAlphas(mask.bits, at, at + 1)
      }
    }
  }
  return mask
}

/** Sets the pixels whose alpha value lies in `from <= index < to`. */
function setAlphas(pixels: Uint8Array, from: number, to: number): void {
  const alpha = channels - 1
  pixels.fill(1, Math.ceil((from - alpha) / channels), Math.ceil((to - alpha) / channels))
}

/** The code of a mask: set pixels are 255, 255, 255, 255, others 0, 0, 0, 0. Same mask, same code. */
export function encodeBrush(mask: Mask): number[] {
  assertMask(mask)
  const { bits: pixels } = mask
  const bits = new BitWriter()
  bits.put(channels * pixels.length, 32)
  bits.put(wordBits - 1, 5)
  for (const size of headSizes) bits.put(size - 1, 4)
  for (let at = 0; at < pixels.length;) {
    const value = pixels[at]!
    const start = at
    while (at < pixels.length && pixels[at] === value) at++
    putRun(bits, channels * (at - start), value === 0 ? 0 : 255)
  }
  return bits.toList()
}

function putRun(bits: BitWriter, length: number, value: number): void {
  for (let left = length; left > 0; left -= longestRun) {
    const part = Math.min(left, longestRun)
    const which = headSizes.findIndex((size) => part <= 2 ** size)
    bits.put(1, 1)
    bits.put(which, 2)
    bits.put(part - 1, headSizes[which]!)
    bits.put(value, wordBits)
  }
}

function read(bits: BitReader, count: number): number {
  const value = bits.take(count)
  if (value === null) throw malformed('it ends inside a run')
  return value
}

function checkByte(value: number, index: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value
  throw malformed(`value ${index} is ${String(value)}, not a byte`)
}

function malformed(reason: string): AppError {
  return new AppError(
    'E_RLE_MALFORMED',
    `A brush code cannot be read: ${reason}`,
    'Export the tasks from Label Studio again, as JSON.',
  )
}

function tooLong(end: number, count: number): AppError {
  return new AppError(
    'E_RLE_LENGTH',
    `The runs of a brush code add up to ${end} or more, but its head says ${count}`,
    'Export the tasks from Label Studio again, as JSON.',
  )
}

function wrongSize(count: number, width: number, height: number): AppError {
  return new AppError(
    'E_RLE_SIZE_MISMATCH',
    `A brush code holds ${count} values, but ${width}x${height} pixels need ${channels * width * height}`,
    'Check that original_width and original_height are those of the picture.',
  )
}
