import { maskArea, type Mask, type RgbImage } from '../../shared/vision'

/** What removed pixels become. `black` is the published choice; `mean` is the mean colour of what stays. */
export const fills = ['black', 'mean', 'inpaint'] as const
export type Fill = (typeof fills)[number]

/**
 * x' = x * (1 - m) + fill * m: every pixel outside the mask keeps its bytes. With an empty mask the very same image
 * object comes back, so that clean pictures give exactly what the bare detector gives.
 */
export async function removePatches(
  image: RgbImage,
  mask: Mask,
  fill: Fill,
  inpaint: (image: RgbImage, mask: Mask) => Promise<RgbImage>,
): Promise<RgbImage> {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new RangeError(
      `a mask of ${mask.width}x${mask.height} does not fit a picture of ${image.width}x${image.height}`,
    )
  }
  if (!mask.bits.includes(1)) return image
  if (fill === 'inpaint') return inpaint(image, mask)
  const colour = fill === 'mean' ? meanColour(image, mask) : [0, 0, 0]
  const data = image.data.slice()
  for (let pixel = 0; pixel < mask.bits.length; pixel++) {
    if (mask.bits[pixel] === 0) continue
    data[3 * pixel] = colour[0]!
    data[3 * pixel + 1] = colour[1]!
    data[3 * pixel + 2] = colour[2]!
  }
  return { data, width: image.width, height: image.height }
}

/** Mean colour of the pixels outside the mask, rounded to bytes; black when nothing is outside. */
function meanColour(image: RgbImage, mask: Mask): readonly number[] {
  const sums = [0, 0, 0]
  const kept = mask.bits.length - maskArea(mask)
  for (let pixel = 0; pixel < mask.bits.length; pixel++) {
    if (mask.bits[pixel] === 1) continue
    for (let channel = 0; channel < 3; channel++) sums[channel]! += image.data[3 * pixel + channel]!
  }
  return sums.map((sum) => (kept === 0 ? 0 : Math.round(sum / kept)))
}
