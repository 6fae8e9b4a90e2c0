import type { Dirent } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { toErrorRecord, type AppError, type ErrorRecord } from '../../shared/errors'
import {
  fileIsLink,
  fileNotFound,
  fileNotRegular,
  fileUnreadable,
  folderUnreadable,
  noImages,
  pathInvalid,
  pathIsUrl,
  type ImageWarning,
} from '../../shared/image-errors'
import { NameCheck } from './list-images-names'
import { errorCode, kindOf, reasonOf, type FilePath } from './read-file'

export interface ListedFile {
  /** As the user gave it, or the given folder and what lies below, with `/` between the parts; for people and reports. */
  readonly path: string
  /** What to open: the bytes of a name that is not UTF-8, the target of a link that the user named, else `path`. */
  readonly source: FilePath
}

export interface ListProblem extends ErrorRecord {
  readonly path: string
}

export interface ListWarning extends ImageWarning {
  readonly path: string
}

export interface ImageListing {
  /** Each file once, sorted by the code units of `path`: the same order on every machine. */
  readonly files: readonly ListedFile[]
  readonly problems: readonly ListProblem[]
  readonly warnings: readonly ListWarning[]
  /** Files in folders that do not look like pictures by their names. */
  readonly passedOver: number
}

const imageEnding = /\.(?:jpe?g|png|webp|bmp|gif|tiff?)$/i

/**
 * The pictures among files and folders. Files that are named directly are always taken; in folders the ending decides, only
 * regular files count and links are never followed. Nothing is opened. What is wrong with one path does not stop the rest:
 * problems carry E_FILE_NOT_FOUND, E_FILE_NOT_REGULAR, E_FILE_UNREADABLE, E_FOLDER_UNREADABLE, E_NO_IMAGES, E_LINK,
 * E_PATH_INVALID, E_PATH_IS_URL.
 */
export async function listImages(
  paths: readonly string[],
  options: { readonly recursive: boolean },
): Promise<ImageListing> {
  const walk = new Walk(options.recursive)
  for (const path of paths) await walk.addNamed(path)
  return walk.result()
}

class Walk {
  readonly #recursive: boolean
  /** By absolute path, so that a file named twice, or named and found, is listed once. */
  readonly #files = new Map<string, ListedFile>()
  readonly #problems: ListProblem[] = []
  readonly #warnings: ListWarning[] = []
  #passedOver = 0

  constructor(recursive: boolean) {
    this.#recursive = recursive
  }

  result(): ImageListing {
    return {
      files: [...this.#files.values()].sort(byPath),
      problems: this.#problems.sort(byPath),
      warnings: this.#warnings.sort(byPath),
      passedOver: this.#passedOver,
    }
  }

  async addNamed(given: string): Promise<void> {
    const path = process.platform === 'win32' ? given.replaceAll('\\', '/') : given
    if (path === '' || path.includes('\0')) {
      this.#problem(
        path,
        pathInvalid(path, path === '' ? 'it is empty' : 'it contains a NUL character'),
      )
      return
    }
    try {
      const stats = await stat(path)
      if (stats.isDirectory()) await this.#addNamedFolder(path)
      else if (stats.isFile()) await this.#addNamedFile(path)
      else this.#problem(path, fileNotRegular(path, kindOf(stats)))
    } catch (error) {
      this.#problem(path, await namedFault(path, error))
    }
  }

  async #addNamedFile(path: string): Promise<void> {
    const isLink = (await lstat(path)).isSymbolicLink()
    const check = new NameCheck()
    this.#warn(path, check.warningsFor(path.slice(path.lastIndexOf('/') + 1)))
    this.#add(path, isLink ? await realpath(path) : path)
  }

  async #addNamedFolder(path: string): Promise<void> {
    const filesBefore = this.#files.size
    const problemsBefore = this.#problems.length
    const passedOverBefore = this.#passedOver
    let anySeen = false
    const folders: FolderPath[] = [{ path: path.replace(/(?<=.)\/+$/, '') }]
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const seen = await this.#addFolder(folder, folders)
      anySeen ||= seen
    }
    const nothingNew = this.#files.size === filesBefore && this.#problems.length === problemsBefore
    if (nothingNew && !anySeen) {
      this.#problem(path, noImages(path, this.#recursive, this.#passedOver - passedOverBefore))
    }
  }

  /** Lists one folder and appends the folders in it to `folders`. True if it held a picture, new or known. */
  async #addFolder(folder: FolderPath, folders: FolderPath[]): Promise<boolean> {
    const check = new NameCheck()
    let anySeen = false
    let entries: readonly Entry[]
    try {
      entries = await readEntries(folder)
    } catch (error) {
      this.#problem(folder.path, folderUnreadable(folder.path, reasonOf(error), error))
      return false
    }
    for (const entry of entries) {
      const { name, dirent } = entry
      const path = join(folder.path, name)
      if (dirent.isDirectory()) {
        if (this.#recursive) folders.push({ path, ...rawPath(folder, entry) })
      } else if (dirent.isSymbolicLink()) {
        // Where it leads is not looked at: that alone can reach out of the folder, or to a network.
        this.#problem(path, fileIsLink(path))
      } else if (!imageEnding.test(name) || name.startsWith('._')) {
        this.#passedOver++ // "._x.jpg" holds what macOS could not store in x.jpg, and no picture
      } else if (!dirent.isFile()) {
        this.#problem(path, fileNotRegular(path, kindOf(dirent)))
      } else {
        anySeen = true
        this.#warn(path, check.warningsFor(name))
        this.#add(path, rawPath(folder, entry).raw ?? path)
      }
    }
    return anySeen
  }

  #add(path: string, source: FilePath): void {
    const key =
      typeof source === 'string' ? resolve(source) : Buffer.from(source).toString('latin1')
    if (!this.#files.has(key)) this.#files.set(key, { path, source })
  }

  #problem(path: string, error: AppError): void {
    this.#problems.push({ path, ...toErrorRecord(error) })
  }

  #warn(path: string, warnings: readonly ImageWarning[]): void {
    for (const warning of warnings) this.#warnings.push({ path, ...warning })
  }
}

interface FolderPath {
  readonly path: string
  /** Set if a part of the path is not UTF-8. */
  readonly raw?: Buffer
}

interface Entry {
  readonly name: string
  readonly dirent: Dirent | Dirent<Buffer>
  readonly rawName?: Buffer
}

/** Names as text, which is fast; as bytes only where the text shows that something was lost. */
async function readEntries(folder: FolderPath): Promise<readonly Entry[]> {
  if (folder.raw === undefined) {
    const dirents = await readdir(folder.path, { withFileTypes: true })
    if (!dirents.some((dirent) => dirent.name.includes('\ufffd'))) {
      return dirents.map((dirent) => ({ name: dirent.name, dirent }))
    }
  }
  const dirents = await readdir(folder.raw ?? folder.path, {
    withFileTypes: true,
    encoding: 'buffer',
  })
  return dirents.map((dirent) => {
    const name = dirent.name.toString()
    const lost = !Buffer.from(name).equals(dirent.name)
    return { name, dirent, ...(lost ? { rawName: dirent.name } : {}) }
  })
}

function rawPath(folder: FolderPath, entry: Entry): { raw?: Buffer } {
  if (folder.raw === undefined && entry.rawName === undefined) return {}
  const slash = Buffer.from('/')
  const name = entry.rawName ?? Buffer.from(entry.name)
  return { raw: Buffer.concat([folder.raw ?? Buffer.from(folder.path), slash, name]) }
}

const join = (folder: string, name: string) =>
  folder.endsWith('/') ? folder + name : `${folder}/${name}`

async function namedFault(path: string, error: unknown): Promise<AppError> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return pathIsUrl(path)
  const code = errorCode(error)
  if (code === 'ELOOP') return fileIsLink(path)
  if (code === 'ENAMETOOLONG') return pathInvalid(path, 'the name is too long')
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return fileUnreadable(path, reasonOf(error), error)
  const dangling = await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  )
  return dangling ? fileNotFound(path, 'it is a link that leads nowhere') : fileNotFound(path)
}

const byPath = (a: { path: string }, b: { path: string }) =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0
