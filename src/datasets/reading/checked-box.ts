import type { BoxXywh, ImportProblem } from '../../shared/dataset'
import { type Place, skipRecord } from './problems'

export type CheckedBox =
  | { readonly ok: true; readonly box: BoxXywh }
  | { readonly ok: false; readonly problem: ImportProblem }

/** Beyond this, sums and areas of boxes would no longer be numbers. */
const largest = 1e15

/**
 * A box x, y, width, height from data: four finite numbers and no negative size, or the problem for which its record is
 * left out (E_BBOX_MALFORMED, E_BBOX_NOT_FINITE, E_BBOX_NEGATIVE_SIZE). Any unit.
 */
export function checkBox(value: unknown, place: Place): CheckedBox {
  const fault = (code: string, message: string): CheckedBox => ({
    ok: false,
    problem: skipRecord(place, code, message),
  })
  if (!isNumbers(value) || value.length !== 4) {
    return fault('E_BBOX_MALFORMED', `A box must be four numbers, not ${shown(value)}.`)
  }
  const [x = 0, y = 0, width = 0, height = 0] = value
  if (!value.every(Number.isFinite)) {
    return fault('E_BBOX_NOT_FINITE', `The box ${shown(value)} is not finite.`)
  }
  if (value.some((one) => Math.abs(one) > largest)) {
    return fault('E_BBOX_MALFORMED', `The box ${shown(value)} is larger than any picture.`)
  }
  if (width < 0 || height < 0) {
    return fault('E_BBOX_NEGATIVE_SIZE', `The box ${shown(value)} has a negative size.`)
  }
  return { ok: true, box: [x, y, width, height] }
}

/** A ring x, y, x, y, … of three points or more that can be drawn, or null. */
export function checkRing(value: unknown): readonly number[] | null {
  const isRing = isNumbers(value) && value.length >= 6 && value.length % 2 === 0
  return isRing && value.every((one) => Math.abs(one) <= largestPoint) ? value : null
}

/** Polygons are filled on a grid of 32-bit numbers. */
const largestPoint = 4e8

export function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number')
}

function shown(value: unknown): string {
  if (isNumbers(value)) return `[${value.slice(0, 8).join(', ')}]`
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list of other things' : typeof value
}
