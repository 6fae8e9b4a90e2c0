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

  /** `null`: the file is missing. */
  store(fileId: number, content: FoundContent | null): void {
    const state = fileStates.indexOf(content === null ? 'missing' : 'present')
    const imageId = content === null ? null : this.#imageId(content)
    this.#statements.seeFile.run(state, imageId, content?.modifiedMs ?? null, fileId)
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
