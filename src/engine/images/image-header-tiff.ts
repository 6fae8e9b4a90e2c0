import { ImageFault } from './image-fault'
import type { ImageHeader } from './image-header'

/** First values of the entries of one image file directory, and where the next directory lies (0 = none). */
interface Directory {
  readonly values: ReadonlyMap<number, readonly number[]>
  readonly next: number
}

const tag = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  stripBytes: 279,
  tileOffsets: 324,
  tileBytes: 325,
  sampleFormat: 339,
} as const

/** Values kept of one entry: enough for strips of large pictures, too few to be a burden. */
const maxValues = 65_536

/**
 * The orientation in an EXIF block (a TIFF without a picture), as found; undefined if absent or unreadable.
 * EXIF 2.32, 4.6.4 A.
 */
export function exifOrientation(exif: Uint8Array): number | undefined {
  const reader = openTiff(exif)
  return reader?.directory(reader.first)?.values.get(tag.orientation)?.[0]
}

/** Reads the first directory of a TIFF or BigTIFF. */
export function readTiffHeader(bytes: Uint8Array): ImageHeader {
  const reader = openTiff(bytes)
  const page = reader?.directory(reader.first)
  if (reader === undefined || page === undefined) {
    throw new ImageFault(
      'truncated',
      'the TIFF data stops before the size of the picture is stated',
    )
  }
  const first = (id: number, otherwise: number) => page.values.get(id)?.[0] ?? otherwise
  const depth = Math.max(1, ...(page.values.get(tag.bitsPerSample)?.slice(0, 8) ?? [1]))
  const photometric = first(tag.photometric, 1)
  if (depth > 16 || first(tag.sampleFormat, 1) !== 1) {
    throw new ImageFault('unsupported', `a TIFF of ${depth}-bit or signed numbers`)
  }
  const orientation = page.values.get(tag.orientation)?.[0]
  const end = dataEnd(page)
  return {
    format: 'tiff',
    width: first(tag.width, 0),
    height: first(tag.height, 0),
    colour: colourOf(photometric),
    depth,
    animated: hasFurtherPage(reader, page),
    ...(orientation === undefined ? {} : { orientation }),
    // Directories may lie behind the data, so only "beyond the file" says anything; trailing bytes cannot be told.
    ...(end <= bytes.length ? { end: bytes.length } : {}),
  }
}

function colourOf(photometric: number): ImageHeader['colour'] {
  if (photometric <= 1) return 'grey'
  if (photometric === 5) return 'cmyk'
  return photometric >= 8 && photometric <= 10 ? 'lab' : 'rgb'
}

/** A second directory that is not just a small preview of the first. */
function hasFurtherPage(reader: TiffReader, page: Directory): boolean {
  const second = page.next === 0 ? undefined : reader.directory(page.next)
  return second !== undefined && ((second.values.get(tag.subfileType)?.[0] ?? 0) & 1) === 0
}

function dataEnd(page: Directory): number {
  const offsets = page.values.get(tag.stripOffsets) ?? page.values.get(tag.tileOffsets) ?? []
  const sizes = page.values.get(tag.stripBytes) ?? page.values.get(tag.tileBytes) ?? []
  let end = 0
  for (let i = 0; i < offsets.length; i++) end = Math.max(end, offsets[i]! + (sizes[i] ?? 0))
  return end
}

interface TiffReader {
  readonly first: number
  directory(at: number): Directory | undefined
}

function openTiff(bytes: Uint8Array): TiffReader | undefined {
  if (bytes.length < 8) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const order = view.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return undefined
  const little = order === 0x4949
  const big = view.getUint16(2, little) === 43
  if (big && bytes.length < 16) return undefined
  const offset = (at: number) =>
    big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)
  const first = big ? offset(8) : offset(4)
  return { first, directory: (at) => readDirectory(view, at, little, big) }
}

function readDirectory(
  view: DataView,
  at: number,
  little: boolean,
  big: boolean,
): Directory | undefined {
  const head = big ? 8 : 2
  const entry = big ? 20 : 12
  if (at < 8 || at + head > view.byteLength) return undefined
  const offset = (from: number) =>
    big ? Number(view.getBigUint64(from, little)) : view.getUint32(from, little)
  const count = big ? offset(at) : view.getUint16(at, little)
  const after = at + head + count * entry
  if (count > 4096 || after > view.byteLength) return undefined
  const values = new Map<number, readonly number[]>()
  for (let i = 0; i < count; i++) {
    const start = at + head + i * entry
    const read = valueReader(view, view.getUint16(start + 2, little), little)
    if (read === undefined) continue
    const length = Math.min(offset(start + 4), maxValues)
    const inline = start + (big ? 12 : 8)
    const room = big ? 8 : 4
    const from = length * read.size <= room ? inline : offset(inline)
    if (from + length * read.size > view.byteLength) continue
    values.set(
      view.getUint16(start, little),
      Array.from({ length }, (_, k) => read.at(from + k * read.size)),
    )
  }
  const hasNext = after + (big ? 8 : 4) <= view.byteLength
  return { values, next: hasNext ? offset(after) : 0 }
}

function valueReader(view: DataView, type: number, little: boolean) {
  if (type === 1) return { size: 1, at: (at: number) => view.getUint8(at) }
  if (type === 3) return { size: 2, at: (at: number) => view.getUint16(at, little) }
  if (type === 4) return { size: 4, at: (at: number) => view.getUint32(at, little) }
  if (type === 16) return { size: 8, at: (at: number) => Number(view.getBigUint64(at, little)) }
  return undefined
}
