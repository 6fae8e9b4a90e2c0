import type { FileSource, ImportedImage, ImportRecord } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { pictureSize } from '../../shared/vision/picture-size'
import { readCsvTable } from '../reading/csv'
import { isUsableFrame } from '../reading/outlines'
import { lastPart, type PictureIndex, withoutEnding } from '../reading/pictures'
import { type Place, problemRecord, skipBecause } from '../reading/problems'
import { unguardCell } from '../writing/csv-cells'
import { cellOf } from './cells'

/** An image with the size that its fractions are meant for. */
export interface Frame {
  readonly width: number
  readonly height: number
}

/** The images by their id. Each is yielded once, when it is first named. */
export class ImageList {
  readonly #files: FileSource
  readonly #pictures: PictureIndex
  /** Null: known, but its size is not. */
  readonly #frames = new Map<string, Frame | null>()
  readonly #taken = new Set<string>()

  constructor(files: FileSource, pictures: PictureIndex) {
    this.#files = files
    this.#pictures = pictures
  }

  /** One table of images. Those of the public tables have no file name: they count if their picture is there. */
  async *read(table: string): AsyncGenerator<ImportRecord> {
    for await (const row of readCsvTable(this.#files.stream(table), table)) {
      if (row.kind === 'problem') {
        yield row
        continue
      }
      const id = unguardCell(cellOf(row, 'ImageID') ?? '')
      const fileName = unguardCell(cellOf(row, 'FileName') ?? '')
      const split = unguardCell(cellOf(row, 'Subset') ?? '')
      const width = wholeNumber(cellOf(row, 'Width'))
      const height = wholeNumber(cellOf(row, 'Height'))
      const size = width !== null && height !== null ? { width, height } : null
      const stated = isUsableFrame(size) ? size : null
      const { line, record, offset } = row
      const isKnown = this.#frames.has(id)
      const picture = this.#pictures.find(fileName === '' ? id : fileName)
      if (isKnown || id === '' || (fileName === '' && picture === null)) continue
      const place = { file: table, line, record, offset }
      yield* this.#add(id, picture ?? fileName, split === '' ? null : split, stated, place)
    }
  }

  /** The image of a row, if it has not been yielded yet. */
  async *image(id: string, place: Place): AsyncGenerator<ImportRecord> {
    if (this.#frames.has(id)) return
    yield* this.#add(id, this.#pictures.find(id) ?? `${id}.jpg`, null, null, place)
  }

  /** Null if the picture is not there and no table states its size; its boxes cannot be placed then. */
  frame(id: string): Frame | null {
    return this.#frames.get(id) ?? null
  }

  /** The pictures that no table has named, without the masks: pictures whose last part `isMask` knows. */
  async *unlisted(isMask: (name: string) => boolean): AsyncGenerator<ImportRecord> {
    for (const file of this.#pictures.all()) {
      if (this.#taken.has(file) || isMask(lastPart(file))) continue
      const stem = withoutEnding(file)
      yield* this.#add(this.#frames.has(stem) ? file : stem, file, null, null, { file })
    }
  }

  async *#add(
    id: string,
    name: string,
    split: string | null,
    stated: Frame | null,
    place: Place,
  ): AsyncGenerator<ImportRecord> {
    this.#frames.set(id, null)
    try {
      const file = this.#files.resolve(name)
      const frame = stated ?? (await this.#measure(file))
      this.#frames.set(id, frame)
      this.#taken.add(file)
      const { width, height } = frame ?? { width: null, height: null }
      const image: ImportedImage = { sourceId: id, file, width, height, split, attributes: {} }
      yield { kind: 'image', image }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      yield problemRecord(skipBecause('skip-record', place, error))
    }
  }

  async #measure(file: string): Promise<Frame | null> {
    if (!(await this.#files.has(file))) return null
    const size = await pictureSize((offset, length) => this.#files.readAt(file, offset, length))
    // A picture too large to be opened has no boxes either.
    return isUsableFrame(size) ? { width: size.width, height: size.height } : null
  }
}

function wholeNumber(cell: string | undefined): number | null {
  return cell !== undefined && /^[1-9]\d{0,8}$/.test(cell) ? Number(cell) : null
}
