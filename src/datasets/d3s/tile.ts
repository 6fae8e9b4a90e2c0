import type { FileSource, PixelReference } from '../../shared/dataset'

/** Where the generated picture lies in a file. */
export interface Geometry {
  readonly pixels?: PixelReference
  readonly width: number | null
  readonly height: number | null
  /** The size, if it is none that D3S has. */
  readonly strange?: { readonly width: number; readonly height: number }
}

const side = 512
const border = 2
/** Guide and result beside each other, 2 pixels of black around each. */
const pair = { width: 2 * side + 3 * border, height: side + 2 * border }
/** The authors' loader cuts two columns further right than the tile begins. */
const published = 518

/**
 * The right tile of a file with guide picture, or the whole of a plain one: decided by the real size. Only the first bytes
 * of the file are read.
 * @param hasInit what the record says; counts only where the file is missing
 */
export async function geometryOf(
  files: FileSource,
  file: string | null,
  hasInit: boolean,
  geometry: 'tile' | 'published',
): Promise<Geometry> {
  const x = geometry === 'tile' ? side + 2 * border : published
  const tile = { kind: 'tile' as const, x, y: border, width: side, height: side }
  const size =
    file === null ? (hasInit ? pair : { width: side, height: side }) : await pngSize(files, file)
  if (size === null) return { width: null, height: null }
  if (size.width === pair.width && size.height === pair.height) {
    return { pixels: tile, width: side, height: side }
  }
  if (size.width === side && size.height === side) return size
  return { ...size, strange: size }
}

const header = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Width and height from the header of a PNG; null for other files, which are looked at when they are opened. */
async function pngSize(files: FileSource, file: string) {
  const bytes = await files.readAt(file, 0, 24)
  if (bytes.length < 24 || header.some((byte, i) => bytes[i] !== byte)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { width: view.getUint32(16), height: view.getUint32(20) }
}
