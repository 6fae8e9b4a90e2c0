import type { Attributes, BoxXywh, FileSource, ImportRecord } from '../../shared/dataset'
import { rleArea } from '../../shared/vision'
import { boxWarnings } from '../reading/box-checks'
import { checkBox } from '../reading/box-field'
import { type CsvRow, formulaWarning, looksLikeFormula, readCsvTable } from '../reading/csv'
import { type Place, problemRecord, skipRecord } from '../reading/problems'
import { unguardCell } from '../writing/csv-cells'
import { cellOf, numberOf } from './cells'
import type { ClassNames } from './classes'
import type { Frame, ImageList } from './images'
import type { MaskList } from './masks'

/** Columns with 1 for yes, 0 for no and -1 for unknown. */
export const flagColumns = ['IsOccluded', 'IsTruncated', 'IsDepiction', 'IsInside'] as const

/** What `Source` says of boxes that a program found. */
export const machineSource = 'machine'

/** Six decimals of a fraction may carry a box this far over the edge, in pixels. */
const rounding = 0.01

/** One table of boxes, row by row. */
export async function* readBoxes(
  files: FileSource,
  table: string,
  classes: ClassNames,
  images: ImageList,
  masks: MaskList,
): AsyncGenerator<ImportRecord> {
  for await (const row of readCsvTable(files.stream(table), table)) {
    if (row.kind === 'problem') {
      yield row
      continue
    }
    const { line, record, offset } = row
    const place = { file: table, line, record, offset }
    for (const column of ['ImageID', 'LabelName']) {
      const cell = cellOf(row, column) ?? ''
      if (looksLikeFormula(cell)) yield problemRecord(formulaWarning(cell, table, row))
    }
    const id = unguardCell(cellOf(row, 'ImageID') ?? '')
    const code = unguardCell(cellOf(row, 'LabelName') ?? '')
    yield* images.image(id, place)
    yield* classes.category(code)
    const frame = images.frame(id)
    if (frame === null) yield problemRecord(noSize(id, place))
    else yield* readBox(row, place, id, code, frame, masks)
  }
}

async function* readBox(
  row: CsvRow,
  place: Place,
  imageId: string,
  code: string,
  frame: Frame,
  masks: MaskList,
): AsyncGenerator<ImportRecord> {
  const edges = ['XMin', 'XMax', 'YMin', 'YMax'].map((column) => numberOf(row, column))
  const checked = boxOfEdges(edges, frame, place)
  if (!checked.ok) {
    yield problemRecord(checked.problem)
    return
  }
  const { box } = checked
  yield* boxWarnings(box, frame, place, rounding).map(problemRecord)
  const boxId = cellOf(row, 'BoxID') ?? ''
  const found = masks.take(imageId, code, boxId, edges)
  const mask = found && (await masks.load(found, frame))
  if (mask?.problem) yield problemRecord(mask.problem)
  const score = scoreOf(row)
  yield {
    kind: 'object',
    imageId,
    object: {
      sourceId: boxId === '' ? null : boxId,
      categoryId: code,
      box,
      ...(mask?.rle && { shape: { mask: mask.rle } }),
      area: mask?.rle ? rleArea(mask.rle) : box[2] * box[3],
      isCrowd: cellOf(row, 'IsGroupOf') === '1',
      ...(score !== null && { score }),
      attributes: flagsOf(row),
    },
  }
}

/** Fractions XMin, XMax, YMin, YMax as a box in pixels. */
function boxOfEdges(edges: readonly (number | null)[], { width, height }: Frame, place: Place) {
  const [left, right, top, bottom] = edges
  if (left == null || right == null || top == null || bottom == null) {
    const message = 'XMin, XMax, YMin and YMax must be numbers.'
    return { ok: false, problem: skipRecord(place, 'E_LABEL_NUMBER', message) } as const
  }
  const box: BoxXywh = [left * width, top * height, (right - left) * width, (bottom - top) * height]
  return checkBox(box, place)
}

export function noSize(id: string, place: Place) {
  const message = `Boxes are fractions, and the size of the picture ${JSON.stringify(id)} is not known: there is no such picture here.`
  return skipRecord(place, 'W_IMAGE_FILE_MISSING', message)
}

/** People's boxes have the confidence 1 and are no detections. */
function scoreOf(row: CsvRow): number | null {
  const score = numberOf(row, 'Confidence')
  if (score === null || !Number.isFinite(score)) return null
  return score !== 1 || cellOf(row, 'Source') === machineSource ? score : null
}

function flagsOf(row: CsvRow): Attributes {
  const flags = flagColumns.map((column) => [column, numberOf(row, column)] as const)
  return Object.fromEntries(flags.filter(([, flag]) => flag === 1 || flag === -1))
}
