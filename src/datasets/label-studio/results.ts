import type { BoxXywh, ImportedObject, ImportProblem, JsonValue, Shape } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { encodeMask, rleArea, rleBox } from '../../shared/vision'
import { boxWarnings } from '../reading/box-checks'
import { checkBox, checkRing, isNumbers } from '../reading/box-field'
import { finiteOf, idOf, isObject, type JsonObject, listOf, textOf } from '../reading/json-fields'
import { ellipseOutline, isUsableFrame, outlinedObject } from '../reading/outlines'
import { type Place, skipBecause, skipRecord, warning } from '../reading/problems'
import { decodeBrush } from './brush'
import { cornersOfTurnedBox } from './turned-box'

export interface Frame {
  readonly width: number
  readonly height: number
}

export type FoundObject = Omit<ImportedObject, 'score' | 'attributes'> & {
  readonly score?: number | undefined
}

interface Found {
  /** Null if it was left out, or is no object. */
  readonly object: FoundObject | null
  readonly problem: ImportProblem | null
}

type Geometry =
  { readonly box: BoxXywh; readonly shape?: Shape; readonly area: number } | ImportProblem

/** Percent with few decimals may carry a box this far over the edge, in pixels. */
const rounding = 0.01

/** The results of one annotation or prediction, one after the other. `categoryId` is the name of the class. */
export function* readResults(results: readonly JsonValue[], place: Place): Generator<Found> {
  const isLabelled = labelledIds(results)
  for (const result of results) {
    if (!isObject(result) || !isObject(result['value'])) {
      yield leftOut(skipRecord(place, 'W_FIELD_TYPE', 'A result has no object "value".'))
      continue
    }
    const value = result['value']
    const type = textOf(result['type']) ?? ''
    const labels = labelsOf(value, type)
    const [name] = labels
    // Choices speak of the whole picture, and some tools repeat a shape for each thing that they say of it.
    const isRepeated = name === undefined && isLabelled.has(idOf(result['id']) ?? '')
    if (type === 'choices' || type === 'relation' || isRepeated) continue
    if (name === undefined) {
      const message = `A result of the type ${JSON.stringify(type)} has no label.`
      yield leftOut(skipRecord(place, 'E_ANN_CATEGORY_UNKNOWN', message))
      continue
    }
    const geometry = geometryOf(value, type, frameOf(result), place)
    if ('decision' in geometry) {
      yield leftOut(geometry)
      continue
    }
    const score = finiteOf(result['score'])
    const head = { sourceId: idOf(result['id']) ?? null, categoryId: name, isCrowd: false }
    yield { object: { ...head, ...geometry, ...(score !== undefined && { score }) }, problem: null }
    if (labels.length > 1) {
      const message = `A result has the labels ${labels.join(', ')}; the first was taken.`
      yield { object: null, problem: warning(place, 'W_FIELD_TYPE', message) }
    }
    for (const problem of boxWarnings(geometry.box, frameOf(result), place, rounding)) {
      yield { object: null, problem }
    }
  }
}

/** The size of the picture that the first usable result states. */
export function sizeOf(results: readonly JsonValue[]): Frame | null {
  for (const result of results) {
    const frame = isObject(result) ? frameOf(result) : null
    if (frame) return frame
  }
  return null
}

function frameOf(result: JsonObject): Frame | null {
  const frame = {
    width: finiteOf(result['original_width']) ?? 0,
    height: finiteOf(result['original_height']) ?? 0,
  }
  return isUsableFrame(frame) ? frame : null
}

const leftOut = (problem: ImportProblem): Found => ({ object: null, problem })

function labelledIds(results: readonly JsonValue[]): ReadonlySet<string> {
  const ids = results.map((result) => {
    const value = isObject(result) ? result['value'] : undefined
    if (!isObject(result) || !isObject(value)) return undefined
    return labelsOf(value, textOf(result['type']) ?? '').length > 0 ? idOf(result['id']) : undefined
  })
  return new Set(ids.filter((id) => id !== undefined))
}

/** `rectanglelabels` and the like are named as the type; `labels` goes with every shape. */
function labelsOf(value: JsonObject, type: string): readonly string[] {
  const named = type.endsWith('labels') ? listOf(value[type]) : []
  const labels = named.length > 0 ? named : listOf(value['labels'])
  return labels.filter((label) => typeof label === 'string')
}

/** Percent of the picture as pixels. What is turned is kept as a polygon. */
function geometryOf(value: JsonObject, type: string, frame: Frame | null, place: Place): Geometry {
  if (frame === null) {
    const message = 'A result states no usable original_width and original_height.'
    return skipRecord(place, 'W_FIELD_TYPE', message)
  }
  const { width, height } = frame
  if (value['rle'] !== undefined) return brushOf(value['rle'], frame, place)
  if (value['points'] !== undefined) {
    const points = listOf(value['points']).map((point) => (isNumbers(point) ? point : []))
    const isPairs = points.every((point) => point.length === 2)
    const flat = points.flatMap(([x = 0, y = 0]) => [(x * width) / 100, (y * height) / 100])
    return outlineOf(isPairs ? flat : null, frame, place)
  }
  const turn = finiteOf(value['rotation']) ?? 0
  if (value['radiusX'] !== undefined) {
    const { x, y, radiusX, radiusY } = value
    const checked = checkBox([x, y, radiusX, radiusY], place)
    if (!checked.ok) return checked.problem
    const [cx, cy, rx, ry] = checked.box
    const [px, py] = [(cx * width) / 100, (cy * height) / 100]
    const outline = ellipseOutline(px, py, (rx * width) / 100, (ry * height) / 100, turn)
    return outlineOf(outline, frame, place)
  }
  if (value['width'] === undefined) {
    const message = `Results of the type ${JSON.stringify(type)} are no boxes, polygons or brushes.`
    return skipRecord(place, 'W_FIELD_TYPE', message)
  }
  const percent = checkBox([value['x'], value['y'], value['width'], value['height']], place)
  if (!percent.ok) return percent.problem
  const [x, y, w, h] = percent.box
  const box = [
    (x * width) / 100,
    (y * height) / 100,
    (w * width) / 100,
    (h * height) / 100,
  ] as const
  if (turn % 360 !== 0) return outlineOf(cornersOfTurnedBox(box, turn), frame, place)
  const checked = checkBox(box, place)
  return checked.ok ? { box: checked.box, area: box[2] * box[3] } : checked.problem
}

function outlineOf(points: readonly number[] | null, frame: Frame, place: Place): Geometry {
  const ring = checkRing(points)
  if (ring !== null) return outlinedObject([ring], frame)
  const message = 'A polygon must have three points or more, of two numbers each, near the picture.'
  return skipRecord(place, 'E_POLYGON_MALFORMED', message)
}

function brushOf(code: JsonValue, { width, height }: Frame, place: Place): Geometry {
  if (!isNumbers(code)) {
    return skipRecord(place, 'E_RLE_MALFORMED', 'A brush code is no list of numbers.')
  }
  try {
    const mask = encodeMask(decodeBrush(code, width, height))
    return { box: rleBox(mask), shape: { mask }, area: rleArea(mask) }
  } catch (error) {
    if (error instanceof AppError) return skipBecause('skip-record', place, error)
    throw error
  }
}
