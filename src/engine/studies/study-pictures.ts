import { readHdf5Picture } from '../../datasets/reading/hdf5'
import type { FileSource, ImportedImage, ImportProblem } from '../../shared/dataset'
import { toErrorRecord } from '../../shared/errors'
import type { ImporterPlugin } from '../../shared/plugin'
import type { RgbImage } from '../../shared/vision/image'
import { decodeImageBytes } from '../images/decode-image'

export interface ListedImages {
  readonly images: readonly ImportedImage[]
  readonly problems: readonly ImportProblem[]
}

/**
 * All pictures that an importer finds, without their pixels.
 * @throws AppError where the importer refuses
 */
export async function listDatasetImages(
  source: FileSource,
  importer: ImporterPlugin,
  params: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<ListedImages> {
  const images: ImportedImage[] = []
  const problems: ImportProblem[] = []
  const checked = importer.params.parse(params)
  for await (const record of importer.read(source, checked)) {
    signal.throwIfAborted()
    if (record.kind === 'image') images.push(record.image)
    if (record.kind === 'problem') problems.push(record.problem)
  }
  return { images, problems }
}

/**
 * The pixels of one picture of a data set: a whole file, a tile of one, or a row of an HDF5 file.
 * @throws AppError the codes of decoding and of HDF5
 */
export async function readDatasetPicture(
  source: FileSource,
  { file, pixels }: Pick<ImportedImage, 'file' | 'pixels'>,
): Promise<RgbImage> {
  if (pixels?.kind === 'hdf5') {
    return readHdf5Picture(source, file, pixels.dataset, pixels.index)
  }
  const { image } = await decodeImageBytes(await source.read(file), file)
  return pixels === undefined ? image : crop(image, pixels)
}

interface Tile {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The part of the tile that lies in the picture. */
function crop(image: RgbImage, tile: Tile): RgbImage {
  const width = Math.min(tile.width, image.width - tile.x)
  const height = Math.min(tile.height, image.height - tile.y)
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    const from = 3 * ((tile.y + y) * image.width + tile.x)
    data.set(image.data.subarray(from, from + 3 * width), 3 * y * width)
  }
  return { data, width, height }
}

export interface VisitOptions {
  readonly signal: AbortSignal
  /** A picture that could not be read; the others go on. */
  readonly onFault: (file: string, error: ReturnType<typeof toErrorRecord>) => void
  readonly onProgress?: (done: number, total: number) => void
}

const batchSize = 16

/** Reads pictures in batches and hands each to `visit` with the pixels; those that cannot be read are left out. */
export async function visitPictures(
  source: FileSource,
  images: readonly ImportedImage[],
  visit: (images: readonly ImportedImage[], pixels: readonly RgbImage[]) => Promise<void>,
  { signal, onFault, onProgress }: VisitOptions,
): Promise<void> {
  for (let start = 0; start < images.length; start += batchSize) {
    signal.throwIfAborted()
    const read: { image: ImportedImage; pixels: RgbImage }[] = []
    for (const image of images.slice(start, start + batchSize)) {
      try {
        read.push({ image, pixels: await readDatasetPicture(source, image) })
      } catch (error) {
        onFault(image.file, toErrorRecord(error))
      }
    }
    if (read.length > 0) {
      await visit(
        read.map(({ image }) => image),
        read.map(({ pixels }) => pixels),
      )
    }
    onProgress?.(Math.min(images.length, start + batchSize), images.length)
  }
}

/** At most `most` of the items, spread evenly: sets are sorted by class, so their beginnings are one class. */
export function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!)
}
