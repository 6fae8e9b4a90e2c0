// As numpy makes them in the reference: other roundings of the same figures change results.

/** IoU thresholds 0.50, 0.55, … 0.95. The ninth is 0.8999999999999999. */
export const iouThresholds = Float64Array.from({ length: 10 }, (_, i) =>
  i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9),
)

/** Recall points 0.00, 0.01, … 1.00: `j * 0.01`, not `j / 100`, which differs in the last bit of ten of them. */
export const recallPoints = Float64Array.from({ length: 101 }, (_, j) => (j === 100 ? 1 : j * 0.01))

/** Areas in square pixels, both ends inclusive, in this order everywhere. */
export const areaRanges = [
  { name: 'all', min: 0, max: 1e10 },
  { name: 'small', min: 0, max: 1024 },
  { name: 'medium', min: 1024, max: 9216 },
  { name: 'large', min: 9216, max: 1e10 },
] as const

/** Detections of one category that count in one image. */
export const maxDetections = 100

/** Positions of 0.50 and 0.75 in `iouThresholds`. */
export const at50 = 0
export const at75 = 5
