/**
 * The files below one root that the user chose, for importers to look at. Names are relative to the root, with `/`
 * between their parts. Links are not followed; nothing outside the root can be reached; no address is opened.
 */
export interface FileSource {
  /** The file that the user named, if it was a file and not a folder; the root is then the folder that it is in. */
  readonly entry: string | null
  /** The root's own name, without its path: for messages and default data set names. */
  readonly rootName: string
  /** All regular files below the root (or below `folder`), sorted by code units. */
  list(folder?: string): AsyncIterable<string>
  /** Whether a regular file has this name. */
  has(name: string): Promise<boolean>
  /** In bytes. */
  size(name: string): Promise<number>
  /** @throws AppError E_FILE_EMPTY, E_FILE_UNREADABLE, E_FILE_NOT_REGULAR, E_LINK */
  read(name: string): Promise<Uint8Array>
  /** The file piece by piece, for what may be larger than memory. */
  stream(name: string): AsyncIterable<Uint8Array>
  /** `length` bytes from `offset`; fewer at the end of the file. */
  readAt(name: string, offset: number, length: number): Promise<Uint8Array>
  /**
   * A name that was found in data, joined to the folder of the file that it stood in: either separator, `.` and `..`
   * resolved. Answers a name below the root, whether or not a file has it.
   * @throws AppError E_PATH_ESCAPES_ROOT (absolute, drive, UNC, or leaving the root), E_PATH_IS_URL, E_PATH_INVALID
   */
  resolve(nameInData: string, fromFolder?: string): string
}
