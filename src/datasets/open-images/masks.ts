import type { FileSource, ImportProblem, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { encodeMask, type Rle, rleArea, rleBox } from '../../shared/vision'
import { readCsvTable } from '../reading/csv'
import { decodeMaskPng, maskOf } from '../reading/mask-png'
import { type Place, problemRecord, skipBecause, skipFile, warning } from '../reading/problems'
import { lastPart, PictureIndex } from '../reading/pictures'
import { resizeMask } from '../../shared/vision/resize-mask'
import { unguardCell } from '../writing/csv-cells'
import { noSize } from './boxes'
import { cellOf, numberOf } from './cells'
import type { ClassNames } from './classes'
import type { Frame, ImageList } from './images'

interface MaskRow {
  readonly path: string
  readonly code: string
  readonly boxId: string
  /** BoxXMin, BoxXMax, BoxYMin, BoxYMax, as fractions. */
  readonly edges: readonly (number | null)[]
  readonly place: Place
}

/** The rows of the mask tables, until a box takes them. Only rows are kept, no pixels. */
export class MaskList {
  readonly #files: FileSource
  readonly #rows = new Map<string, MaskRow[]>()
  readonly #names = new Set<string>()
  #pictures: PictureIndex | null = null

  constructor(files: FileSource) {
    this.#files = files
  }

  async *read(table: string): AsyncGenerator<ImportRecord> {
    for await (const row of readCsvTable(this.#files.stream(table), table)) {
      if (row.kind === 'problem') {
        yield row
        continue
      }
      const { line, record, offset } = row
      const imageId = unguardCell(cellOf(row, 'ImageID') ?? '')
      const others = this.#rows.get(imageId) ?? []
      this.#rows.set(imageId, others)
      const path = unguardCell(cellOf(row, 'MaskPath') ?? '')
      this.#names.add(lastPart(path))
      others.push({
        path,
        code: unguardCell(cellOf(row, 'LabelName') ?? ''),
        boxId: cellOf(row, 'BoxID') ?? '',
        edges: ['BoxXMin', 'BoxXMax', 'BoxYMin', 'BoxYMax'].map((name) => numberOf(row, name)),
        place: { file: table, line, record, offset },
      })
    }
  }

  /** Whether a row names a mask file whose last part is this. */
  readonly isMask = (name: string): boolean => this.#names.has(name)

  /** The mask of a box: same id where both tables have one, else same class and edges. Each mask is given once. */
  take(
    imageId: string,
    code: string,
    boxId: string,
    edges: readonly (number | null)[],
  ): MaskRow | null {
    const rows = this.#rows.get(imageId)
    if (rows === undefined) return null
    // Both tables round to six decimals.
    const isSame = (row: MaskRow) =>
      row.code === code &&
      row.edges.every((edge, i) => Math.abs((edge ?? NaN) - (edges[i] ?? NaN)) < 2e-6)
    const at = rows.findIndex((row) => (boxId === '' ? isSame(row) : row.boxId === boxId))
    const row = rows[at]
    if (row === undefined) return null
    rows.splice(at, 1)
    return row
  }

  /** Masks that no box has taken become objects of their own. */
  async *withoutBox(classes: ClassNames, images: ImageList): AsyncGenerator<ImportRecord> {
    for (const [imageId, rows] of this.#rows) {
      for (const row of rows) {
        yield* images.image(imageId, row.place)
        yield* classes.category(row.code)
        const frame = images.frame(imageId)
        const mask = frame && (await this.load(row, frame))
        if (mask === null) yield problemRecord(noSize(imageId, row.place))
        if (mask?.problem) yield problemRecord(mask.problem)
        if (!mask?.rle) continue
        const object = {
          sourceId: row.boxId === '' ? null : row.boxId,
          categoryId: row.code,
          box: rleBox(mask.rle),
          shape: { mask: mask.rle },
          area: rleArea(mask.rle),
          isCrowd: false,
          attributes: {},
        }
        yield { kind: 'object', imageId, object }
      }
    }
  }

  /** The pixels, enlarged to the picture where the mask is smaller; a problem where they cannot be had. */
  async load(
    row: MaskRow,
    frame: Frame,
  ): Promise<{ readonly rle: Rle | null; readonly problem: ImportProblem | null }> {
    try {
      const file = await this.#find(row)
      if (file === null) {
        const message = `The mask ${JSON.stringify(row.path)} is not here.`
        return { rle: null, problem: skipFile(row.place, 'W_IMAGE_FILE_MISSING', message) }
      }
      const mask = maskOf(decodeMaskPng(await this.#files.read(file), file))
      const rle = encodeMask(resizeMask(mask, frame.width, frame.height))
      const isEmpty = rleArea(rle) === 0
      const message = `The mask ${file} has no pixel set.`
      return { rle, problem: isEmpty ? warning(row.place, 'W_MASK_EMPTY', message) : null }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { rle: null, problem: skipBecause('skip-file', row.place, error) }
    }
  }

  /** Beside the table, below it in `masks`, or anywhere below the root by its name. */
  async #find({ path, place }: MaskRow): Promise<string | null> {
    const folder = place.file.slice(0, Math.max(0, place.file.lastIndexOf('/')))
    const beside = this.#files.resolve(path, folder)
    if (await this.#files.has(beside)) return beside
    this.#pictures ??= await PictureIndex.of(this.#files)
    return this.#pictures.find(path)
  }
}
