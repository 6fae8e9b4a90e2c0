import type { Attributes, PixelReference } from '../shared/dataset'
import type { Db } from './db'
import { FACET, fileStates, imageStatuses, type FileState, type ImageStatus } from './facet-codes'
import type { ImageFilter } from './image-filter'
import { memberIdsQuery } from './image-query'
import { attributesFrom, tagsFrom } from './json'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { pixelsFrom } from './shapes'
import { rowUnknown } from './store-errors'

/** A picture of a data set. `id` is the id of the member; pictures of the same content share `imageId`. */
export interface ProjectImage {
  readonly id: number
  readonly datasetId: number
  readonly sourceId: string
  /** Absolute folder that `file` is relative to. */
  readonly folder: string
  readonly file: string
  readonly fileId: number
  readonly fileState: FileState
  readonly pixels?: PixelReference
  /** Upright pixels, from the content if it was looked at, else as the annotations state it. */
  readonly width: number | null
  readonly height: number | null
  /** EXIF orientation 1..8 of the file; null if it was not looked at. */
  readonly orientation: number | null
  readonly split: string | null
  readonly label?: { readonly index: number | null; readonly name: string }
  readonly status: ImageStatus
  readonly tags: readonly string[]
  readonly attributes: Attributes
  readonly imageId: number | null
  readonly sha256: string | null
}

/** A count that stops at a limit: the number is exact, or "at least". */
export interface BoundedCount {
  readonly count: number
  readonly isExact: boolean
}

export interface FacetValue {
  readonly value: string
  readonly images: number
}

/** For each facet its values with the number of pictures. */
export interface Facets {
  readonly images: number
  readonly split: readonly FacetValue[]
  readonly class: readonly (FacetValue & { readonly objects: number })[]
  readonly label: readonly FacetValue[]
  readonly tag: readonly FacetValue[]
  readonly file: readonly FacetValue[]
  readonly status: readonly FacetValue[]
  readonly patch: { readonly with: number; readonly without: number }
  readonly patchStatus: readonly FacetValue[]
  readonly certified: { readonly yes: number; readonly no: number }
}

interface ImageRow extends Omit<
  ProjectImage,
  'fileState' | 'pixels' | 'label' | 'status' | 'tags' | 'attributes'
> {
  readonly fileState: number
  readonly pixels: string | null
  readonly labelIndex: number | null
  readonly labelName: string | null
  readonly status: number
  readonly tags: string
  readonly attributes: string
}

interface CountRow {
  readonly value: number
  readonly images: number
  readonly entries: number
}

const IMAGES = `SELECT members.id, members.dataset_id AS datasetId, members.source_id AS sourceId, folders.path AS folder,
    files.path AS file, file_id AS fileId, files.state AS fileState, pixels,
    coalesce(CASE WHEN pixels IS NULL THEN images.width END, members.width) AS width,
    coalesce(CASE WHEN pixels IS NULL THEN images.height END, members.height) AS height,
    CASE WHEN pixels IS NULL THEN images.orientation END AS orientation,
    splits.name AS split, labels.name AS labelName, label_index AS labelIndex, status, tags, attributes,
    files.image_id AS imageId, images.sha256
  FROM members JOIN files ON files.id = file_id JOIN folders ON folders.id = folder_id
  LEFT JOIN images ON images.id = files.image_id LEFT JOIN splits ON splits.id = split_id
  LEFT JOIN labels ON labels.id = label_id`
const IMAGE = `${IMAGES} WHERE members.id = ?`
/** A statement takes far longer to begin than to give one more row. */
const MANY_IMAGES = `${IMAGES} WHERE members.id IN (SELECT value FROM json_each(?))`

/** Counted up to here unless asked otherwise. */
const COUNTED = 10_000

/** The pictures of all data sets, in the order in which they were imported. */
export class Images {
  readonly #db: Db

  constructor(db: Db) {
    this.#db = db
  }

  /** @throws AppError E_FILTER_INVALID, E_CURSOR_INVALID */
  list(filter: ImageFilter = {}, page: PageRequest = {}): Page<ProjectImage> {
    return pageOfIds(page, (bound, _order, after, limit) => {
      const { sql, values } = memberIdsQuery(this.#db, filter, bound, after, limit)
      return this.many(this.#db.column<number>(sql, ...values))
    })
  }

  /** Ids only, for whole selections. At most 1,000 a page. */
  ids(filter: ImageFilter = {}, page: PageRequest = {}): Page<{ readonly id: number }> {
    return pageOfIds(page, (bound, _order, after, limit) => {
      const { sql, values } = memberIdsQuery(this.#db, filter, bound, after, limit)
      return this.#db.column<number>(sql, ...values).map((id) => ({ id }))
    })
  }

  /** Ids of all pictures that satisfy the filter, in one go: some milliseconds for each 10,000. */
  allIds(filter: ImageFilter = {}): number[] {
    const { sql, values } = memberIdsQuery(this.#db, filter, '>', 0, Number.MAX_SAFE_INTEGER)
    return this.#db.column<number>(sql, ...values)
  }

  /** Names of the files of all pictures, in the order of ids. */
  files(): { readonly id: number; readonly file: string }[] {
    return this.#db.all(
      'SELECT m.id, path AS file FROM members AS m NOT INDEXED CROSS JOIN files ON files.id = file_id ORDER BY m.id',
    )
  }

  /** The pictures that are whole files with this content, of any data set. */
  withContent(sha256: string): number[] {
    return this.#db.column<number>(
      `SELECT members.id FROM images CROSS JOIN files ON files.image_id = images.id
        CROSS JOIN members ON members.file_id = files.id
        WHERE images.sha256 = ? AND members.pixels IS NULL ORDER BY members.id`,
      sha256,
    )
  }

  /** Ids that the source had given to the pictures of a data set, in no particular order. */
  sourceIds(dataset: number): { readonly id: number; readonly sourceId: string }[] {
    return this.#db.all(
      'SELECT id, source_id AS sourceId FROM members WHERE dataset_id = ?',
      dataset,
    )
  }

  /** How many pictures satisfy the filter. @throws AppError E_FILTER_INVALID */
  count(filter: ImageFilter = {}, upTo = COUNTED): BoundedCount {
    const { sql, values } = memberIdsQuery(this.#db, filter, '>', 0, upTo + 1)
    const count = this.#db.value<number>(`SELECT count(*) FROM (${sql})`, ...values) ?? 0
    return count > upTo ? { count: upTo, isExact: false } : { count, isExact: true }
  }

  /** @throws AppError E_ROW_UNKNOWN */
  get(id: number): ProjectImage {
    const row = this.#db.get<ImageRow>(IMAGE, id)
    if (!row) throw rowUnknown('image', id)
    return imageOf(row)
  }

  /** Several at once, which is far quicker than one by one; in the order of `ids`. @throws AppError E_ROW_UNKNOWN */
  many(ids: readonly number[]): ProjectImage[] {
    const rows = this.#db.all<ImageRow>(MANY_IMAGES, JSON.stringify(ids))
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => {
      const row = byId.get(id)
      if (!row) throw rowUnknown('image', id)
      return imageOf(row)
    })
  }

  /** From counters, without looking at pictures; of one data set or all. */
  facets(dataset?: number): Facets {
    const patch = this.#counts(FACET.patch, dataset)
    const certified = this.#counts(FACET.certified, dataset)
    const of = (counts: readonly CountRow[], value: number): number =>
      counts.find((count) => count.value === value)?.images ?? 0
    const coded = (facet: number, names: readonly string[]): FacetValue[] => {
      const counts = this.#counts(facet, dataset)
      return names.map((value, code) => ({ value, images: of(counts, code) }))
    }
    const named = (facet: number, table: 'splits' | 'labels' | 'classes' | 'tags') =>
      this.#counts(facet, dataset).map(({ value, images, entries }) => ({
        value: this.#db.value<string>(`SELECT name FROM ${table} WHERE id = ?`, value) ?? '',
        images,
        entries,
      }))
    return {
      images: this.#counts(FACET.dataset, dataset).reduce((sum, { images }) => sum + images, 0),
      split: byName(named(FACET.split, 'splits')),
      class: named(FACET.class, 'classes')
        .map(({ value, images, entries }) => ({ value, images, objects: entries }))
        .sort(alphabetically),
      label: byName(named(FACET.label, 'labels')),
      tag: byName(named(FACET.tag, 'tags')),
      file: coded(FACET.file, fileStates),
      status: coded(FACET.status, imageStatuses),
      patch: { with: of(patch, 1), without: of(patch, 0) },
      patchStatus: coded(FACET.patchStatus, ['imported', 'proposed', 'accepted', 'rejected']),
      certified: { yes: of(certified, 1), no: of(certified, 0) },
    }
  }

  #counts(facet: number, dataset: number | undefined): CountRow[] {
    const sums = 'SELECT value, sum(images) AS images, sum(entries) AS entries FROM facet_counts'
    return dataset === undefined
      ? this.#db.all(`${sums} WHERE facet = ? GROUP BY value`, facet)
      : this.#db.all(`${sums} WHERE facet = ? AND dataset_id = ? GROUP BY value`, facet, dataset)
  }
}

function imageOf(row: ImageRow): ProjectImage {
  const { labelIndex, labelName, pixels, ...rest } = row
  const reference = pixelsFrom(pixels)
  return {
    ...rest,
    fileState: fileStates[row.fileState] ?? 'unknown',
    status: imageStatuses[row.status] ?? 'open',
    tags: tagsFrom(row.tags),
    attributes: attributesFrom(row.attributes),
    ...(reference ? { pixels: reference } : {}),
    ...(labelName === null ? {} : { label: { index: labelIndex, name: labelName } }),
  }
}

/** Splits of the same name in several data sets are one value. */
function byName(values: readonly FacetValue[]): FacetValue[] {
  const sums = new Map<string, number>()
  for (const { value, images } of values) sums.set(value, (sums.get(value) ?? 0) + images)
  return [...sums].map(([value, images]) => ({ value, images })).sort(alphabetically)
}

function alphabetically(a: FacetValue, b: FacetValue): number {
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
}
