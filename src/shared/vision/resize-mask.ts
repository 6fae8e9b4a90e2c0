import type { Mask } from './mask'

/** The mask in another size, by nearest neighbour: each pixel takes the one that its centre falls into. */
export function resizeMask(mask: Mask, width: number, height: number): Mask {
  if (mask.width === width && mask.height === height) return mask
  const bits = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width
    for (let x = 0; x < width; x++) {
      bits[y * width + x] = mask.bits[row + Math.floor(((x + 0.5) * mask.width) / width)]!
    }
  }
  return { width, height, bits }
}
