import type {
  BoxXywh,
  ImportedCategory,
  ImportedImage,
  ImportedObject,
  ImportedPatch,
  ImportProblem,
  ImportRecord,
} from '../shared/dataset'
import { AppError } from '../shared/errors'
import { ContentWriter, type FoundContent } from './content-writer'
import type { Db } from './db'
import { NameTable } from './names'
import { attributesText } from './json'
import { SHAPE_COLUMNS, shapeColumns, shapeValues } from './shapes'
import { recordOutOfOrder } from './store-errors'

export interface ImportCounts {
  readonly images: number
  readonly objects: number
  readonly patches: number
  readonly problems: number
}

/** A record with what the file of an image was found to hold: null if it is missing, absent if nobody has looked. */
export type StoredRecord =
  | Exclude<ImportRecord, { kind: 'image' }>
  | {
      readonly kind: 'image'
      readonly image: ImportedImage
      readonly content?: FoundContent | null
    }

/** Stores the records of one import; to be used inside one transaction. Memory does not grow with the data set. */
export class ImportWriter {
  readonly #datasetId: number
  readonly #importId: number
  readonly #folderId: number
  readonly #db: Db
  readonly #classes: NameTable
  readonly #labels: NameTable
  readonly #categories = new Map<string, number>()
  readonly #splits = new Map<string, number>()
  readonly #contents: ContentWriter
  readonly #statements
  #lastImage = { sourceId: '', id: 0 }
  readonly counts = { images: 0, objects: 0, patches: 0, problems: 0 }

  constructor(db: Db, dataset: { id: number; importId: number; folderId: number }) {
    this.#db = db
    this.#datasetId = dataset.id
    this.#importId = dataset.importId
    this.#folderId = dataset.folderId
    this.#classes = new NameTable(db, 'classes')
    this.#labels = new NameTable(db, 'labels')
    this.#contents = new ContentWriter(db)
    const ten = '?, ?, ?, ?, ?, ?, ?, ?, ?, ?'
    this.#statements = {
      fileId: db.prepare('SELECT id FROM files WHERE folder_id = ? AND path = ?', true),
      addFile: db.prepare(
        'INSERT INTO files (folder_id, path, state, image_id, modified_ms) VALUES (?, ?, ?, ?, ?)',
      ),
      addMember: db.prepare(
        `INSERT INTO members (dataset_id, source_id, file_id, pixels, width, height, split_id, label_id, label_index,
          attributes) VALUES (${ten}) ON CONFLICT (dataset_id, source_id) DO NOTHING`,
      ),
      memberId: db.prepare('SELECT id FROM members WHERE dataset_id = ? AND source_id = ?', true),
      addObject: db.prepare(
        `INSERT INTO objects (member_id, category_id, source_id, area, is_crowd, score, attributes, ${SHAPE_COLUMNS})
          VALUES (${ten}, ?, ?, ?, ?, ?)`,
      ),
      addPatch: db.prepare(
        `INSERT INTO patches (member_id, source_id, name, target, author, status, attributes, ${SHAPE_COLUMNS})
          VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      addProblem: db.prepare('INSERT INTO import_problems (import_id, problem) VALUES (?, ?)'),
    }
  }

  /** @throws AppError where the record names what did not come before, or is there already */
  add(record: StoredRecord): void {
    switch (record.kind) {
      case 'category':
        this.#addCategory(record.category)
        break
      case 'image':
        this.#addImage(record.image, record.content)
        break
      case 'object':
        this.#addObject(record.imageId, record.object)
        break
      case 'patch':
        this.#addPatch(record.imageId, record.patch)
        break
      case 'problem':
        this.#addProblem(record.problem)
    }
  }

  #addCategory({ sourceId, name, supercategory }: ImportedCategory): void {
    if (this.#categories.has(sourceId)) {
      throw recordOutOfOrder('E_ANN_CATEGORY_TWICE', `The category "${sourceId}" is there twice.`)
    }
    const { id } = this.#db.run(
      'INSERT INTO categories (dataset_id, source_id, class_id, supercategory) VALUES (?, ?, ?, ?)',
      this.#datasetId,
      sourceId,
      this.#classes.idOf(name),
      supercategory ?? null,
    )
    this.#categories.set(sourceId, id)
  }

  #addImage(image: ImportedImage, content: FoundContent | null | undefined): void {
    const { sourceId, label } = image
    const fileId = this.#fileId(image.file, content)
    const done = this.#statements.addMember.run(
      this.#datasetId,
      sourceId,
      fileId,
      image.pixels ? JSON.stringify(image.pixels) : null,
      image.width,
      image.height,
      image.split === null ? null : this.#splitId(image.split),
      label ? this.#labels.idOf(label.name) : null,
      label?.index ?? null,
      attributesText(image.attributes),
    )
    if (done.changes === 0) {
      throw recordOutOfOrder('E_ANN_IMAGE_TWICE', `The image "${sourceId}" is there twice.`)
    }
    this.#lastImage = { sourceId, id: Number(done.lastInsertRowid) }
    this.counts.images++
  }

  #addObject(imageId: string, object: ImportedObject): void {
    const category = this.#categories.get(object.categoryId)
    if (category === undefined) {
      throw recordOutOfOrder(
        'E_ANN_CATEGORY_UNKNOWN',
        `An object of the image "${imageId}" has the category "${object.categoryId}", which there is not.`,
      )
    }
    requireFinite(imageId, object.box, object.area, object.score ?? 0)
    const shape = shapeColumns(object.box, object.shape)
    this.#statements.addObject.run(
      this.#memberId(imageId),
      category,
      object.sourceId,
      object.area,
      object.isCrowd ? 1 : 0,
      object.score ?? null,
      attributesText(object.attributes),
      ...shapeValues(shape),
    )
    this.counts.objects++
  }

  #addPatch(imageId: string, patch: ImportedPatch): void {
    requireFinite(imageId, patch.box)
    this.#statements.addPatch.run(
      this.#memberId(imageId),
      patch.sourceId,
      patch.name,
      patch.target,
      attributesText(patch.attributes),
      ...shapeValues(shapeColumns(patch.box, patch.shape)),
    )
    this.counts.patches++
  }

  #addProblem(problem: ImportProblem): void {
    this.#statements.addProblem.run(this.#importId, JSON.stringify(problem))
    this.counts.problems++
  }

  #fileId(path: string, content: FoundContent | null | undefined): number {
    const known = this.#statements.fileId.get(this.#folderId, path) as number | undefined // plucked id
    if (known === undefined) {
      const columns = this.#contents.columns(content)
      return Number(this.#statements.addFile.run(this.#folderId, path, ...columns).lastInsertRowid)
    }
    if (content !== undefined) this.#contents.see(known, content)
    return known
  }

  #splitId(name: string): number {
    let id = this.#splits.get(name)
    if (id === undefined) {
      const sql = 'INSERT INTO splits (dataset_id, name) VALUES (?, ?)'
      id = this.#db.run(sql, this.#datasetId, name).id
      this.#splits.set(name, id)
    }
    return id
  }

  /** Objects mostly follow one another in the same picture. */
  #memberId(sourceId: string): number {
    if (sourceId === this.#lastImage.sourceId && this.#lastImage.id > 0) return this.#lastImage.id
    const id = this.#statements.memberId.get(this.#datasetId, sourceId) as number | undefined // plucked id
    if (id === undefined) {
      throw recordOutOfOrder(
        'E_ANN_IMAGE_UNKNOWN',
        `An annotation names the image "${sourceId}", which there is not.`,
      )
    }
    this.#lastImage = { sourceId, id }
    return id
  }
}

function requireFinite(imageId: string, box: BoxXywh, ...others: number[]): void {
  if ([...box, ...others].every(Number.isFinite)) return
  throw new AppError(
    'E_BBOX_NOT_FINITE',
    `An annotation of the image "${imageId}" has the box ${box.join(', ')}.`,
    'Nothing was imported. Correct the annotation file.',
  )
}
