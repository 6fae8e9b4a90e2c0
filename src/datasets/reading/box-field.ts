import type { BoxXywh, ImportProblem } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { type Place, skipBecause } from './problems'
import { shown } from './show-value'

/** Beyond this, sums and areas of boxes would no longer be exact enough to be numbers of pixels. */
const largest = 1e15

/**
 * A box `[x, y, width, height]` as data give it, in any unit: possibly empty, or outside the picture.
 * @throws AppError E_BBOX_MALFORMED, E_BBOX_NOT_FINITE, E_BBOX_NEGATIVE_SIZE
 */
export function readBox(value: unknown): BoxXywh {
  if (!isNumbers(value) || value.length !== 4) {
    throw fault('E_BBOX_MALFORMED', value, 'is not a list of four numbers')
  }
  const [x, y, width, height] = [value[0]!, value[1]!, value[2]!, value[3]!]
  // Their sums and product are needed too: all of these are finite or none is of use.
  if (!Number.isFinite(x + width) || !Number.isFinite(y + height)) {
    throw fault('E_BBOX_NOT_FINITE', value.join(', '), 'is not finite')
  }
  if (width < 0 || height < 0) throw fault('E_BBOX_NEGATIVE_SIZE', value, 'has a negative size')
  if (!Number.isFinite(width * height)) throw fault('E_BBOX_NOT_FINITE', value, 'is too large')
  if (Math.max(Math.abs(x), Math.abs(y), width, height) > largest) {
    throw fault('E_BBOX_MALFORMED', value, 'is larger than any picture')
  }
  return [x, y, width, height]
}

export type CheckedBox =
  | { readonly ok: true; readonly box: BoxXywh }
  | { readonly ok: false; readonly problem: ImportProblem }

/** As `readBox`, or the problem for which its record is left out. */
export function checkBox(value: unknown, place: Place): CheckedBox {
  try {
    return { ok: true, box: readBox(value) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ok: false, problem: skipBecause('skip-record', place, error) }
  }
}

/** Polygons are filled on a grid of 32-bit numbers. */
const largestPoint = 4e8

/** A ring x, y, x, y, … of three points or more that can be drawn, or null. */
export function checkRing(value: unknown): readonly number[] | null {
  const isRing = isNumbers(value) && value.length >= 6 && value.length % 2 === 0
  return isRing && value.every((one) => Math.abs(one) <= largestPoint) ? value : null
}

export function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number')
}

function fault(code: string, value: unknown, what: string): AppError {
  return new AppError(
    code,
    `The box ${shown(value)} ${what}.`,
    'A box is [x, y, width, height] in pixels.',
  )
}
