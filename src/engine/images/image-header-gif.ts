import type { ImageHeader } from './image-header'
import { ImageFault } from './image-fault'

/** Reads the blocks of a GIF (GIF89a specification) up to the trailer; counts frames to two. */
export function readGifHeader(bytes: Uint8Array): ImageHeader {
  if (bytes.length < 13) throw new ImageFault('truncated', 'the GIF header is cut off')
  let width = uint16(bytes, 6)
  let height = uint16(bytes, 8)
  let frames = 0
  let end: number | undefined
  let at = 13 + tableBytes(bytes[10]!)
  while (at < bytes.length) {
    const block = bytes[at]!
    if (block === 0x3b) {
      end = at + 1
      break
    }
    if (block === 0x21) at = skipSubBlocks(bytes, at + 2)
    else if (block === 0x2c && at + 10 <= bytes.length) {
      frames++
      if (frames === 1) {
        // A frame may reach over the screen that the file announces; decoders enlarge the screen.
        width = Math.max(width, uint16(bytes, at + 1) + uint16(bytes, at + 5))
        height = Math.max(height, uint16(bytes, at + 3) + uint16(bytes, at + 7))
      }
      at = skipSubBlocks(bytes, at + 11 + tableBytes(bytes[at + 9]!))
    } else break
  }
  if (frames === 0) throw new ImageFault('corrupt', 'the GIF data holds no picture')
  return {
    format: 'gif',
    width,
    height,
    colour: 'rgb',
    depth: 8,
    animated: frames > 1,
    ...(end === undefined ? {} : { end }),
  }
}

const uint16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8)

/** Size of the colour table that a flag byte announces. */
const tableBytes = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0)

function skipSubBlocks(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1
  return at + 1
}
