import { sharp } from './guarded-sharp'

/** A picture laid over a drawing: PNG bytes and where its top-left corner goes, with its side in pixels. */
export interface Overlay {
  readonly png: Uint8Array
  readonly x: number
  readonly y: number
  readonly size: number
}

/**
 * Renders a drawing of our own to PNG bytes. The SVG reader is open only while it works on a drawing: pictures of
 * unknown origin must never reach it.
 */
export async function renderSvg(svg: string, overlays: readonly Overlay[] = []): Promise<Buffer> {
  const layers = await Promise.all(
    overlays.map(async ({ png, x, y, size }) => ({
      input: await sharp(png).resize(size, size, { fit: 'fill' }).png().toBuffer(),
      left: x,
      top: y,
    })),
  )
  const drawing = await withSvgReader(() => sharp(Buffer.from(svg)).removeAlpha().png().toBuffer())
  return layers.length === 0 ? drawing : sharp(drawing).composite(layers).png().toBuffer()
}

/** Drawings that are being read: the last one to end closes the reader, which is one for the whole process. */
let reading = 0

async function withSvgReader<T>(read: () => Promise<T>): Promise<T> {
  const operation = ['VipsForeignLoadSvgBuffer']
  reading++
  sharp.unblock({ operation })
  try {
    return await read()
  } finally {
    reading--
    if (reading === 0) sharp.block({ operation })
  }
}

/** PNG bytes as JPEG, as a camera would store them. */
export async function toJpeg(png: Uint8Array, quality: number): Promise<Buffer> {
  return sharp(png).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer()
}
