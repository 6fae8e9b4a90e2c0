import { randomUUID } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Grant } from '../shared/desktop'
import type { GrantRecord } from './core-messages'
import { fileWithoutPath, grantUnknown, notAFileOrFolder } from './desktop-errors'

/** How many files are looked at side by side. */
const AT_ONCE = 32

/**
 * What the user picked or dropped. Pages see ids and names; real paths stay in the main process and the core. The same
 * places are granted under the same id. Grants end with the app.
 */
export class Grants {
  readonly #byId = new Map<string, GrantRecord>()
  readonly #idByPlaces = new Map<string, string>()
  readonly #tellCore: (grant: GrantRecord) => Promise<void>

  constructor(tellCore: (grant: GrantRecord) => Promise<void>) {
    this.#tellCore = tellCore
  }

  /**
   * One grant for files and folders that are there, links resolved. The core knows it before this resolves.
   * @throws AppError E_FILE_WITHOUT_PATH (a `File` made by a script has the path `''`), E_GRANT_REFUSED
   */
  async grant(
    paths: readonly string[],
    { origin, writable }: Pick<GrantRecord, 'origin' | 'writable'>,
  ): Promise<Grant> {
    const places: Place[] = []
    for (let start = 0; start < paths.length; start += AT_ONCE) {
      places.push(...(await Promise.all(paths.slice(start, start + AT_ONCE).map(placeOf))))
    }
    const [first] = places
    if (!first) throw fileWithoutPath()
    const real = places.map((place) => place.path)
    const key = JSON.stringify([writable, ...real])
    const id = this.#idByPlaces.get(key) ?? randomUUID()
    const record: GrantRecord = {
      id,
      name: places.length === 1 ? first.name : `${first.name} + ${places.length - 1}`,
      kind: places.length === 1 ? first.kind : 'files',
      paths: real,
      origin,
      writable,
    }
    this.#byId.set(id, record)
    this.#idByPlaces.set(key, id)
    // Told each time: the user may have taken it from the core meanwhile (Settings), and chooses the place again.
    await this.#tellCore(record)
    return { id, name: record.name, kind: record.kind }
  }

  /** The granted place, the first of several. @throws AppError E_GRANT_UNKNOWN */
  pathOf(id: string): string {
    const path = this.#byId.get(id)?.paths[0]
    if (path === undefined) throw grantUnknown(id)
    return path
  }

  /** For a core that was started again and knows of none. */
  all(): Iterable<GrantRecord> {
    return this.#byId.values()
  }
}

interface Place {
  readonly path: string
  readonly name: string
  readonly kind: 'file' | 'folder'
}

async function placeOf(path: string): Promise<Place> {
  if (path === '') throw fileWithoutPath()
  const name = basename(path)
  try {
    const real = await realpath(path)
    const stats = await stat(real)
    if (stats.isDirectory()) return { path: real, name, kind: 'folder' }
    if (stats.isFile()) return { path: real, name, kind: 'file' }
  } catch {
    // Told below, without the system's text: it holds the path.
  }
  throw notAFileOrFolder(name)
}
