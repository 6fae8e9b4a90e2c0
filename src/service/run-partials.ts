import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { PartialCertificates } from '../engine/picture-progress'

const schema = z.object({
  sha256: z.string(),
  certificates: z.array(z.looseObject({})),
  subject: z.number(),
  state: z.looseObject({ next: z.number() }),
})

/**
 * Where pictures of runs that take long were cut off, by the key of their result: a file each below the project's folder,
 * gone once the picture is done. Equal keys, equal results: whichever run comes to the picture goes on from there.
 */
export class RunPartials {
  readonly #folder: string

  constructor(projectFolder: string) {
    this.#folder = join(projectFolder, '.partial')
  }

  read(key: string): PartialCertificates | undefined {
    try {
      // Our own file, whole or not there: one that parses and has the head of a partial is one.
      const kept: unknown = JSON.parse(readFileSync(this.#pathOf(key), 'utf8'))
      return schema.parse(kept) as unknown as PartialCertificates
    } catch {
      return undefined // begun anew
    }
  }

  /** In place of what was kept before. Where the disk does not take it, only time is lost, and the run goes on. */
  keep(key: string, partial: PartialCertificates): void {
    const path = this.#pathOf(key)
    const fresh = `${path}.new`
    try {
      mkdirSync(this.#folder, { recursive: true })
      writeFileSync(fresh, JSON.stringify(partial))
      renameSync(fresh, path)
    } catch {
      remove(fresh)
    }
  }

  forget(key: string): void {
    remove(this.#pathOf(key))
    try {
      rmdirSync(this.#folder)
    } catch {
      // Not there, or others are still in it.
    }
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${key}.json`)
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It only costs room: what it belongs to is stored.
  }
}
