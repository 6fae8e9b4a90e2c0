import type { Db } from './db'
import { fileStates } from './facet-codes'
import type { ImageContent } from './files'

/** What an import has found a file to hold; `modifiedMs` is null where nobody has looked. */
export interface FoundContent extends ImageContent {
  readonly modifiedMs: number | null
}

/** Stores what files hold, inside the transaction of an import. */
export class ContentWriter {
  readonly #statements

  constructor(db: Db) {
    this.#statements = {
      imageId: db.prepare('SELECT id FROM images WHERE sha256 = ?', true),
      addImage: db.prepare(
        `INSERT INTO images (sha256, size_bytes, stored_width, stored_height, width, height, orientation, format)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      // A file that is missing keeps the content that it had.
      seeFile: db.prepare(
        `UPDATE files SET state = ?, image_id = coalesce(?, image_id), modified_ms = coalesce(?, modified_ms)
          WHERE id = ?`,
      ),
    }
  }

  /** State, image and time of a file that is new here. `null`: it is missing; undefined: nobody has looked. */
  columns(content: FoundContent | null | undefined): [number, number | null, number | null] {
    if (content === undefined) return [fileStates.indexOf('unknown'), null, null]
    if (content === null) return [fileStates.indexOf('missing'), null, null]
    return [fileStates.indexOf('present'), this.#imageId(content), content.modifiedMs]
  }

  /** A file that was known already was looked at again. */
  see(fileId: number, content: FoundContent | null): void {
    this.#statements.seeFile.run(...this.columns(content), fileId)
  }

  #imageId(content: ImageContent): number {
    const known = this.#statements.imageId.get(content.sha256) as number | undefined // plucked id
    if (known !== undefined) return known
    const { sha256, sizeBytes, storedWidth, storedHeight, width, height, orientation, format } =
      content
    const done = this.#statements.addImage.run(
      sha256,
      sizeBytes,
      storedWidth,
      storedHeight,
      width,
      height,
      orientation,
      format,
    )
    return Number(done.lastInsertRowid)
  }
}
