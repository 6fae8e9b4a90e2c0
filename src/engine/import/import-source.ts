import type { FileSource } from '../../shared/dataset/file-source'
import type { ImportProblem } from '../../shared/dataset/records'
import type { ImageWarning } from '../../shared/image-errors'
import type { FilePath } from '../files/read-file'

/** A file's digest, with the size of the same open file. */
export interface FileDigest {
  /** 64 hexadecimal digits. */
  readonly sha256: string
  /** In bytes. */
  readonly size: number
  /** W_FILE_CHANGED, if the file was written to meanwhile. */
  readonly warnings: readonly ImageWarning[]
}

export interface LoadedFile extends FileDigest {
  readonly bytes: Uint8Array
}

/** What the pipeline asks of a source beyond what importers see. */
export interface ImportSource extends FileSource {
  /**
   * What was odd about the names and kinds of files that have been listed so far: E_LINK, E_FILE_NOT_REGULAR,
   * E_PATH_INVALID, W_NAME_…. Each is handed out once.
   */
  takeProblems(): readonly ImportProblem[]
  /**
   * The whole file, for pictures: at most 1 GiB.
   * @throws AppError as `read`, and E_FILE_NOT_FOUND, E_IMAGE_TOO_LARGE, E_ARCHIVE_…
   */
  load(name: string): Promise<LoadedFile>
  /** Reads a file of any size once, in pieces. @throws AppError as `load` */
  digest(name: string): Promise<FileDigest>
  /**
   * Where the file can be opened when the import is over. Files of an archive are written to the folder that the caller
   * named, under a name made of their digest and `ending`.
   */
  keep(name: string, file: LoadedFile | FileDigest, ending: string): Promise<FilePath>
  /** Removes what `keep` has written: for imports that came to nothing. Files of the user are never touched. */
  discard(): void
  /** Ends the use of the source; open handles are given back. */
  close(): void
}
