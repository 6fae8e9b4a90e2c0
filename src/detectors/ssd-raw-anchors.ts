import { z } from 'zod'

const positive = z.number().positive()

/** Anchors of one feature map, cell after cell (row-major), the boxes of a cell in the order given. */
const mapSchema = z.strictObject({
  width: z.int().min(1).max(4096).describe('Cells across'),
  height: z.int().min(1).max(4096),
  boxes: z
    .array(z.tuple([positive, positive]))
    .min(1)
    .describe('Width and height of each anchor of a cell, relative to the picture'),
})

const gridsSchema = z.strictObject({
  maps: z.array(mapSchema).min(1),
})

/**
 * A compact form of the same: for each map n x n the anchors size[0] and size[1] at ratio 1, then size[0] at the other
 * ratios, w = size * sqrt(ratio), h = size / sqrt(ratio).
 */
const squareSchema = z.strictObject({
  cells: z.array(z.int().min(1).max(4096)).min(1).describe('Cells along each side, map by map'),
  sizes: z.array(z.array(positive).min(1)).min(1).describe('Anchor sizes, map by map'),
  ratios: z.array(positive).min(1).describe('Aspect ratios; the first goes with every size'),
})

export const anchorSchema = z
  .union([gridsSchema, squareSchema])
  .refine(
    (anchors) => 'maps' in anchors || anchors.cells.length === anchors.sizes.length,
    'sizes must have one entry for each entry of cells',
  )

/** cx, cy, w, h of each anchor, relative to the picture, in the order of the model's rows. */
export function generateAnchors(anchors: z.output<typeof anchorSchema>): Float64Array {
  const maps = 'maps' in anchors ? anchors.maps : squareMaps(anchors)
  const count = maps.reduce(
    (sum, { width, height, boxes }) => sum + width * height * boxes.length,
    0,
  )
  const all = new Float64Array(4 * count)
  let at = 0
  for (const { width, height, boxes } of maps) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (const [w, h] of boxes) {
          all[at++] = (column + 0.5) / width
          all[at++] = (row + 0.5) / height
          all[at++] = w
          all[at++] = h
        }
      }
    }
  }
  return all
}

function squareMaps({
  cells,
  sizes,
  ratios,
}: z.output<typeof squareSchema>): z.output<typeof gridsSchema>['maps'] {
  const box = (size: number, ratio: number): [number, number] => [
    size * Math.sqrt(ratio),
    size / Math.sqrt(ratio),
  ]
  const [firstRatio = 1, ...otherRatios] = ratios
  return cells.map((side, map) => {
    const mapSizes = sizes[map] ?? []
    return {
      width: side,
      height: side,
      boxes: [
        ...mapSizes.map((size) => box(size, firstRatio)),
        ...otherRatios.map((ratio) => box(mapSizes[0]!, ratio)),
      ],
    }
  })
}
