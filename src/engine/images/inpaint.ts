import { createRequire } from 'node:module'
import type { Mask, RgbImage } from '../../shared/vision'
import { dilateMask, maskBounds } from '../../shared/vision/morphology'

const RADIUS = 3
/** Larger surroundings are filled at a smaller size: the fill is smooth, and time grows with the hole. */
const LARGEST_SIDE = 640
/** Inpainting looks this far around what it fills; pixels farther away need not be copied into OpenCV. */
const MARGIN = 16

/** The part of OpenCV used here; the package's own types cover it only as `any`. */
interface OpenCv {
  readonly Mat: new (rows?: number, columns?: number, type?: number) => Mat
  readonly CV_8UC1: number
  readonly CV_8UC3: number
  readonly INPAINT_NS: number
  readonly INTER_AREA: number
  readonly INTER_LINEAR: number
  readonly Size: new (width: number, height: number) => object
  inpaint(source: Mat, hole: Mat, filled: Mat, radius: number, method: number): void
  resize(source: Mat, target: Mat, size: object, fx: number, fy: number, method: number): void
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
  const data = image.data.slice()
  if (!bounds) return { ...image, data }
  const cv = await (openCv ??= startOpenCv())
  const x1 = Math.max(0, bounds[0] - MARGIN)
  const y1 = Math.max(0, bounds[1] - MARGIN)
  const width = Math.min(image.width, bounds[2] + MARGIN) - x1
  const height = Math.min(image.height, bounds[3] + MARGIN) - y1
  const rim = dilateMask(cropMask(mask, x1, y1, width, height), 1)
  const mats: Mat[] = []
  const keep = (mat: Mat): Mat => {
    mats.push(mat)
    return mat
  }
  try {
    const source = keep(new cv.Mat(height, width, cv.CV_8UC3))
    const hole = keep(new cv.Mat(height, width, cv.CV_8UC1))
    // Each look at .data makes a new view of OpenCV's memory: once is enough.
    const [sourceBytes, holeBytes] = [source.data, hole.data]
    for (let y = 0; y < height; y++) {
      const from = (y1 + y) * image.width + x1
      sourceBytes.set(image.data.subarray(3 * from, 3 * (from + width)), 3 * y * width)
      // 255, so that averaging while shrinking leaves a trace of every pixel of the hole.
      for (let x = 0; x < width; x++) holeBytes[y * width + x] = 255 * rim.bits[y * width + x]!
    }
    const shrink = Math.max(1, Math.max(width, height) / LARGEST_SIDE)
    const filled = keep(new cv.Mat())
    if (shrink === 1) {
      cv.inpaint(source, hole, filled, RADIUS, cv.INPAINT_NS)
    } else {
      const small = new cv.Size(Math.ceil(width / shrink), Math.ceil(height / shrink))
      const [smallSource, smallHole, smallFilled] = [
        keep(new cv.Mat()),
        keep(new cv.Mat()),
        keep(new cv.Mat()),
      ]
      cv.resize(source, smallSource, small, 0, 0, cv.INTER_AREA)
      cv.resize(hole, smallHole, small, 0, 0, cv.INTER_AREA)
      cv.inpaint(smallSource, smallHole, smallFilled, RADIUS, cv.INPAINT_NS)
      cv.resize(smallFilled, filled, new cv.Size(width, height), 0, 0, cv.INTER_LINEAR)
    }
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

function cropMask(mask: Mask, left: number, top: number, width: number, height: number): Mask {
  const bits = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const from = (top + y) * mask.width + left
    bits.set(mask.bits.subarray(from, from + width), y * width)
  }
  return { width, height, bits }
}

function startOpenCv(): Promise<OpenCv> {
  // A CommonJS package whose exports are a promise: required, because module loaders that wrap exports break promises.
  return createRequire(import.meta.url)('@techstark/opencv-js') as Promise<OpenCv>
}
