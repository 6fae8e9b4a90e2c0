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
import type { ExistingContent } from './existing-content'
import { attributesText } from './json'
import { NameTable } from './names'
import { SHAPE_COLUMNS, shapeColumns, shapeValues } from './shapes'
import { recordOutOfOrder } from './store-errors'

export interface ImportCounts {
  readonly images: number
  readonly objects: number
  readonly patches: number
  readonly problems: number
  /** What the data set had already and what was therefore not added; nothing for a new one. */
  readonly there: { readonly images: number; readonly objects: number; readonly patches: number }
}

/** A record with what the file of an image was found to hold: null if it is missing, absent if nobody has looked. */
export type StoredRecord =
  | Exclude<ImportRecord, { kind: 'image' }>
  | {
      readonly kind: 'image'
      readonly image: ImportedImage
      readonly content?: FoundContent | null
    }

interface Place {
  readonly sourceId: string
  readonly id: number
  /** Whether the picture was in the data set before. */
  readonly wasThere: boolean
}

/**
 * Stores the records of one import; to be used inside one transaction. Memory does not grow with the data set, but for an
 * import into one that is there: then by a number for each picture.
 */
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
  readonly #existing: ExistingContent | null
  readonly #incoming = new Map<string, Place>()
  readonly #statements
  #lastImage: Place = { sourceId: '', id: 0, wasThere: false }
  readonly counts = {
    ...{ images: 0, objects: 0, patches: 0, problems: 0 },
    there: { images: 0, objects: 0, patches: 0 },
  }

  constructor(
    db: Db,
    dataset: { id: number; importId: number; folderId: number },
    existing: ExistingContent | null = null,
  ) {
    this.#db = db
    this.#existing = existing
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
    const classId = this.#classes.idOf(name)
    const id =
      this.#existing?.category(classId, sourceId) ??
      this.#db.run(
        'INSERT INTO categories (dataset_id, source_id, class_id, supercategory) VALUES (?, ?, ?, ?)',
        this.#datasetId,
        this.#existing?.freeSourceId('categories', sourceId) ?? sourceId,
        classId,
        supercategory ?? null,
      ).id
    this.#categories.set(sourceId, id)
  }

  #addImage(image: ImportedImage, content: FoundContent | null | undefined): void {
    const { sourceId, label } = image
    if (this.#existing && this.#isThere(this.#existing, image, content)) return
    const fileId = this.#fileId(image.file, content)
    const done = this.#statements.addMember.run(
      this.#datasetId,
      this.#existing?.freeSourceId('members', sourceId) ?? sourceId,
      fileId,
      image.pixels ? JSON.stringify(image.pixels) : null,
      image.width,
      image.height,
      image.split === null ? null : this.#splitId(image.split),
      label ? this.#labels.idOf(label.name) : null,
      label?.index ?? null,
      attributesText(image.attributes),
    )
    if (done.changes === 0) throw imageTwice(sourceId)
    this.#comesTo({ sourceId, id: Number(done.lastInsertRowid), wasThere: false })
    this.counts.images++
  }

  /** Whether the data set has this picture; it then keeps what is said of it. */
  #isThere(
    existing: ExistingContent,
    image: ImportedImage,
    content: FoundContent | null | undefined,
  ): boolean {
    const { sourceId, file, split, label } = image
    if (this.#incoming.has(sourceId)) throw imageTwice(sourceId)
    const fileId = this.#statements.fileId.get(this.#folderId, file) as number | undefined // plucked id
    const id = existing.image(image, fileId, content)
    if (id === undefined) return false
    if (fileId !== undefined && content !== undefined) this.#contents.see(fileId, content)
    existing.complete(
      id,
      split === null ? null : this.#splitId(split),
      label ? { id: this.#labels.idOf(label.name), index: label.index } : null,
    )
    this.#comesTo({ sourceId, id, wasThere: true })
    this.counts.there.images++
    return true
  }

  #comesTo(place: Place): void {
    this.#lastImage = place
    if (this.#existing) this.#incoming.set(place.sourceId, place)
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
    const { id, wasThere } = this.#placeOf(imageId)
    if (wasThere && this.#existing?.hasObject(id, category, object.isCrowd, shape)) {
      this.counts.there.objects++
      return
    }
    this.#statements.addObject.run(
      id,
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
    const shape = shapeColumns(patch.box, patch.shape)
    const { id, wasThere } = this.#placeOf(imageId)
    if (wasThere && this.#existing?.hasPatch(id, shape)) {
      this.counts.there.patches++
      return
    }
    this.#statements.addPatch.run(
      id,
      patch.sourceId,
      patch.name,
      patch.target,
      attributesText(patch.attributes),
      ...shapeValues(shape),
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
      id = this.#existing?.split(name) ?? this.#db.run(sql, this.#datasetId, name).id
      this.#splits.set(name, id)
    }
    return id
  }

  /** Objects mostly follow one another in the same picture. */
  #placeOf(sourceId: string): Place {
    if (sourceId === this.#lastImage.sourceId && this.#lastImage.id > 0) return this.#lastImage
    const place = this.#existing ? this.#incoming.get(sourceId) : this.#stored(sourceId)
    if (place === undefined) {
      throw recordOutOfOrder(
        'E_ANN_IMAGE_UNKNOWN',
        `An annotation names the image "${sourceId}", which there is not.`,
      )
    }
    this.#lastImage = place
    return place
  }

  #stored(sourceId: string): Place | undefined {
    const id = this.#statements.memberId.get(this.#datasetId, sourceId) as number | undefined // plucked id
    return id === undefined ? undefined : { sourceId, id, wasThere: false }
  }
}

const imageTwice = (sourceId: string) =>
  recordOutOfOrder('E_ANN_IMAGE_TWICE', `The image "${sourceId}" is there twice.`)

function requireFinite(imageId: string, box: BoxXywh, ...others: number[]): void {
  if ([...box, ...others].every(Number.isFinite)) return
  throw new AppError(
    'E_BBOX_NOT_FINITE',
    `An annotation of the image "${imageId}" has the box ${box.join(', ')}.`,
    'Nothing was imported. Correct the annotation file.',
  )
}
