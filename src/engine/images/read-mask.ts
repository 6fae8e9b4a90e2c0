import { maskSizeMismatch, showPath, type ImageWarning } from '../../shared/image-errors'
import { maskArea, type Mask } from '../../shared/vision/mask'
import { decodeImageBytes, faultError, requireSize, type DecodeOptions } from './decode-image'
import { decodePngRaw, type RawPng } from './decode-png-raw'
import { ImageFault } from './image-fault'
import { readImageHeader } from './image-header'
import { pathText, readRegularFile, type FilePath } from '../files/read-file'

export interface ReadMaskOptions extends DecodeOptions {
  /** Size of the picture that the mask belongs to; a mask of another size is refused. */
  readonly size?: { readonly width: number; readonly height: number }
}

export interface ReadMask {
  readonly mask: Mask
  /** The values other than 0 that occur, at most 256 of them, by falling number of pixels: several mean instances. */
  readonly levels: readonly { readonly value: number; readonly pixels: number }[]
  readonly warnings: readonly ImageWarning[]
}

/**
 * Reads a mask. PNG of 1 to 16 bits, grey, palette, RGB or RGBA (alpha is ignored): where full white occurs, values above
 * half of it count; otherwise the values are numbers of instances and all but 0 count. Palettes count by index, not colour;
 * colours are instances. Other formats lose exact values: there, grey of 128 and more counts.
 * @throws AppError E_MASK_SIZE_MISMATCH and the codes of `decodeImage`
 */
export async function readMask(path: FilePath, options: ReadMaskOptions = {}): Promise<ReadMask> {
  const name = options.name ?? pathText(path)
  const { bytes } = await readRegularFile(path, options)
  const read = await readValues(bytes, name, options)
  const { width, height } = read
  if (options.size && (options.size.width !== width || options.size.height !== height)) {
    throw maskSizeMismatch(name, { width, height }, options.size)
  }
  const levels = countLevels(read.values)
  const { threshold, warnings } = judge(read, levels, name)
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) bits[i] = read.values[i]! > threshold ? 1 : 0
  const mask: Mask = { width, height, bits }
  return { mask, levels: levels.slice(0, 256), warnings: [...warnings, ...coverage(mask, name)] }
}

interface MaskValues {
  readonly width: number
  readonly height: number
  /** One number a pixel. */
  readonly values: Uint8Array | Uint16Array | Uint32Array
  /** What full white is; 0 for colours and palette indices, which have no order. */
  readonly white: number
  readonly lossy: boolean
}

async function readValues(
  bytes: Uint8Array,
  name: string,
  options: DecodeOptions,
): Promise<MaskValues> {
  try {
    const header = readImageHeader(bytes)
    requireSize(header, name, options)
    if (header.format === 'png') {
      try {
        return pngValues(await decodePngRaw(bytes))
      } catch (error) {
        // Interlaced files are rare; the general decoder reads them, with colours for indices.
        if (!(error instanceof ImageFault) || error.kind !== 'unsupported') throw error
      }
    }
    const { image } = await decodeImageBytes(bytes, name, options)
    const values = new Uint8Array(image.width * image.height)
    for (let i = 0; i < values.length; i++) {
      const brightest = Math.max(image.data[3 * i]!, image.data[3 * i + 1]!, image.data[3 * i + 2]!)
      values[i] = brightest
    }
    return {
      width: image.width,
      height: image.height,
      values,
      white: 255,
      lossy: header.format === 'jpeg' || header.format === 'webp',
    }
  } catch (error) {
    throw error instanceof ImageFault ? faultError(error, name, options) : error
  }
}

function pngValues(png: RawPng): MaskValues {
  const { width, height, channels, values, depth, colourType } = png
  const white = colourType === 3 ? 0 : 2 ** depth - 1
  if (channels === 1) return { width, height, values, white, lossy: false }
  const single = new Uint32Array(width * height)
  if (channels === 2) {
    for (let i = 0; i < single.length; i++) single[i] = values[2 * i]!
    return { width, height, values: single, white, lossy: false }
  }
  let grey = true
  const shift = depth === 16 ? 8 : 0 // two colours that differ only in the low bytes are one instance
  for (let i = 0, at = 0; i < single.length; i++, at += channels) {
    const [red, green, blue] = [values[at]!, values[at + 1]!, values[at + 2]!]
    if (red !== green || red !== blue) grey = false
    single[i] = ((red >> shift) << 16) | ((green >> shift) << 8) | (blue >> shift)
  }
  if (grey) for (let i = 0; i < single.length; i++) single[i] = values[channels * i]!
  return { width, height, values: single, white: grey ? white : 0, lossy: false }
}

function countLevels(values: MaskValues['values']): { value: number; pixels: number }[] {
  const counts = new Map<number, number>()
  for (let from = 0; from < values.length;) {
    // Masks are made of long runs of one value: one look-up a run.
    const value = values[from]!
    let to = from + 1
    while (to < values.length && values[to] === value) to++
    if (value !== 0) counts.set(value, (counts.get(value) ?? 0) + to - from)
    from = to
  }
  return [...counts]
    .map(([value, pixels]) => ({ value, pixels }))
    .sort((a, b) => b.pixels - a.pixels || a.value - b.value)
}

function judge(
  { white, lossy }: MaskValues,
  levels: readonly { readonly value: number }[],
  name: string,
): { threshold: number; warnings: ImageWarning[] } {
  const shown = showPath(name)
  if (lossy) {
    const message = `The mask ${shown} was stored with loss; its edges may be off by a pixel.`
    return { threshold: 127, warnings: [{ code: 'W_MASK_LOSSY', message }] }
  }
  const onScale = white > 0 && levels.some(({ value }) => value === white)
  const clean = levels.every(({ value }) => value === (white > 0 ? white : 1))
  if (clean) return { threshold: 0, warnings: [] }
  if (white === 0) {
    const several = levels.length > 1
    const message = `The mask ${shown} holds ${levels.length} different values, taken for as many patches.`
    return { threshold: 0, warnings: several ? [{ code: 'W_MASK_MULTI_VALUE', message }] : [] }
  }
  const message = onScale
    ? `The mask ${shown} holds values between 0 and ${white}; those above half were taken as set.`
    : `The mask ${shown} holds values other than 0 and ${white}; all but 0 were taken as set.`
  return {
    threshold: onScale ? Math.floor(white / 2) : 0,
    warnings: [{ code: 'W_MASK_VALUES', message }],
  }
}

function coverage(mask: Mask, name: string): ImageWarning[] {
  const area = maskArea(mask)
  const shown = showPath(name)
  if (area === 0) {
    return [{ code: 'W_MASK_EMPTY', message: `The mask ${shown} is empty: no pixel is set.` }]
  }
  if (2 * area <= mask.bits.length) return []
  const percent = Math.round((100 * area) / mask.bits.length)
  const message = `The mask ${shown} covers ${percent} % of its picture; it may be inverted.`
  return [{ code: 'W_MASK_COVERS_MOST', message }]
}
