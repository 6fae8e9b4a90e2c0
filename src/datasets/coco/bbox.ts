import type { BoxXywh, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { shown } from './ids'

/**
 * `[x, y, width, height]` in pixels as given, possibly empty or outside the picture.
 * @throws AppError E_BBOX_MALFORMED, E_BBOX_NOT_FINITE, E_BBOX_NEGATIVE_SIZE
 */
export function readBbox(value: JsonValue | undefined): BoxXywh {
  const [x, y, width, height, more] = Array.isArray(value) ? (value as readonly JsonValue[]) : []
  const areNumbers =
    typeof x === 'number' &&
    typeof y === 'number' &&
    typeof width === 'number' &&
    typeof height === 'number'
  if (!areNumbers || more !== undefined) {
    throw fault('E_BBOX_MALFORMED', value, 'is not a list of four numbers')
  }
  // Their sums and product are needed too: all of these are finite or none is of use.
  if (!Number.isFinite(x + width) || !Number.isFinite(y + height)) {
    throw fault('E_BBOX_NOT_FINITE', [x, y, width, height].join(', '), 'is not finite')
  }
  if (width < 0 || height < 0) throw fault('E_BBOX_NEGATIVE_SIZE', value, 'has a negative size')
  if (!Number.isFinite(width * height)) throw fault('E_BBOX_NOT_FINITE', value, 'is too large')
  return [x, y, width, height]
}

function fault(code: string, value: JsonValue | undefined, what: string): AppError {
  return new AppError(
    code,
    `The box ${shown(value)} ${what}.`,
    'A box is [x, y, width, height] in pixels.',
  )
}
