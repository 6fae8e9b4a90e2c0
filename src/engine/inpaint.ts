import { createRequire } from 'node:module'
import type { Mask, RgbImage } from '../shared/vision'
import { dilateMask, maskBounds } from '../shared/vision/morphology'

const RADIUS = 3
/** Inpainting looks this far around what it fills; pixels farther away need not be copied into OpenCV. */
const MARGIN = 16

/** The part of OpenCV used here; the package's own types cover it only as `any`. */
interface OpenCv {
  readonly Mat: new (rows?: number, columns?: number, type?: number) => Mat
  readonly CV_8UC1: number
  readonly CV_8UC3: number
  readonly INPAINT_NS: number
  inpaint(source: Mat, hole: Mat, filled: Mat, radius: number, method: number): void
}
interface Mat {
  readonly data: Uint8Array
  delete(): void
}

let openCv: Promise<OpenCv> | undefined

/**
 * Fills the mask's pixels from their surroundings (Navier-Stokes inpainting, Bertalmio, Bertozzi and Sapiro, CVPR 2001;
 * OpenCV's implementation). Every pixel outside the mask keeps its bytes. Returns a copy. OpenCV starts with the first call.
 */
export async function inpaint(image: RgbImage, mask: Mask): Promise<RgbImage> {
  // One pixel more than the mask: the rim of a patch is blurred into its surroundings by cameras and compression.
  const bounds = maskBounds(mask)
  const data = Uint8Array.from(image.data)
  if (!bounds) return { ...image, data }
  const cv = await (openCv ??= startOpenCv())
  const rim = dilateMask(mask, 1)
  const x1 = Math.max(0, bounds[0] - MARGIN)
  const y1 = Math.max(0, bounds[1] - MARGIN)
  const width = Math.min(image.width, bounds[2] + MARGIN) - x1
  const height = Math.min(image.height, bounds[3] + MARGIN) - y1
  const mats: Mat[] = []
  const keep = (mat: Mat): Mat => {
    mats.push(mat)
    return mat
  }
  try {
    const source = keep(new cv.Mat(height, width, cv.CV_8UC3))
    const hole = keep(new cv.Mat(height, width, cv.CV_8UC1))
    const filled = keep(new cv.Mat())
    for (let y = 0; y < height; y++) {
      const from = (y1 + y) * image.width + x1
      source.data.set(image.data.subarray(3 * from, 3 * (from + width)), 3 * y * width)
      hole.data.set(rim.bits.subarray(from, from + width), y * width)
    }
    cv.inpaint(source, hole, filled, RADIUS, cv.INPAINT_NS)
    const filledBytes = filled.data
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = (y1 + y) * image.width + x1 + x
        if (mask.bits[pixel] === 0) continue
        const at = 3 * (y * width + x)
        data[3 * pixel] = filledBytes[at]!
        data[3 * pixel + 1] = filledBytes[at + 1]!
        data[3 * pixel + 2] = filledBytes[at + 2]!
      }
    }
  } finally {
    for (const mat of mats) mat.delete()
  }
  return { ...image, data }
}

function startOpenCv(): Promise<OpenCv> {
  // A CommonJS package whose exports are a promise: required, because module loaders that wrap exports break promises.
  return createRequire(import.meta.url)('@techstark/opencv-js') as Promise<OpenCv>
}
