import { randomUUID } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import { errorCode } from '../engine/files/read-file'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'

export type GrantOrigin = 'dialog' | 'drop' | 'upload' | 'command-line' | 'path'
export type GrantKind = 'file' | 'folder' | 'files'

/** The right to one place of this machine. Everybody but the core knows it by its id. */
export interface PlaceGrant {
  readonly id: string
  /** Last part of the path, for people. */
  readonly name: string
  readonly kind: GrantKind
  /** Links resolved; one unless the kind is `files`. A file that is to be written need not be there. */
  readonly paths: readonly string[]
  readonly origin: GrantOrigin
  readonly writable: boolean
}

/** The one path of a grant. @throws AppError E_GRANT_REFUSED for several files */
export function pathOf({ paths, name }: PlaceGrant): string {
  const [path, ...others] = paths
  if (path !== undefined && others.length === 0) return path
  throw new AppError('E_GRANT_REFUSED', `${showPath(name)} is more than one file.`, 'Choose one.')
}

const MOST_GRANTS = 50_000

/** What the user has picked, dropped, uploaded or named on the command line. Nothing else is read or written. */
export class Grants {
  readonly #byId = new Map<string, PlaceGrant>()
  readonly #idByPlace = new Map<string, string>()

  get all(): readonly PlaceGrant[] {
    return [...this.#byId.values()]
  }

  /** Takes over a grant that another process of ours has given. */
  take(grant: PlaceGrant): void {
    this.#byId.set(grant.id, grant)
    for (const [id, { origin }] of this.#byId) {
      if (this.#byId.size <= MOST_GRANTS) return
      if (origin !== 'command-line') this.drop(id)
    }
  }

  /**
   * Grants a file or folder that is there; the same place again has the same id. What was sent here is a copy of ours, and
   * never to be written: exports go to the user's own folders.
   * @throws AppError E_GRANT_REFUSED
   */
  add(path: string, origin: GrantOrigin, writable = origin !== 'upload'): PlaceGrant {
    const real = realPath(path)
    const kind = statSync(real).isDirectory() ? 'folder' : 'file'
    const place = placeOf({ path: real, origin, writable })
    const known = this.#byId.get(this.#idByPlace.get(place) ?? '')
    if (known) return known
    const grant: PlaceGrant = {
      ...{ id: randomUUID(), name: basename(real), kind, paths: [real], origin, writable },
    }
    this.#idByPlace.set(place, grant.id)
    this.take(grant)
    return grant
  }

  /** @throws AppError E_GRANT_UNKNOWN */
  get(id: string): PlaceGrant {
    const grant = this.#byId.get(id)
    if (!grant) throw grantUnknown(id)
    return grant
  }

  drop(id: string): void {
    const grant = this.#byId.get(id)
    if (!grant) return
    this.#byId.delete(id)
    for (const path of grant.paths) {
      const place = placeOf({ ...grant, path })
      if (this.#idByPlace.get(place) === id) this.#idByPlace.delete(place)
    }
  }

  /** A typed path, if it lies in a folder that the command line granted. @throws AppError E_GRANT_REFUSED */
  fromPath(path: string): PlaceGrant {
    const folders = this.all.filter(({ origin }) => origin === 'command-line')
    if (folders.length === 0) throw noFolders(path)
    // What is not granted is refused before the disk is asked, so that nobody learns what is there.
    const meant = resolve(path)
    if (path.includes('\0') || !folders.some((folder) => contains(pathOf(folder), meant))) {
      throw outside(path, folders)
    }
    const real = realPath(meant)
    if (!folders.some((folder) => contains(pathOf(folder), real))) throw outside(path, folders)
    return this.add(real, 'path')
  }

  /** Something below a granted folder; no more may be done with it. @throws AppError E_GRANT_UNKNOWN, E_GRANT_REFUSED */
  within(id: string, path: string): PlaceGrant {
    const { origin, writable } = this.get(id)
    return this.add(this.pathWithin(id, path), origin === 'upload' ? 'upload' : 'path', writable)
  }

  /** Absolute, links resolved, inside. @throws AppError E_GRANT_UNKNOWN, E_GRANT_REFUSED */
  pathWithin(id: string, path: string): string {
    const folder = this.get(id)
    const root = pathOf(folder)
    const meant = resolve(root, path)
    if (folder.kind !== 'folder' || path.includes('\0') || !contains(root, meant)) {
      throw outside(path, [folder])
    }
    const real = realPath(meant)
    if (!contains(root, real)) throw outside(path, [folder])
    return real
  }
}

const placeOf = ({
  path,
  origin,
  writable,
}: Pick<PlaceGrant, 'origin' | 'writable'> & { readonly path: string }) =>
  `${origin} ${writable ? 'rw' : 'r'} ${path}`

/** Whether `path` is `folder` or lies in it; both absolute. */
export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return (
    way === '' ||
    (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === join(folder, way))
  )
}

function realPath(path: string): string {
  try {
    const real = realpathSync(path)
    const stats = statSync(real)
    if (stats.isDirectory() || stats.isFile()) return real
  } catch (error) {
    if (errorCode(error) === '' && !(error instanceof TypeError)) throw error
  }
  throw new AppError(
    'E_GRANT_REFUSED',
    `${showPath(basename(path))} is no file or folder that can be read.`,
    'Choose something that is there.',
  )
}

const grantUnknown = (id: string) =>
  new AppError(
    'E_GRANT_UNKNOWN',
    `Nothing was granted under "${id}".`,
    'Choose or drop the file or folder again: grants end when the program ends.',
  )

const noFolders = (path: string) =>
  new AppError(
    'E_GRANT_REFUSED',
    `${showPath(path)} was typed, and no folder of the server was opened for that.`,
    'Drop the files into the window, or start the service with --grant FOLDER.',
  )

const outside = (path: string, folders: readonly PlaceGrant[]) =>
  new AppError(
    'E_GRANT_REFUSED',
    `${showPath(path)} does not lie in ${folders.map(({ name }) => showPath(name)).join(' or ')}.`,
    'Choose something inside, or start the service with --grant for its folder.',
  )
