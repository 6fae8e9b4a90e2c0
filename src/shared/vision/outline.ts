import { findComponents } from './components'
import { assertMask, type Mask } from './mask'

/** Corners x, y, x, y, … in pixel edges, clockwise on the screen, not repeated at the end. */
export type Polygon = readonly number[]

/**
 * Outer outlines of a mask along the pixel edges, one per 4-connected part, in the order of their top left pixels. Holes are not
 * kept: COCO polygons have none. Filling the outlines with `polygonsToRle` gives the mask back with its holes closed.
 */
export function maskToPolygons(mask: Mask): Polygon[] {
  assertMask(mask)
  const parts = findComponents(mask, 4)
  return Array.from({ length: parts.count }, (_, part) => {
    const firstRun = parts.firstRun[part]!
    return trace(mask, parts.runStarts[firstRun]!, parts.runRows[firstRun]!)
  })
}

const stepX = [1, 0, -1, 0] // right, down, left, up
const stepY = [0, 1, 0, -1]
/** Offset of the pixel ahead on the right of a corner, by direction; that on the left is the same one direction earlier. */
const rightAheadX = [0, -1, -1, 0]
const rightAheadY = [0, 0, -1, -1]

/** Walks around the part whose top left pixel is (startX, startY), the part on the right hand. */
function trace({ width, height, bits }: Mask, startX: number, startY: number): Polygon {
  const isSet = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && bits[y * width + x] === 1
  const corners: number[] = [startX, startY]
  let [x, y, direction] = [startX + 1, startY, 0]
  while (x !== startX || y !== startY) {
    const before = (direction + 3) % 4
    let turned = direction
    if (!isSet(x + rightAheadX[direction]!, y + rightAheadY[direction]!)) {
      // Right first, so that pixels which only share a corner are taken apart.
      turned = (direction + 1) % 4
    } else if (isSet(x + rightAheadX[before]!, y + rightAheadY[before]!)) turned = before
    if (turned !== direction) corners.push(x, y)
    direction = turned
    x += stepX[direction]!
    y += stepY[direction]!
  }
  return corners
}
