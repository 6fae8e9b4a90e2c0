import type { PictureSize, ReadAt } from './picture-size'

const tags = { width: 256, height: 257 } as const
const maxEntries = 4096

/** Size in the first directory of a TIFF or BigTIFF. Null if `start`, the first bytes, is no TIFF, or the directory is cut off. */
export async function tiffPicture(start: Uint8Array, readAt: ReadAt): Promise<PictureSize | null> {
  if (start.length < 16) return null
  const header = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const order = header.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return null
  const little = order === 0x4949
  const version = header.getUint16(2, little)
  if (version !== 42 && version !== 43) return null
  const layout = version === 43 ? bigLayout : classicLayout
  const at = layout.offset(header, layout.firstAt, little)
  if (!Number.isSafeInteger(at) || at < 8) return null
  return readDirectory(await readAt(at, layout.head + maxEntries * layout.entry), layout, little)
}

interface Layout {
  readonly firstAt: number
  readonly head: number
  readonly entry: number
  readonly valueAt: number
  offset(view: DataView, at: number, little: boolean): number
  count(view: DataView, little: boolean): number
}

const classicLayout: Layout = {
  firstAt: 4,
  head: 2,
  entry: 12,
  valueAt: 8,
  offset: (view, at, little) => view.getUint32(at, little),
  count: (view, little) => view.getUint16(0, little),
}

const bigLayout: Layout = {
  firstAt: 8,
  head: 8,
  entry: 20,
  valueAt: 12,
  offset: (view, at, little) => Number(view.getBigUint64(at, little)),
  count: (view, little) => Number(view.getBigUint64(0, little)),
}

function readDirectory(bytes: Uint8Array, layout: Layout, little: boolean): PictureSize | null {
  if (bytes.length < layout.head) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = layout.count(view, little)
  if (count > maxEntries || layout.head + count * layout.entry > bytes.length) return null
  const found = new Map<number, number>()
  for (let i = 0; i < count; i++) {
    const entry = layout.head + i * layout.entry
    const value = firstValue(view, entry, entry + layout.valueAt, little)
    if (value !== undefined) found.set(view.getUint16(entry, little), value)
  }
  return { width: found.get(tags.width) ?? 0, height: found.get(tags.height) ?? 0 }
}

/** The first value of an entry of one byte, short, long or long8; these fit into the entry. */
function firstValue(
  view: DataView,
  entry: number,
  at: number,
  little: boolean,
): number | undefined {
  const type = view.getUint16(entry + 2, little)
  if (type === 1) return view.getUint8(at)
  if (type === 3) return view.getUint16(at, little)
  if (type === 4) return view.getUint32(at, little)
  const roomForLong8 = at - entry === 12
  return type === 16 && roomForLong8 ? Number(view.getBigUint64(at, little)) : undefined
}
