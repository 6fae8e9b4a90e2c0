import type { ContentObject, DatasetContent } from '../../shared/dataset'
import { rleToCrop } from '../reading/mask-crops'
import { encodePalettePng } from '../reading/mask-png'
import { maskOfObject } from '../writing/object-shapes'
import type { ExportedImage } from './exported-images'

/** The masks of one picture, painted over one another in the order of the objects. */
export interface PaintedMasks {
  /** Row-major; the one-based number of the object, 0 for none. */
  readonly numbers: Uint8Array
  /** Objects of which a later one covers pixels, and those that have no number left. */
  readonly damaged: ReadonlySet<ContentObject>
}

/** 255 marks borders that belong to no object. */
const largestNumber = 254

/** Null if no object has a shape. */
export function paintMasks({ image, objects }: ExportedImage): PaintedMasks | null {
  if (objects.every(({ object }) => object.shape === undefined)) return null
  const numbers = new Uint8Array(image.width * image.height)
  const damaged = new Set<ContentObject>()
  for (const [index, { object }] of objects.entries()) {
    const mask = maskOfObject(object, image)
    if (mask === null) continue
    if (index + 1 > largestNumber) {
      damaged.add(object)
      continue
    }
    const { left, top, width, height, bits } = rleToCrop(mask)
    for (let y = 0; y < height; y++) {
      const row = (top + y) * image.width + left
      for (let x = 0; x < width; x++) {
        if (bits[y * width + x] === 0) continue
        const covered = objects[numbers[row + x]! - 1]
        if (covered !== undefined) damaged.add(covered.object)
        numbers[row + x] = index + 1
      }
    }
  }
  return { numbers, damaged }
}

/** The pictures for `SegmentationObject` and `SegmentationClass`; null if no object has a shape. */
export function maskPictures(
  exported: ExportedImage,
  { categories }: DatasetContent,
): { readonly byObject: Uint8Array; readonly byClass: Uint8Array } | null {
  const { image, objects } = exported
  const painted = paintMasks(exported)
  if (painted === null) return null
  const ranks = new Map(categories.map(({ id }, rank) => [id, rank + 1]))
  const classOf = [
    0,
    // A class beyond the palette is marked as no class, which is what 255 means.
    ...objects.map(({ object }) => Math.min(255, ranks.get(object.categoryId) ?? 255)),
  ]
  const { numbers } = painted
  const classes = numbers.map((number) => classOf[number] ?? 255)
  const { width, height } = image
  return {
    byObject: encodePalettePng(width, height, numbers, palette),
    byClass: encodePalettePng(width, height, classes, palette),
  }
}

/** The colours of the format: the bits of an index are dealt out to red, green and blue, the highest bits first. */
const palette = Array.from({ length: 256 }, (_, index) => {
  const channel = (offset: number) => {
    let value = 0
    for (let bit = 0; bit < 3; bit++) value |= ((index >> (3 * bit + offset)) & 1) << (7 - bit)
    return value
  }
  return [channel(0), channel(1), channel(2)] as const
})
