import { statSync } from 'node:fs'
import type { z } from 'zod'
import type { ContentImage, DatasetContent, FolderSink, Loss } from '../../shared/dataset/content'
import type { DatasetExporterPlugin } from '../../shared/plugin/kinds'
import type { FilePath } from '../files/read-file'
import { copyPictures, type CopiedPictures } from './copy-pictures'
import { cutParts } from './cut-parts'
import { type PartedContent, partsAsFiles } from './parts-as-files'
import { BufferedFile, DiskSink, guardedLater, syncPath } from './disk-sink'
import { needsFolder } from './export-errors'
import { type Aside, openAside } from './export-target'
import { inReadingFrame } from './reading-frame'
import { type RenamedContent, renameImages, type Renaming } from './rename-images'

export type ExportTarget =
  /** A folder, or a file for formats that are one file (a folder that is there gets the file put into it). */
  | { readonly kind: 'path'; readonly path: string }
  /** For formats that are one file: standard output, say. */
  | { readonly kind: 'stream'; readonly write: (piece: string | Uint8Array) => void }

export interface ExportOptions {
  /** Replace the file, or the folder with all that is in it, if it is there. Default false. */
  readonly replace?: boolean
  /** Files and folders that the data come from: they are not written over. */
  readonly inputs?: readonly string[]
  /** Told what the format cannot hold, before anything is written; what it throws ends the export. */
  readonly onLosses?: (losses: readonly Loss[]) => void
  /** Copies the pictures too. Answers the file of a picture by the name that the data set knows it by; null if missing. */
  readonly locate?: (image: ContentImage) => FilePath | null
  /** Told of each tile or row before it is cut out of its file, which happens after all else is written. */
  readonly onCut?: (done: number, total: number) => void
  /** Wait until the disk has everything. Default true. */
  readonly durable?: boolean
  readonly signal?: AbortSignal
}

export interface ExportOutcome {
  readonly losses: readonly Loss[]
  /** Files written, pictures included. */
  readonly files: number
  /** Of the files of the format itself. */
  readonly bytes: number
  /** Names that not every system takes, or that would be one on some, and what they became. */
  readonly renamed: readonly Renaming[]
  readonly pictures: CopiedPictures | null
}

/**
 * Writes a data set or run in one format, whole or not at all: beside the target, synced, then renamed. Losses are told
 * first. Same content, same bytes.
 * @throws AppError E_TARGET_NOT_EMPTY, E_TARGET_EXISTS, E_TARGET_IS_INPUT, E_TARGET_NEEDS_FOLDER, E_DISK_FULL, E_WRITE_…
 */
export async function writeExport<P extends z.ZodObject>(
  content: DatasetContent,
  exporter: DatasetExporterPlugin<P>,
  params: z.infer<P>,
  target: ExportTarget,
  options: ExportOptions = {},
): Promise<ExportOutcome> {
  const { fileName } = exporter
  const isFolder =
    fileName === null ||
    options.locate !== undefined ||
    (target.kind === 'path' && isExistingFolder(target.path))
  if (isFolder && (target.kind !== 'path' || isExistingFile(target.path))) {
    throw needsFolder(exporter.name, fileName === null ? 'An export' : 'An export with pictures')
  }
  const asRead = inReadingFrame(content, exporter.id)
  // A single file names pictures that stay where they are, under the names that they have.
  const hasFiles = fileName === null || options.locate !== undefined
  const parted: PartedContent = hasFiles
    ? partsAsFiles(asRead, options.locate !== undefined)
    : { content: asRead, partOf: () => undefined }
  const renaming: RenamedContent = hasFiles
    ? renameImages(parted.content)
    : { content: asRead, renamed: [], originalName: ({ file }) => file }
  const losses = exporter.losses(renaming.content, params)
  options.onLosses?.(losses)
  options.signal?.throwIfAborted()
  const run: Run = {
    content: renaming.content,
    write: (sink) => {
      exporter.write(renaming.content, abortable(sink, options.signal), params)
    },
  }
  const { renamed } = renaming
  if (target.kind === 'stream') {
    const bytes = writeToStream(run, target.write)
    return { losses, files: 1, bytes, renamed, pictures: null }
  }
  // A folder that is there gets a single file put into it; all else is the target itself.
  const single = fileName !== null && options.locate === undefined
  const path = single && isFolder ? `${target.path}/${fileName}` : target.path
  const rules = { replace: options.replace ?? false, inputs: options.inputs ?? [] }
  const aside = openAside(path, single ? 'file' : 'folder', rules)
  try {
    const written = single
      ? await writeOneFile(run, aside, path, options)
      : await writeFolder(run, aside, path, exporter.id, { ...renaming, ...parted }, options)
    options.signal?.throwIfAborted()
    aside.commit()
    return { losses, renamed, ...written }
  } catch (error) {
    aside.discard()
    throw error
  }
}

interface Run {
  readonly content: DatasetContent
  readonly write: (sink: FolderSink) => void
}
type Written = Pick<ExportOutcome, 'files' | 'bytes' | 'pictures'>

async function writeFolder(
  run: Run,
  aside: Aside,
  shown: string,
  format: string,
  { originalName, partOf }: Pick<RenamedContent, 'originalName'> & Pick<PartedContent, 'partOf'>,
  options: ExportOptions,
): Promise<Written> {
  const sink = new DiskSink(aside.path, shown)
  const { locate, signal, onCut } = options
  try {
    run.write(sink)
    let pictures: CopiedPictures | null = null
    if (locate !== undefined) {
      const fileOf = (image: ContentImage) =>
        locate({ ...image, file: partOf(image)?.file ?? originalName(image) })
      const copied = copyPictures(format, run.content, sink, fileOf, partOf, shown, signal)
      pictures = copied.pictures
      await cutParts(copied.cuts, shown, { signal, onCut })
    }
    if (options.durable ?? true) await sink.sync()
    return { files: sink.files, bytes: sink.bytes, pictures }
  } finally {
    sink.abandon()
  }
}

async function writeOneFile(
  run: Run,
  aside: Aside,
  shown: string,
  options: ExportOptions,
): Promise<Written> {
  const file = new BufferedFile(aside.path, shown)
  let bytes = 0
  const write = (piece: string | Uint8Array) => {
    file.write(piece)
  }
  const close = () => {
    bytes = file.close()
  }
  try {
    run.write(singleFile({ write, close }))
  } finally {
    file.abandon()
  }
  if (options.durable ?? true) await guardedLater(shown, () => syncPath(aside.path, 'r+'))
  return { files: 1, bytes, pictures: null }
}

function writeToStream(run: Run, write: (piece: string | Uint8Array) => void): number {
  let bytes = 0
  run.write(
    singleFile({
      write: (piece) => {
        bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
        write(piece)
      },
      close: () => undefined,
    }),
  )
  return bytes
}

type SinkFile = ReturnType<FolderSink['file']>

function singleFile(file: SinkFile): FolderSink {
  let opened = false
  return {
    file(name) {
      if (opened) throw new Error(`an exporter of one file writes another, "${name}"`)
      opened = true
      return file
    },
  }
}

/** Exporters do not wait for anything, so only what they write tells them to stop. */
function abortable(sink: FolderSink, signal: AbortSignal | undefined): FolderSink {
  if (signal === undefined) return sink
  return {
    file(name) {
      signal.throwIfAborted()
      const file = sink.file(name)
      return {
        write(piece) {
          signal.throwIfAborted()
          file.write(piece)
        },
        close: () => {
          file.close()
        },
      }
    },
  }
}

const isExistingFolder = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
const isExistingFile = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
