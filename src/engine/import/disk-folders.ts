import { lstatSync, readdirSync, realpathSync, type Dirent } from 'node:fs'
import { sep } from 'node:path'
import { AppError } from '../../shared/errors'
import {
  fileIsLink,
  fileNotFound,
  fileNotRegular,
  folderUnreadable,
  pathInvalid,
} from '../../shared/image-errors'
import { kindOf, readFault, reasonOf, type FilePath } from '../files/read-file'
import { pathEscapesRoot } from './path-errors'
import { joinName, type ListingProblems } from './listing-problems'
import { problemOf } from './problem'

/** One folder's contents: names of its files, and of its folders with a `/` behind them, sorted by code units. */
type Entries = readonly string[]

/**
 * The folders below one root of the disk. Each is looked at once: what importers see stays the same while they look, and
 * odd names are told once. Links are neither followed nor looked at.
 */
export class DiskFolders {
  readonly #root: string
  readonly #realRoot: string
  readonly #problems: ListingProblems
  readonly #entries = new Map<string, Entries>()
  /** Folders known to be reached without a link. */
  readonly #sound = new Set<string>([''])
  /** Bytes of the paths that are not UTF-8, by the text that stands for them. */
  readonly #raw = new Map<string, Buffer>()

  constructor(root: string, problems: ListingProblems) {
    this.#root = root
    this.#realRoot = realpathSync.native(root)
    this.#problems = problems
  }

  /** All regular files below `folder`, sorted by code units of the whole name. */
  *files(folder: string): Generator<string> {
    for (const entry of this.#list(folder)) {
      const name = joinName(folder, entry)
      if (name.endsWith('/')) yield* this.files(name.slice(0, -1))
      else yield name
    }
  }

  /**
   * What to open for a name.
   * @throws AppError E_LINK, E_PATH_ESCAPES_ROOT if a folder on the way is a link or leads out, E_FILE_NOT_FOUND
   */
  path(name: string): FilePath {
    const slash = name.lastIndexOf('/')
    if (slash >= 0) this.#requireSound(name.slice(0, slash))
    return this.#raw.get(name) ?? this.#join(name)
  }

  #join(name: string): string {
    return this.#root.endsWith('/') ? this.#root + name : `${this.#root}/${name}`
  }

  #requireSound(folder: string): void {
    if (this.#sound.has(folder)) return
    const parts = folder.split('/')
    if (parts.includes('..')) throw pathEscapesRoot(folder)
    for (let i = 1; i <= parts.length; i++) {
      const part = parts.slice(0, i).join('/')
      if (this.#sound.has(part)) continue
      this.#requireRealFolder(part)
      this.#sound.add(part)
    }
  }

  #requireRealFolder(folder: string): void {
    const path = this.#raw.get(folder) ?? this.#join(folder)
    try {
      const stats = lstatSync(path)
      if (stats.isSymbolicLink()) throw fileIsLink(folder)
      if (!stats.isDirectory()) throw fileNotFound(folder, 'a part of the path is no folder')
      // What lstat calls a folder can still lead elsewhere: junctions of Windows, for one.
      const real = realpathSync.native(path)
      const within = this.#realRoot.endsWith(sep) ? this.#realRoot : this.#realRoot + sep
      if (!real.startsWith(within)) throw pathEscapesRoot(folder)
    } catch (error) {
      throw error instanceof AppError ? error : readFault(error, folder)
    }
  }

  #list(folder: string): Entries {
    const known = this.#entries.get(folder)
    if (known !== undefined) return known
    const entries = this.#read(folder)
    this.#entries.set(folder, entries)
    return entries
  }

  #read(folder: string): Entries {
    const files: string[] = []
    const folders: string[] = []
    for (const entry of this.#dirents(folder)) {
      const name = joinName(folder, entry.name)
      const { kind } = entry
      if (kind.isDirectory()) {
        folders.push(`${entry.name}/`)
        this.#sound.add(name)
      } else if (kind.isFile()) files.push(entry.name)
      else if (kind.isSymbolicLink()) this.#problems.add(problemOf(fileIsLink(name), name))
      else this.#problems.add(problemOf(fileNotRegular(name, kindOf(kind)), name))
    }
    files.sort()
    this.#problems.checkNames(folder, files)
    // With its "/" a folder stands where the names of its files would.
    return [...files, ...folders].sort()
  }

  *#dirents(folder: string): Generator<{ name: string; kind: Dirent | Dirent<Buffer> }> {
    const raw = this.#raw.get(folder)
    try {
      if (folder !== '') this.#requireSound(folder)
      if (raw === undefined) {
        const dirents = readdirSync(this.#join(folder), { withFileTypes: true })
        if (!dirents.some(({ name }) => name.includes('\ufffd'))) {
          for (const kind of dirents) yield { name: kind.name, kind }
          return
        }
      }
      const taken = new Set<string>()
      const path = raw ?? Buffer.from(this.#join(folder))
      for (const kind of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
        const name = kind.name.toString()
        const full = joinName(folder, name)
        if (taken.has(name)) {
          const twice = pathInvalid(full, 'another name shows the same letters, and both lost some')
          this.#problems.add(problemOf(twice, full))
          continue
        }
        taken.add(name)
        if (raw !== undefined || !Buffer.from(name).equals(kind.name)) {
          this.#raw.set(full, Buffer.concat([path, slash, kind.name]))
        }
        yield { name, kind }
      }
    } catch (error) {
      const fault =
        error instanceof AppError ? error : folderUnreadable(folder, reasonOf(error), error)
      if (folder === '') throw fault
      this.#problems.add(problemOf(fault, folder))
    }
  }
}

const slash = Buffer.from('/')
