import { AppError } from '../errors'
import { boxToRle, polygonsToRle } from '../vision/polygon'
import type { Rle } from '../vision/rle'
import { type FrameSize, rleFromCounts, rleFromText } from '../vision/rle-text'
import type { CocoAnnotation, CocoGroundTruth, CocoResult, CocoSegmentation } from './coco-schema'

export type Xywh = readonly [x: number, y: number, width: number, height: number]

type Frame = CocoGroundTruth['images'][number]
/** Images by id: masks are drawn into them. */
export type Frames = ReadonlyMap<number, Frame>

/** The mask of a result; its box stands in where it has none. Throws as `evaluateCoco`. */
export function resultMask(result: CocoResult, index: number, frames: Frames): Rle {
  const frame = frames.get(result.image_id)
  const who = `Result ${index}`
  if (result.segmentation) return readMask(result.segmentation, frame, who)
  return boxToRle(readBox(result.bbox, who), knownSize(frame, who))
}

/** @throws AppError E_POLYGON_MALFORMED where there is none, and as `evaluateCoco` */
export function truthMask(annotation: CocoAnnotation, frames: Frames): Rle {
  const who = named(annotation)
  const { segmentation } = annotation
  if (!segmentation || (Array.isArray(segmentation) && segmentation.length === 0)) {
    throw new AppError(
      'E_POLYGON_MALFORMED',
      `${who} has no segmentation`,
      'Masks can be evaluated only where every object has one: evaluate boxes instead (--iou-type bbox).',
    )
  }
  return readMask(segmentation, frames.get(annotation.image_id), who)
}

function readMask(segmentation: CocoSegmentation, frame: Frame | undefined, who: string): Rle {
  if ('size' in segmentation) {
    const [height, width] = segmentation.size
    const { counts } = segmentation
    const differs =
      (frame?.width !== undefined && frame.width !== width) ||
      (frame?.height !== undefined && frame.height !== height)
    if (differs) {
      throw new AppError(
        'E_RLE_SIZE_MISMATCH',
        `${who} has a mask of ${height}x${width}, but its image has ${frame.height ?? '?'}x${frame.width ?? '?'} (height x width)`,
        'The size of a mask is [height, width] of its image.',
      )
    }
    return typeof counts === 'string'
      ? rleFromText(counts, { height, width })
      : rleFromCounts(counts, { height, width })
  }
  const size = knownSize(frame, who)
  // The reference takes lists of four numbers for boxes, judging by the first.
  if (segmentation[0]?.length !== 4) return polygonsToRle(segmentation, size)
  return polygonsToRle(
    segmentation.map((box) => boxCorners(readBox(box, who))),
    size,
  )
}

function boxCorners([x, y, width, height]: Xywh): number[] {
  return [x, y, x, y + height, x + width, y + height, x + width, y]
}

function knownSize(frame: Frame | undefined, who: string): FrameSize {
  const { width, height } = frame ?? {}
  if (width !== undefined && height !== undefined) return { width, height }
  throw new AppError(
    'E_COCO_MALFORMED',
    `${who} belongs to an image without width and height`,
    'Masks are drawn into the image: add width and height to the record in "images".',
  )
}

/** @throws AppError E_BBOX_MALFORMED */
export function readBox(box: readonly number[] | undefined, who: string): Xywh {
  const [x, y, width, height] = box ?? []
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    throw new AppError(
      'E_BBOX_MALFORMED',
      `${who} has no box of four numbers`,
      'Boxes are x, y, width, height in pixels. If the first result has a box, all need one.',
    )
  }
  return [x, y, width, height]
}

export function named({ id }: CocoAnnotation): string {
  return `Ground-truth object ${id}`
}
