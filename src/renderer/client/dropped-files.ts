/** A file that was dropped or chosen, with the folder it lies in below what was dropped. */
export interface DroppedFile {
  readonly file: File
  /** `photos/2024`, or empty. */
  readonly folder: string
}

/** More files than this are not sent through the browser: the service is then started with the folder instead. */
export const MOST_UPLOADED = 20_000

/**
 * All files of a drop, folders walked through. Must be called in the drop event itself: afterwards the browser forgets what
 * was dropped. Hidden files (`.DS_Store`) are left out, as the importers would leave them out too.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  const entries = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null)
  if (entries.length === 0) return chosenFiles(transfer.files)
  const found: DroppedFile[] = []
  for (const entry of entries) await walk(entry, '', found)
  return found
}

/** Files of an `<input type="file">`, with their folders where a folder was chosen. */
export function chosenFiles(files: Iterable<File>): DroppedFile[] {
  return [...files]
    .map((file) => ({ file, folder: file.webkitRelativePath.split('/').slice(0, -1).join('/') }))
    .filter(({ file }) => !file.name.startsWith('.'))
}

async function walk(entry: FileSystemEntry, folder: string, found: DroppedFile[]): Promise<void> {
  if (entry.name.startsWith('.') || found.length > MOST_UPLOADED) return
  if (isFile(entry)) {
    found.push({ file: await fileOf(entry), folder })
    return
  }
  if (!isFolder(entry)) return
  const reader = entry.createReader()
  const inside = folder === '' ? entry.name : `${folder}/${entry.name}`
  // The reader gives about a hundred entries at a time, and none at the end.
  for (let part = await entriesOf(reader); part.length > 0; part = await entriesOf(reader)) {
    for (const child of part) await walk(child, inside, found)
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject)
  })
}

function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => {
    reader.readEntries(resolve, reject)
  })
}
