import { numberFromText } from '../reading/number-text'

/** A line of a label file, in fractions of the picture. */
export interface YoloLabel {
  readonly line: number
  readonly classIndex: number
  /** The class was written as `0.0`. */
  readonly hasFractionalClass: boolean
  readonly kind: 'box' | 'polygon'
  /** Centre x, centre y, width, height; or x, y, x, y …. Finite. */
  readonly values: readonly number[]
  readonly score?: number
}

export interface YoloFault {
  readonly line: number
  readonly code: string
  readonly message: string
}

/** Coordinates above this are pixels. */
const largestFraction = 2
/** Sizes and areas of what lies further away would not be finite. */
const largestDistance = 1e6

/** Labels and faults of a file, in the order of its lines. Null if it is written in pixels. */
export function parseLabels(
  text: string,
  predictions: boolean,
): readonly (YoloLabel | YoloFault)[] | null {
  const found: (YoloLabel | YoloFault)[] = []
  let line = 0
  for (const [row] of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    line++
    const columns = row.trim().split(/[ \t]+/)
    if (columns[0] === '') continue
    const label = parseLine(columns, line, predictions)
    const isInPixels = 'kind' in label && label.values.some((value) => value > largestFraction)
    if (isInPixels) return null
    found.push(label)
  }
  return found
}

function parseLine(
  columns: readonly string[],
  line: number,
  predictions: boolean,
): YoloLabel | YoloFault {
  const count = columns.length
  const isBox = count === 5 || count === 6
  const hasScore = count === 6 || (predictions && count >= 8 && count % 2 === 0)
  const isPolygon = count >= 7 && (count % 2 === 1 || hasScore)
  if (!isBox && !isPolygon) return columnFault(count, line, predictions)
  const numbers: number[] = []
  for (const column of columns) {
    const number = numberFromText(column)
    if (number === null) {
      return { line, code: 'E_LABEL_NUMBER', message: `${quoted(column)} is not a number.` }
    }
    if (!Number.isFinite(number)) {
      return { line, code: 'E_BBOX_NOT_FINITE', message: `${quoted(column)} is not finite.` }
    }
    numbers.push(number)
  }
  const [classIndex = -1, ...rest] = numbers
  const values = hasScore ? rest.slice(0, -1) : rest
  const fault = boxFault(isBox, values) ?? classFault(classIndex, columns[0]!)
  if (fault !== null) return { line, ...fault }
  const score = hasScore ? rest.at(-1) : undefined
  if (score !== undefined && (score < 0 || score > 1)) {
    return { line, code: 'E_LABEL_NUMBER', message: `The score ${score} is not in 0..1.` }
  }
  return {
    line,
    classIndex,
    hasFractionalClass: !/^\+?\d+$/.test(columns[0]!),
    kind: isBox ? 'box' : 'polygon',
    values,
    ...(score === undefined ? {} : { score }),
  }
}

function columnFault(count: number, line: number, predictions: boolean): YoloFault {
  const polygons = predictions
    ? 'a class and three points or more, with a score or without'
    : 'a class and three points or more'
  const hint =
    count >= 8 && !predictions ? ' Scores behind polygons are read with predictions=true.' : ''
  return {
    line,
    code: 'E_LABEL_COLUMNS',
    message: `The line has ${count} columns; a box has 5 (6 with a score), a polygon ${polygons}.${hint}`,
  }
}

function boxFault(isBox: boolean, values: readonly number[]) {
  const far = values.find((value) => value < -largestDistance)
  if (far !== undefined) {
    return { code: 'E_BBOX_MALFORMED', message: `${far} is a million pictures away.` }
  }
  const [, , width = 0, height = 0] = values
  if (!isBox || (width >= 0 && height >= 0)) return null
  return {
    code: 'E_BBOX_NEGATIVE_SIZE',
    message: `The box is ${width} wide and ${height} high; sizes cannot be negative.`,
  }
}

function classFault(classIndex: number, text: string) {
  if (Number.isSafeInteger(classIndex) && classIndex >= 0) return null
  return {
    code: 'E_ANN_CATEGORY_UNKNOWN',
    message: `${quoted(text)} is no class: classes are counted from 0.`,
  }
}

/** Texts of strangers are shown short and in one line. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}
