import type { ImportedImage } from '../shared/dataset'
import type { FoundContent } from './content-writer'
import type { Db } from './db'
import { type ShapeColumns, shapeValues } from './shapes'

const NUMBER = /^[1-9]\d{0,14}$/

/** What a data set had before an import into it began, to be looked up inside the transaction of that import. */
export class ExistingContent {
  readonly #db: Db
  readonly #datasetId: number
  /** The newest rows of before. */
  readonly #last: { readonly members: number; readonly objects: number; readonly patches: number }
  readonly #next = new Map<'members' | 'categories', number | null>()

  constructor(db: Db, datasetId: number) {
    this.#db = db
    this.#datasetId = datasetId
    const newest = (table: string): number => db.value<number>(`SELECT max(id) FROM ${table}`) ?? 0
    this.#last = {
      members: newest('members'),
      objects: newest('objects'),
      patches: newest('patches'),
    }
  }

  /** The category of a name; of several the one with this source id, else the first. */
  category(classId: number, sourceId: string): number | undefined {
    return this.#db.value<number>(
      `SELECT id FROM categories WHERE class_id = ? AND dataset_id = ? ORDER BY source_id = ? DESC, id LIMIT 1`,
      classId,
      this.#datasetId,
      sourceId,
    )
  }

  split(name: string): number | undefined {
    const sql = 'SELECT id FROM splits WHERE dataset_id = ? AND name = ?'
    return this.#db.value<number>(sql, this.#datasetId, name)
  }

  /**
   * The picture that is the same file, or a file of the same name and content in another folder; and the same tile or row
   * of it. Of several the one with this source id, else the first.
   */
  image(
    image: ImportedImage,
    fileId: number | undefined,
    content: FoundContent | null | undefined,
  ): number | undefined {
    const pixels = image.pixels ? JSON.stringify(image.pixels) : null
    const which =
      'dataset_id = ? AND pixels IS ? AND members.id <= ? ORDER BY source_id = ? DESC, members.id LIMIT 1'
    const rest = [this.#datasetId, pixels, this.#last.members, image.sourceId] as const
    const sameFile =
      fileId === undefined
        ? undefined
        : this.#db.value<number>(
            `SELECT id FROM members WHERE file_id = ? AND ${which}`,
            fileId,
            ...rest,
          )
    if (sameFile !== undefined || !content) return sameFile
    return this.#db.value<number>(
      `SELECT members.id FROM files CROSS JOIN members ON file_id = files.id
        WHERE image_id = (SELECT id FROM images WHERE sha256 = ?) AND path = ? AND ${which}`,
      content.sha256,
      image.file,
      ...rest,
    )
  }

  hasObject(memberId: number, categoryId: number, isCrowd: boolean, shape: ShapeColumns): boolean {
    return (
      this.#db.value<number>(
        `SELECT 1 FROM objects WHERE member_id = ? AND category_id = ? AND is_crowd = ? AND id <= ? AND ${SAME_SHAPE}`,
        memberId,
        categoryId,
        isCrowd ? 1 : 0,
        this.#last.objects,
        ...shapeValues(shape),
      ) !== undefined
    )
  }

  hasPatch(memberId: number, shape: ShapeColumns): boolean {
    return (
      this.#db.value<number>(
        `SELECT 1 FROM patches WHERE member_id = ? AND id <= ? AND ${SAME_SHAPE}`,
        memberId,
        this.#last.patches,
        ...shapeValues(shape),
      ) !== undefined
    )
  }

  /** What the source says of a picture that nobody has said yet. */
  complete(
    memberId: number,
    splitId: number | null,
    label: { id: number; index: number | null } | null,
  ): void {
    if (splitId !== null) {
      const sql = 'UPDATE members SET split_id = ? WHERE id = ? AND split_id IS NULL'
      this.#db.run(sql, splitId, memberId)
    }
    if (label !== null) {
      const sql =
        'UPDATE members SET label_id = ?, label_index = ? WHERE id = ? AND label_id IS NULL'
      this.#db.run(sql, label.id, label.index, memberId)
    }
  }

  /**
   * The source id of a new row: its own, unless that is taken or would be the only one here that is no number (exports keep
   * the numbers of a source); then the next number, or its own with a number behind it.
   */
  freeSourceId(table: 'members' | 'categories', sourceId: string): string {
    const isTaken = (id: string): boolean =>
      this.#db.value<number>(
        `SELECT 1 FROM ${table} WHERE dataset_id = ? AND source_id = ?`,
        this.#datasetId,
        id,
      ) !== undefined
    const next = this.#nextNumber(table)
    const fits = next === null || NUMBER.test(sourceId)
    if (fits && !isTaken(sourceId)) return sourceId
    if (next !== null) {
      for (let number = next; ; number++) {
        if (isTaken(String(number))) continue
        this.#next.set(table, number + 1)
        return String(number)
      }
    }
    for (let n = 2; ; n++) if (!isTaken(`${sourceId} (${n})`)) return `${sourceId} (${n})`
  }

  /** The number after the highest one; null where not all source ids are numbers. */
  #nextNumber(table: 'members' | 'categories'): number | null {
    const known = this.#next.get(table)
    if (known !== undefined) return known
    const ids = this.#db.column<string>(
      `SELECT source_id FROM ${table} WHERE dataset_id = ?`,
      this.#datasetId,
    )
    const areNumbers = ids.length > 0 && ids.every((id) => NUMBER.test(id))
    const next = areNumbers ? ids.reduce((most, id) => Math.max(most, Number(id)), 0) + 1 : null
    this.#next.set(table, next)
    return next
  }
}

const SAME_SHAPE = `x = ? AND y = ? AND width = ? AND height = ? AND polygons IS ? AND mask IS ? AND mask_width IS ?
  AND mask_height IS ?`
