import { constants, copyFileSync, linkSync, lstatSync } from 'node:fs'
import type { ContentImage, DatasetContent } from '../../shared/dataset/content'
import type { FilePath } from '../files/read-file'
import type { Cut } from './cut-parts'
import type { Part } from './parts-as-files'
import { type DiskSink, guarded } from './disk-sink'
import { picturePlaces } from './picture-places'

export interface CopiedPictures {
  readonly copied: number
  /** Pictures whose file is missing. */
  readonly missing: number
  /** Tiles and rows, which are a part of a file and become files of their own. */
  readonly parts: number
}

export interface PicturesToCopy {
  readonly pictures: CopiedPictures
  /** What is left to do for parts. */
  readonly cuts: readonly Cut[]
}

/**
 * Puts the pictures beside the annotations: as a clone that shares its blocks, or a hard link, where the disk can, else as
 * a copy. Originals are only read.
 * @param locate the file of a picture, or the file that it is a part of; null where it is missing
 */
export function copyPictures(
  format: string,
  content: DatasetContent,
  sink: DiskSink,
  locate: (image: ContentImage) => FilePath | null,
  partOf: (image: ContentImage) => Part | undefined,
  shown: string,
  signal?: AbortSignal,
): PicturesToCopy {
  const placeOf = picturePlaces(format, content)
  const done = new Set<string>()
  const cuts: Cut[] = []
  let [copied, missing] = [0, 0]
  for (const image of content.images()) {
    signal?.throwIfAborted()
    const place = placeOf(image)
    if (!done.has(place)) {
      done.add(place)
      const from = locate(image)
      const part = partOf(image)
      if (from === null || !isFile(from)) missing++
      else if (part !== undefined) {
        const to = sink.place(place)
        sink.noteWritten(to)
        cuts.push({ from, to, pixels: part.pixels })
      } else {
        const to = sink.place(place)
        guarded(shown, () => {
          const shared = share(typeof from === 'string' ? from : Buffer.from(from), to)
          if (!shared) sink.noteWritten(to)
        })
        copied++
      }
    }
  }
  return { pictures: { copied, missing, parts: cuts.length }, cuts }
}

function isFile(path: FilePath): boolean {
  const target = typeof path === 'string' ? path : Buffer.from(path)
  return lstatSync(target, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Answers whether the two share their bytes on the disk, so that none had to be written. */
function share(from: string | Buffer, to: string): boolean {
  const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants
  try {
    copyFileSync(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    // Few file systems clone.
  }
  try {
    linkSync(from, to)
    return true
  } catch {
    // Another disk, or one without links.
  }
  copyFileSync(from, to, COPYFILE_EXCL)
  return false
}
