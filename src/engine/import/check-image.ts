import { hash } from 'node:crypto'
import type { ImportedImage, ImportProblem, PixelReference } from '../../shared/dataset/records'
import { showPath } from '../../shared/image-errors'
import type { CheckedFile, FileContents } from './check-picture'
import type { CheckedImage } from './checked-records'
import { frameOf } from './frame'
import { problemOf, warningProblem } from './problem'
import type { Turn } from './turn'

/** What became of one image of the importer. */
export interface ImageAnswer {
  readonly imageId: string
  /** Whether the importer knew a size to hold its boxes to. */
  readonly sizeStated: boolean
  /** Null if the image is left out. */
  readonly image: CheckedImage | null
  /** How its objects are brought into upright pixels. */
  readonly turn: Turn
  readonly problems: readonly ImportProblem[]
}

const asGiven: Turn = { orientation: 1, width: 0, height: 0 }

/** Puts together what an importer says of an image and what was found in its file. */
export function checkImage(image: ImportedImage, file: CheckedFile): ImageAnswer {
  const sizeStated = statedSize(image) !== null
  return { imageId: image.sourceId, sizeStated, ...answer(image, file) }
}

type Answer = Omit<ImageAnswer, 'imageId' | 'sizeStated'>

function answer(image: ImportedImage, file: CheckedFile): Answer {
  if (file.kind === 'fault') {
    return { image: null, turn: asGiven, problems: [problemOf(file.error, image.file)] }
  }
  if (file.kind === 'missing') {
    const message = `There is no file ${showPath(image.file)}; its record was kept, marked as missing.`
    const problem = warningProblem({ code: 'W_IMAGE_FILE_MISSING', message }, image.file)
    const missing = { ...image, contents: null, contentId: null }
    return { image: missing, turn: asGiven, problems: [problem] }
  }
  const { contents } = file
  const warn = (warning: { code: string; message: string }) => warningProblem(warning, image.file)
  const problems = file.warnings
    .filter(({ code }) => code !== 'W_EXIF_ORIENTATION') // told below, with what it means for boxes
    .map(warn)
  if (contents.stored === null) return { ...found(image, contents), turn: asGiven, problems }
  if (image.pixels?.kind === 'tile') return checkTile(image, contents, image.pixels, problems)
  const { upright, turn, warnings } = frameOf(
    image.file,
    statedSize(image),
    contents.stored,
    contents.orientation,
  )
  problems.push(...warnings.map(warn))
  return { ...found({ ...image, ...upright }, contents), turn, problems }
}

function statedSize({ width, height }: ImportedImage) {
  return width === null || height === null ? null : { width, height }
}

type Tile = Extract<PixelReference, { kind: 'tile' }>

/** A tile is cut from the upright picture, and its objects are given in the tile. */
function checkTile(
  image: ImportedImage,
  contents: FileContents,
  tile: Tile,
  problems: ImportProblem[],
): Answer {
  const { upright } = frameOf(image.file, null, contents.stored ?? tile, contents.orientation)
  const fits =
    tile.x >= 0 &&
    tile.y >= 0 &&
    tile.width >= 1 &&
    tile.height >= 1 &&
    tile.x + tile.width <= upright.width &&
    tile.y + tile.height <= upright.height
  if (fits) {
    const { width, height } = tile
    return { ...found({ ...image, width, height }, contents), turn: asGiven, problems }
  }
  const message =
    `${showPath(image.file)} is ${upright.width}x${upright.height} pixels and does not hold the tile of ` +
    `${tile.width}x${tile.height} at ${tile.x}, ${tile.y}; the whole picture was taken.`
  problems.push(warningProblem({ code: 'W_IMAGE_SIZE_MISMATCH', message }, image.file))
  const whole: ImportedImage & { pixels?: PixelReference } = { ...image, ...upright }
  delete whole.pixels
  return { ...found(whole, contents), turn: asGiven, problems }
}

function found(image: ImportedImage, contents: FileContents): { image: CheckedImage } {
  return { image: { ...image, contents, contentId: contentIdOf(contents.sha256, image.pixels) } }
}

/** 64 hexadecimal digits that stand for the pixels of a whole file, or of a tile or row of it. */
export function contentIdOf(sha256: string, pixels: PixelReference | undefined): string {
  if (pixels === undefined) return sha256
  const part =
    pixels.kind === 'hdf5'
      ? `hdf5 ${pixels.dataset} ${pixels.index}`
      : `tile ${pixels.x} ${pixels.y} ${pixels.width} ${pixels.height}`
  return hash('sha256', `${sha256} ${part}`)
}
