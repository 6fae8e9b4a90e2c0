import { AppError } from '../errors'
import { decodeRle, encodeMask, type Rle, RunList } from './rle'
import type { Mask } from './mask'

// The text form of COCO: each value in groups of five bits, lowest first, as a signed number in two's complement; a
// character is group + 32 (if more follow) + 48. From the fourth run on, the value is the difference to the run two before.

/** Rows and columns of the picture that a mask belongs to. */
export interface FrameSize {
  readonly width: number
  readonly height: number
}

const firstCharacter = 48
const more = 32
/** Seven groups hold 35 bits: enough for the difference of two runs of 32 bits. */
const maxGroups = 7
const maxRun = 2 ** 32

export function rleToText(rle: Rle): string {
  const { counts } = rle
  const codes: number[] = []
  let text = ''
  for (let i = 0; i < counts.length; i++) {
    let value = i > 2 ? counts[i]! - counts[i - 2]! : counts[i]!
    for (let follows = true; follows;) {
      const rest = Math.floor(value / 32)
      const group = value - rest * 32
      value = rest
      follows = (group & 16) === 0 ? rest !== 0 : rest !== -1
      codes.push(group + (follows ? more : 0) + firstCharacter)
    }
    // Function arguments are limited: long masks go out in pieces.
    if (codes.length > 4096) text += String.fromCharCode(...codes.splice(0))
  }
  return text + String.fromCharCode(...codes)
}

/**
 * Reads the text form strictly.
 * @throws AppError E_RLE_MALFORMED (characters outside `0`…`o`, unfinished last value, negative run, run above 2^32),
 * E_RLE_LENGTH (the runs do not add up to `height * width`), E_RLE_SIZE_MISMATCH (no such frame)
 */
export function rleFromText(text: string, frame: FrameSize): Rle {
  const pixels = framePixels(frame)
  const runs = new RunList()
  let sum = 0
  let [last, newest] = [0, 0] // the two runs before the one that is read
  for (let at = 0; at < text.length;) {
    const start = at
    let value = 0
    let scale = 1
    for (let groups = 1; ; groups++) {
      if (at >= text.length) throw malformed(`its text ends inside a value (at ${start})`)
      const code = text.charCodeAt(at++) - firstCharacter
      if (code < 0 || code > 63)
        throw malformed(`character ${showCode(text, at - 1)} is not allowed`)
      value += (code & 31) * scale
      scale *= 32
      if ((code & more) === 0) {
        if ((code & 16) !== 0) value -= scale
        break
      }
      if (groups === maxGroups) throw malformed(`the value at ${start} exceeds 2^32`)
    }
    const run = runs.length > 2 ? value + last : value
    last = newest
    newest = run
    checkRun(run, runs.length)
    sum += run
    if (sum > pixels) throw wrongLength(`at least ${sum}`, frame)
    runs.push(run)
  }
  if (sum !== pixels) throw wrongLength(String(sum), frame)
  return { height: frame.height, width: frame.width, counts: runs.toArray() }
}

/** Reads the uncompressed form, a list of runs, as strictly as `rleFromText`. */
export function rleFromCounts(counts: readonly number[], frame: FrameSize): Rle {
  const pixels = framePixels(frame)
  let sum = 0
  for (const [i, run] of counts.entries()) {
    checkRun(run, i)
    sum += run
  }
  if (sum !== pixels) throw wrongLength(String(sum), frame)
  return { height: frame.height, width: frame.width, counts: Uint32Array.from(counts) }
}

/** The text form of a byte mask, as masks are kept at rest. */
export function maskToText(mask: Mask): string {
  return rleToText(encodeMask(mask))
}

/** Inverse of `maskToText`. Throws as `rleFromText`. */
export function maskFromText(text: string, frame: FrameSize): Mask {
  return decodeRle(rleFromText(text, frame))
}

function checkRun(run: number, index: number): void {
  if (Number.isSafeInteger(run) && run >= 0 && run <= maxRun) return
  const fault = run < 0 ? 'is negative' : run > maxRun ? 'exceeds 2^32' : 'is not a whole number'
  throw malformed(`run ${index} ${fault} (${run})`)
}

function framePixels({ height, width }: FrameSize): number {
  const whole = Number.isSafeInteger(height) && Number.isSafeInteger(width)
  if (whole && height >= 0 && width >= 0 && height * width < maxRun) return height * width
  throw new AppError(
    'E_RLE_SIZE_MISMATCH',
    `A run-length mask claims ${height} rows and ${width} columns`,
    'The size is [height, width] in whole pixels, below 2^32 pixels in all.',
  )
}

function malformed(reason: string): AppError {
  return new AppError(
    'E_RLE_MALFORMED',
    `A run-length mask cannot be read: ${reason}`,
    'Write the mask again, for example with pycocotools.mask.encode.',
  )
}

function wrongLength(sum: string, { height, width }: FrameSize): AppError {
  return new AppError(
    'E_RLE_LENGTH',
    `The runs of a mask add up to ${sum}, but ${height}x${width} pixels are ${height * width}`,
    'Check that the size is [height, width] and belongs to this mask.',
  )
}

function showCode(text: string, at: number): string {
  return `${JSON.stringify(text[at])} (at ${at})`
}
