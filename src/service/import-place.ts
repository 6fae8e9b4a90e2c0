import { createHash } from 'node:crypto'
import { createReadStream, existsSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { writeFileAtomic } from '../engine/files/write-file'
import { diskSource } from '../engine/import/disk-source'
import type { ImportSource } from '../engine/import/import-source'
import { zipSource } from '../engine/import/zip-source'

/** What the user named, opened, and where its pictures are found from then on. */
export interface ImportPlace {
  readonly source: ImportSource
  /** Absolute; the names of the source's files are relative to it. */
  readonly root: string
  /** Digest of the archive, if it is one: its pictures are unpacked into the project. */
  readonly archiveSha256: string | null
}

/** Below the folder of a project: the pictures of archives, each archive's in a folder named by its digest. */
export const filesFolder = (projectDir: string) => join(projectDir, 'files')

/**
 * Opens a folder, a file or a ZIP archive for import.
 * @throws AppError E_FILE_NOT_FOUND, E_FILE_UNREADABLE, E_FILE_NOT_REGULAR, E_FILE_EMPTY, E_PATH_INVALID, E_ARCHIVE_…
 */
export async function openImportPlace(path: string, projectDir: string): Promise<ImportPlace> {
  const stats = path.includes('\0') ? undefined : statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile() || !/\.zip$/i.test(path)) {
    const source = await diskSource(path)
    const absolute = resolve(path)
    return { source, root: stats?.isFile() ? dirname(absolute) : absolute, archiveSha256: null }
  }
  const digest = createHash('sha256')
  for await (const piece of createReadStream(path)) digest.update(piece as Uint8Array) // no encoding is set
  const archiveSha256 = digest.digest('hex')
  const root = join(filesFolder(projectDir), archiveSha256)
  const source = keptByName(await zipSource(path, { folder: root }), root)
  return { source, root, archiveSha256 }
}

/**
 * The same source, with the files that it keeps under the names that they have in the archive: what the project knows of
 * them, folder and name, is then where they are.
 */
function keptByName(source: ImportSource, root: string): ImportSource {
  const written = new Set<string>()
  return withOther(source, {
    async keep(name, file) {
      const path = join(root, name)
      // What an earlier import of the same archive has kept is not this one's to write or to discard.
      if (statSync(path, { throwIfNoEntry: false })?.size === file.size) return path
      if (!existsSync(path)) written.add(path)
      const data = 'bytes' in file ? file.bytes : source.stream(name)
      // The archive stays where it is, so a file that a power cut loses can be unpacked again.
      await writeFileAtomic(path, data, { durable: false })
      return path
    },
    discard() {
      for (const path of written) rmSync(path, { force: true })
      written.clear()
    },
  })
}

/** A source that writes nothing: for looking at what an import would bring. */
export function withoutKeeping(source: ImportSource): ImportSource {
  return withOther(source, {
    keep: (name) => Promise.resolve(name),
    discard: () => undefined,
  })
}

function withOther(
  source: ImportSource,
  other: Pick<ImportSource, 'keep' | 'discard'>,
): ImportSource {
  return {
    entry: source.entry,
    rootName: source.rootName,
    list: (folder) => source.list(folder),
    has: (name) => source.has(name),
    size: (name) => source.size(name),
    read: (name) => source.read(name),
    stream: (name) => source.stream(name),
    readAt: (name, offset, length) => source.readAt(name, offset, length),
    resolve: (name, folder) => source.resolve(name, folder),
    takeProblems: () => source.takeProblems(),
    load: (name) => source.load(name),
    digest: (name) => source.digest(name),
    close: () => {
      source.close()
    },
    ...other,
  }
}
