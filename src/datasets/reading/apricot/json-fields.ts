import type { BoxXywh, JsonValue } from '../../../shared/dataset'

/** A whole number that a double holds exactly, or null. */
export function wholeId(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

export interface BoxFault {
  readonly code: 'E_BBOX_MALFORMED' | 'E_BBOX_NOT_FINITE' | 'E_BBOX_NEGATIVE_SIZE'
  readonly what: string
}

/** `[x, y, width, height]` in pixels, as it stands in the file. */
export function readBox(value: JsonValue | undefined): BoxXywh | BoxFault {
  const shown = shortJson(value)
  if (!Array.isArray(value) || value.length !== 4) {
    return { code: 'E_BBOX_MALFORMED', what: `bbox is ${shown}, not four numbers` }
  }
  const sides: readonly JsonValue[] = value
  const [x, y, width, height] = sides
  if (!sides.every((side) => typeof side === 'number')) {
    return { code: 'E_BBOX_MALFORMED', what: `bbox is ${shown}, not four numbers` }
  }
  const box: BoxXywh = [Number(x), Number(y), Number(width), Number(height)]
  if (!box.every(Number.isFinite)) {
    return { code: 'E_BBOX_NOT_FINITE', what: 'bbox holds a number that is not finite' }
  }
  if (box[2] < 0 || box[3] < 0) {
    return { code: 'E_BBOX_NEGATIVE_SIZE', what: `bbox ${shown} has a negative side` }
  }
  return box
}

export function isFault(box: BoxXywh | BoxFault): box is BoxFault {
  return 'code' in box
}

/** A value for a message, at most 60 characters of it. */
export function shortJson(value: JsonValue | undefined): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
