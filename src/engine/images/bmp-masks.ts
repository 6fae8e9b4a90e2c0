import { ImageFault } from './image-fault'

/** Which bits of a pixel hold red, green, blue and alpha; 0 = the channel is absent. */
export interface BitMasks {
  readonly rgba: readonly [number, number, number, number]
  /** Bytes of masks that stand between the header and the palette. */
  readonly bytesAfterHeader: number
}

/** Masks of a bitmap of 16 or 32 bits a pixel: stated in or behind the header, or the usual ones. */
export function bitMasks(
  view: DataView,
  bitsPerPixel: number,
  stated: boolean,
  headerBytes: number,
): BitMasks {
  if (!stated) {
    // The fourth byte of a plain 32-bit bitmap is padding, not alpha.
    const usual = bitsPerPixel === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
    return { rgba: [usual[0]!, usual[1]!, usual[2]!, 0], bytesAfterHeader: 0 }
  }
  const inHeader = headerBytes >= 52
  const hasAlpha = headerBytes >= 56 || (!inHeader && view.getUint32(30, true) === 6)
  const bytesAfterHeader = inHeader ? 0 : hasAlpha ? 16 : 12
  if (view.byteLength < 54 + bytesAfterHeader) {
    throw new ImageFault('truncated', 'the bitmap header is cut off')
  }
  const at = (index: number) => view.getUint32(54 + 4 * index, true)
  return { rgba: [at(0), at(1), at(2), hasAlpha ? at(3) : 0], bytesAfterHeader }
}

/** A function that takes a pixel to the value of one channel, scaled to 0..255 with rounding. */
export function maskedReader(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 0
  const shift = 31 - Math.clz32(mask & -mask)
  const most = mask >>> shift
  if (most === 255) return (pixel) => (pixel >>> shift) & 255
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / most)
}
