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
  const operation = ['VipsForeignLoadSvgBuffer']
  sharp.unblock({ operation })
  let drawing: Buffer
  try {
    drawing = await sharp(Buffer.from(svg)).removeAlpha().png().toBuffer()
  } finally {
    sharp.block({ operation })
  }
  return layers.length === 0 ? drawing : sharp(drawing).composite(layers).png().toBuffer()
}

/** PNG bytes as JPEG, as a camera would store them. */
export async function toJpeg(png: Uint8Array, quality: number): Promise<Buffer> {
  return sharp(png).jpeg({ quality, chromaSubsampling: '4:4:4' }).toBuffer()
}
