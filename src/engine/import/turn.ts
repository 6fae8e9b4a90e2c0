import type { BoxXywh, Shape } from '../../shared/dataset/records'
import { decodeRle, encodeMask, type Rle } from '../../shared/vision/rle'

/**
 * How coordinates of the source become pixels of the upright picture, which is the one frame that we keep: a point of the
 * stored raster of `width` x `height` pixels is turned as the EXIF orientation says (EXIF 2.32, 4.6.4 A). 1: they are upright.
 */
export interface Turn {
  readonly orientation: number
  readonly width: number
  readonly height: number
}

/** What turns upright coordinates back into the stored raster. */
export function turnBack({ orientation, width, height }: Turn): Turn {
  const upright = orientation >= 5 ? { width: height, height: width } : { width, height }
  return { orientation: inverseOrientation(orientation), ...upright }
}

/** The orientation that undoes another: quarter turns exchange their directions, all else is its own inverse. */
export function inverseOrientation(orientation: number): number {
  return orientation === 6 ? 8 : orientation === 8 ? 6 : orientation
}

export function turnBox(box: BoxXywh, { orientation, width, height }: Turn): BoxXywh {
  if (orientation === 1) return box
  const [x, y, w, h] = box
  const [left, top] = turnedCorner[orientation]?.(x, y, width - x - w, height - y - h) ?? [x, y]
  return orientation >= 5 ? [left, top, h, w] : [left, top, w, h]
}

/** Upper left corner of the turned box, from what is left of it, above it, right of it and below it in the stored raster. */
const turnedCorner: Readonly<
  Record<number, (left: number, top: number, right: number, below: number) => [number, number]>
> = {
  2: (_left, top, right) => [right, top],
  3: (_left, _top, right, below) => [right, below],
  4: (left, _top, _right, below) => [left, below],
  5: (left, top) => [top, left],
  6: (left, _top, _right, below) => [below, left],
  7: (_left, _top, right, below) => [below, right],
  8: (_left, top, right) => [top, right],
}

export function turnShape(shape: Shape, turn: Turn): Shape {
  if (turn.orientation === 1) return shape
  const { polygons, mask } = shape
  return {
    ...(polygons ? { polygons: polygons.map((points) => turnPolygon(points, turn)) } : {}),
    ...(mask ? { mask: turnMask(mask, turn) } : {}),
  }
}

function turnPolygon(points: readonly number[], turn: Turn): readonly number[] {
  const turned: number[] = []
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = turnBox([points[i]!, points[i + 1]!, 0, 0], turn)
    turned.push(x, y)
  }
  return turned
}

/** A mask of another size than the raster speaks of another picture, and is left as it is. */
function turnMask(rle: Rle, turn: Turn): Rle {
  if (rle.width !== turn.width || rle.height !== turn.height) return rle
  const { width, height, bits } = decodeRle(rle)
  const swapped = turn.orientation >= 5
  const out = new Uint8Array(bits.length)
  const outWidth = swapped ? height : width
  // A pixel is a box of side 1; turning is linear, so three pixels tell where all go.
  const at = (x: number, y: number) => {
    const [left, top] = turnBox([x, y, 1, 1], turn)
    return top * outWidth + left
  }
  const origin = at(0, 0)
  const [stepX, stepY] = [at(1, 0) - origin, at(0, 1) - origin]
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[origin + x * stepX + y * stepY] = bits[from++]!
  }
  return encodeMask({ width: outWidth, height: swapped ? width : height, bits: out })
}
