import type { Db } from './db'
import { fileStates, type FileState } from './facet-codes'
import { pageOfIds, type Page, type PageRequest } from './paging'
import { rowUnknown } from './store-errors'
import type { Writer } from './writer'

/** What a file holds, found by reading it. */
export interface ImageContent {
  /** Of the bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string
  readonly sizeBytes: number
  /** As stored, before the orientation is applied. */
  readonly storedWidth: number
  readonly storedHeight: number
  /** Upright. */
  readonly width: number
  readonly height: number
  /** EXIF, 1..8. */
  readonly orientation: number
  readonly format: string
}

export interface ProjectFile {
  readonly id: number
  readonly folder: string
  readonly path: string
  readonly state: FileState
  readonly modifiedMs: number | null
  readonly imageId: number | null
  readonly sha256: string | null
  /** Of the content; null where nobody has looked. */
  readonly sizeBytes: number | null
}

/** What was seen when a file was looked at. A file that is missing or changed keeps the content it had. */
export type FileSighting =
  | {
      readonly fileId: number
      readonly state: 'present'
      readonly content: ImageContent
      readonly modifiedMs: number
    }
  | { readonly fileId: number; readonly state: 'missing' | 'changed' }

const FILE = `SELECT files.id, folders.path AS folder, files.path, state, modified_ms AS modifiedMs, image_id AS imageId,
    sha256, size_bytes AS sizeBytes FROM files CROSS JOIN folders ON folders.id = folder_id LEFT JOIN images ON images.id = image_id`

interface FileRow extends Omit<ProjectFile, 'state'> {
  readonly state: number
}

/** The files that pictures lie in. They are never written to, moved or renamed. */
export class Files {
  readonly #db: Db
  readonly #writer: Writer

  constructor(db: Db, writer: Writer) {
    this.#db = db
    this.#writer = writer
  }

  /** In the order of ids, of one state or all. */
  list(state?: FileState, page: PageRequest = {}): Page<ProjectFile> {
    return pageOfIds(page, (bound, order, after, limit) => {
      const test = state === undefined ? '' : 'state = ? AND '
      return this.#db
        .all<FileRow>(
          `${FILE} WHERE ${test}files.id ${bound} ? ORDER BY files.id ${order} LIMIT ?`,
          ...(state === undefined ? [] : [fileStates.indexOf(state)]),
          after,
          limit,
        )
        .map(fileOf)
    })
  }

  /** Where pictures with this content lie: a moved file is found again by it. */
  withContent(sha256: string): ProjectFile[] {
    return this.#db
      .all<FileRow>(
        `${FILE} WHERE image_id = (SELECT id FROM images WHERE sha256 = ?) ORDER BY files.id`,
        sha256,
      )
      .map(fileOf)
  }

  /** Whether a file of this folder has a name that begins with `prefix`, which ends with a slash. */
  isBelow(folder: string, prefix: string): boolean {
    return (
      this.#db.value<number>(
        'SELECT 1 FROM files WHERE folder_id = (SELECT id FROM folders WHERE path = ?) AND path >= ? AND path < ? LIMIT 1',
        folder,
        prefix,
        `${prefix.slice(0, -1)}0`, // 0 follows the slash
      ) !== undefined
    )
  }

  /** Stores what was seen, all or nothing. @throws AppError E_ROW_UNKNOWN */
  record(sightings: readonly FileSighting[]): void {
    this.#writer.write(() => {
      for (const sighting of sightings) {
        const found = sighting.state === 'present'
        const { changes } = this.#db.run(
          `UPDATE files SET state = ?, image_id = coalesce(?, image_id), modified_ms = coalesce(?, modified_ms)
            WHERE id = ?`,
          fileStates.indexOf(sighting.state),
          found ? this.#imageId(sighting.content) : null,
          found ? sighting.modifiedMs : null,
          sighting.fileId,
        )
        if (changes === 0) throw rowUnknown('file', sighting.fileId)
      }
    })
  }

  /** A folder of originals is at another place now: all its files with it. @throws AppError E_ROW_UNKNOWN */
  moveFolder(from: string, to: string): void {
    this.#writer.write(() => {
      const { changes } = this.#db.run('UPDATE folders SET path = ? WHERE path = ?', to, from)
      if (changes === 0) throw rowUnknown('folder', from)
    })
  }

  #imageId(content: ImageContent): number {
    const known = this.#db.value<number>('SELECT id FROM images WHERE sha256 = ?', content.sha256)
    return (
      known ??
      this.#db.run(
        `INSERT INTO images (sha256, size_bytes, stored_width, stored_height, width, height, orientation, format)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        content.sha256,
        content.sizeBytes,
        content.storedWidth,
        content.storedHeight,
        content.width,
        content.height,
        content.orientation,
        content.format,
      ).id
    )
  }
}

function fileOf(row: FileRow): ProjectFile {
  return { ...row, state: fileStates[row.state] ?? 'unknown' }
}
