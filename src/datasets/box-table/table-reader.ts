import type { FileSource, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { boxWarnings } from '../reading/box-checks'
import { checkBox } from '../reading/box-field'
import { type CsvRow, formulaWarning, looksLikeFormula, readCsvTable } from '../reading/csv'
import { numberFromText } from '../reading/number-text'
import { isUsableFrame } from '../reading/outlines'
import { PictureIndex } from '../reading/pictures'
import { type Place, problemRecord, skipBecause, skipRecord } from '../reading/problems'
import { unguardCell } from '../writing/csv-cells'
import { cellOf, type Column } from './columns'

interface Frame {
  readonly width: number
  readonly height: number
}

/** Reads tables of one import: images and classes are yielded once, when they are first named. */
export class TableReader {
  readonly #files: FileSource
  readonly #pictures: PictureIndex
  /** By the name in the table; undefined for one that cannot be a file. */
  readonly #images = new Map<
    string,
    { readonly file: string; readonly frame: Frame | null } | null
  >()
  readonly #yielded = new Set<string>()
  readonly #labels = new Set<string>()

  static async of(files: FileSource): Promise<TableReader> {
    return new TableReader(files, await PictureIndex.of(files))
  }

  private constructor(files: FileSource, pictures: PictureIndex) {
    this.#files = files
    this.#pictures = pictures
  }

  async *read(table: string): AsyncGenerator<ImportRecord> {
    for await (const row of readCsvTable(this.#files.stream(table), table)) {
      if (row.kind === 'problem') yield row
      else
        yield* this.#row(row, {
          file: table,
          line: row.line,
          record: row.record,
          offset: row.offset,
        })
    }
  }

  *#row(row: CsvRow, place: Place): Generator<ImportRecord> {
    for (const column of ['image', 'label'] as const) {
      const cell = cellOf(row, column) ?? ''
      if (looksLikeFormula(cell)) yield problemRecord(formulaWarning(cell, place.file, row))
    }
    const name = unguardCell(cellOf(row, 'image') ?? '')
    yield* this.#image(name, row, place)
    const image = this.#images.get(name)
    const corners = (['left', 'top', 'right', 'bottom'] as const).map((column) =>
      cellOf(row, column),
    )
    const label = unguardCell(cellOf(row, 'label') ?? '')
    // A row without label and corners says that the image has no objects.
    if (!image || (label === '' && corners.every((corner) => corner === ''))) return
    yield* this.#object(row, image, label, corners, place)
  }

  *#object(
    row: CsvRow,
    { file, frame }: { readonly file: string; readonly frame: Frame | null },
    label: string,
    corners: readonly (string | undefined)[],
    place: Place,
  ): Generator<ImportRecord> {
    const numbers = corners.map((cell) => numberFromText((cell ?? '').trim()))
    const [left, top, right, bottom] = numbers
    if (left == null || top == null || right == null || bottom == null) {
      const message = `The corners ${JSON.stringify(corners)} must be numbers.`
      yield problemRecord(skipRecord(place, 'E_LABEL_NUMBER', message))
      return
    }
    const checked = checkBox([left, top, right - left, bottom - top], place)
    if (!checked.ok) {
      yield problemRecord(checked.problem)
      return
    }
    if (!this.#labels.has(label)) {
      this.#labels.add(label)
      yield { kind: 'category', category: { sourceId: label, name: label } }
    }
    const { box } = checked
    if (frame) yield* boxWarnings(box, frame, place).map(problemRecord)
    const score = numberIn(row, 'score')
    yield {
      kind: 'object',
      imageId: file,
      object: {
        sourceId: null,
        categoryId: label,
        box,
        area: box[2] * box[3],
        isCrowd: false,
        ...(score !== null && { score }),
        attributes: {},
      },
    }
  }

  *#image(name: string, row: CsvRow, place: Place): Generator<ImportRecord> {
    const known = this.#images.get(name)
    if (known) return
    try {
      const file = this.#pictures.find(name) ?? this.#files.resolve(name)
      const size = { width: numberIn(row, 'width') ?? 0, height: numberIn(row, 'height') ?? 0 }
      const frame = isUsableFrame(size) ? size : null
      this.#images.set(name, { file, frame })
      if (this.#yielded.has(file)) return
      this.#yielded.add(file)
      const { width, height } = frame ?? { width: null, height: null }
      const image = { sourceId: file, file, width, height, split: null, attributes: {} }
      yield { kind: 'image', image }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      this.#images.set(name, null)
      yield problemRecord(skipBecause('skip-record', place, error))
    }
  }
}

function numberIn(row: CsvRow, column: Column): number | null {
  const number = numberFromText((cellOf(row, column) ?? '').trim())
  return number !== null && Number.isFinite(number) ? number : null
}
