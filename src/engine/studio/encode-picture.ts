import type { RgbImage } from '../../shared/vision'
import { decodeImageBytes, requireSize } from '../images/decode-image'
import { sharp } from '../images/guarded-sharp'
import { readImageHeader } from '../images/image-header'
import { readRegularFile } from '../files/read-file'
import { decodePart } from '../import/decode-part'
import type { EncodedPicture, PictureOrder } from './messages'

/** Below this many pixels a whole decode costs less than it is worth to avoid. */
const SMALL_PIXELS = 2_000_000
const THUMBNAIL_SIDE = 512
/** Up to here a whole picture is sent without loss, so that what is seen magnified is what the detector saw. */
const LOSSLESS_PIXELS = 4_000_000

/**
 * A picture as a browser shows it. Large JPEG files are shrunk while they are decoded; everything else goes the way of
 * the detectors, so what cannot be used is refused for the same reason.
 * @throws AppError E_FILE_…, E_IMAGE_…, E_HDF5_…
 */
export async function showPicture({
  item,
  size,
  maxPixels,
}: PictureOrder): Promise<EncodedPicture> {
  const source = typeof item.source === 'string' ? item.source : Buffer.from(item.source)
  if (item.part) return encodePicture((await decodePart(source, item.part)).image, size)
  const { bytes } = await readRegularFile(source, { name: item.path, followLinks: true })
  if (size !== null) {
    const shrunk = await shrinkJpeg(bytes, size, item.path, maxPixels)
    if (shrunk) return shrunk
  }
  const { image } = await decodeImageBytes(bytes, item.path, { maxPixels })
  return encodePicture(image, size)
}

/** WebP for small pictures, JPEG for large ones, which decode faster. `size`: of the longer side, never enlarged. */
export async function encodePicture(image: RgbImage, size: number | null): Promise<EncodedPicture> {
  const { data, width, height } = image
  const pipeline = sharp(data, { raw: { width, height, channels: 3 } })
  if (size !== null && Math.max(width, height) > size) {
    pipeline.resize({ width: size, height: size, fit: 'inside' })
  }
  if (size === null && width * height <= LOSSLESS_PIXELS) {
    const bytes = await pipeline.png({ compressionLevel: 3, adaptiveFiltering: true }).toBuffer()
    return { contentType: 'image/png', bytes, width, height }
  }
  return encode(pipeline, size)
}

async function shrinkJpeg(
  bytes: Uint8Array,
  size: number,
  name: string,
  maxPixels: number,
): Promise<EncodedPicture | null> {
  let header
  try {
    header = readImageHeader(bytes)
  } catch {
    return null // the other way says what is wrong
  }
  const { format, width, height, colour } = header
  if (format !== 'jpeg' || colour === 'cmyk' || width * height < SMALL_PIXELS) return null
  requireSize(header, name, { maxPixels })
  try {
    const pipeline = sharp(bytes, {
      failOn: 'error',
      ignoreIcc: true,
      limitInputPixels: width * height,
      autoOrient: true,
    }).resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
    pipeline.timeout({ seconds: 10 })
    return await encode(pipeline.toColourspace('srgb'), size)
  } catch {
    return null
  }
}

async function encode(
  pipeline: ReturnType<typeof sharp>,
  size: number | null,
): Promise<EncodedPicture> {
  const isSmall = size !== null && size <= THUMBNAIL_SIDE
  const encoder = isSmall
    ? pipeline.webp({ quality: 82, effort: 2 })
    : pipeline.jpeg({ quality: 94, chromaSubsampling: '4:4:4' })
  const { data, info } = await encoder.toBuffer({ resolveWithObject: true })
  return {
    contentType: isSmall ? 'image/webp' : 'image/jpeg',
    bytes: data,
    width: info.width,
    height: info.height,
  }
}

/** Values 0..1, one a pixel, as grey: white is 1. */
export async function encodeFractions(
  values: Float32Array,
  width: number,
  height: number,
): Promise<EncodedPicture> {
  const data = Uint8Array.from(values, (value) => Math.round(255 * value))
  const bytes = await sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 4 })
    .toBuffer()
  return { contentType: 'image/png', bytes, width, height }
}
