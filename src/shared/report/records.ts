import { AppError } from '../errors'
import type { Report, ReportImage } from '../plugin/kinds'
import type { BoxXyxy, Detection } from '../vision/box'

// What all exporters agree on, so that the same run says the same in every format.

const boxDecimals = 2
const scoreDecimals = 5

/** Images by ascending id; equal ids stay in the order of the run. */
export function imagesById(report: Report): readonly ReportImage[] {
  return report.images.toSorted((a, b) => a.id - b.id)
}

/**
 * The category of a detection: `classId` counts in the detector's classes, and `report.categories` has one entry for each.
 * @throws AppError E_ANN_CATEGORY_UNKNOWN
 */
export function categoryOf(report: Report, image: ReportImage, detection: Detection) {
  const category = report.categories[detection.classId]
  if (category) return category
  throw new AppError(
    'E_ANN_CATEGORY_UNKNOWN',
    `${image.file}: a detection has class ${detection.classId}, but the detector has ${report.categories.length} classes`,
    "Check the list of classes in the model's card.",
  )
}

/** Corners in pixels, two decimals. @throws AppError E_BBOX_NOT_FINITE */
export function exportedBox(image: ReportImage, box: BoxXyxy): BoxXyxy {
  if (!box.every(Number.isFinite)) {
    throw new AppError(
      'E_BBOX_NOT_FINITE',
      `${image.file}: a detection has the box ${box.join(', ')}`,
      'The detector gives numbers that are not finite: check its model on this image.',
    )
  }
  const [x1, y1, x2, y2] = box
  return [round(x1), round(y1), round(x2), round(y2)]
}

/** `x, y, width, height` in pixels, two decimals. @throws AppError E_BBOX_NOT_FINITE */
export function exportedXywh(image: ReportImage, box: BoxXyxy) {
  const [x, y] = exportedBox(image, box)
  return [x, y, round(box[2] - box[0]), round(box[3] - box[1])] as const
}

/** Area of an exported box in square pixels, two decimals. */
export function exportedArea([, , width, height]: readonly [number, number, number, number]) {
  return round(width * height)
}

/** Five decimals. @throws AppError E_SCORE_NOT_FINITE */
export function exportedScore(image: ReportImage, score: number): number {
  if (Number.isFinite(score)) return round(score, scoreDecimals)
  throw new AppError(
    'E_SCORE_NOT_FINITE',
    `${image.file}: a detection has the score ${score}`,
    'The detector gives numbers that are not finite: check its model on this image.',
  )
}

/** To the nearest; the 0 at the end turns -0 into 0. */
function round(value: number, decimals = boxDecimals): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale + 0
}
