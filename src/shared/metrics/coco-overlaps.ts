import { AppError } from '../errors'
import { boxIouXywh } from '../vision/iou'
import { boxToRle, polygonsToRle } from '../vision/polygon'
import { type Rle, rleArea, rleBox } from '../vision/rle'
import { rleIou } from '../vision/rle-merge'
import { type FrameSize, rleFromCounts, rleFromText } from '../vision/rle-text'
import type { CocoAnnotation, CocoGroundTruth, CocoResult, CocoSegmentation } from './coco-schema'

type Xywh = readonly [x: number, y: number, width: number, height: number]

/** What matching needs to know of one image and category; entry `d * truths + g` of `overlaps` is detection d, truth g. */
export interface GroupMeasures {
  readonly overlaps: Float64Array
  readonly detectionAreas: Float64Array
  readonly truthAreas: Float64Array
}

/** Measures the records at these positions of the files. The arrays are reused by the next call. */
export type MeasureGroup = (detections: Uint32Array, truths: Uint32Array) => GroupMeasures

/**
 * Overlaps and areas as the reference takes them: the area of a detection comes from its box if the first result has one,
 * else from its mask; the area of a ground truth is its `area` field.
 */
export function measureWith(
  iouType: 'bbox' | 'segm',
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
): MeasureGroup {
  const frames = new Map(truth.images.map((image) => [image.id, image]))
  const fromBoxes = (results[0]?.bbox?.length ?? 0) > 0
  const maskOf = (i: number) => resultMask(results[i]!, i, frames)

  const detectionBox = (i: number): Xywh => {
    const { bbox, segmentation } = results[i]!
    return !fromBoxes && segmentation && bbox === undefined
      ? rleBox(maskOf(i))
      : readBox(bbox, `Result ${i}`)
  }
  const detectionArea = (i: number, mask?: Rle) => {
    if (!fromBoxes) return rleArea(mask ?? maskOf(i))
    const [, , width, height] = readBox(results[i]!.bbox, `Result ${i}`)
    return width * height
  }
  const annotation = (i: number) => truth.annotations[i]!
  const scratch = new Scratch()

  if (iouType === 'bbox') {
    return (detections, truths) => {
      const measures = scratch.take(detections.length, truths.length)
      const truthBoxes = Array.from(truths, (g) =>
        readBox(annotation(g).bbox, named(annotation(g))),
      )
      const detectionBoxes = Array.from(detections, detectionBox)
      detections.forEach((d, i) => (measures.detectionAreas[i] = detectionArea(d)))
      truthBoxes.forEach(([, , width, height], j) => {
        const { area, iscrowd } = annotation(truths[j]!)
        measures.truthAreas[j] = area ?? width * height
        const isCrowd = Boolean(iscrowd)
        for (let i = 0, at = j; i < detectionBoxes.length; i++, at += truths.length) {
          measures.overlaps[at] = boxIouXywh(detectionBoxes[i]!, truthBoxes[j]!, isCrowd)
        }
      })
      return measures
    }
  }
  return (detections, truths) => {
    const measures = scratch.take(detections.length, truths.length)
    const detectionMasks = Array.from(detections, maskOf)
    detections.forEach((d, i) => {
      measures.detectionAreas[i] = detectionArea(d, detectionMasks[i])
    })
    truths.forEach((g, j) => {
      const { area, iscrowd } = annotation(g)
      const mask = truthMask(annotation(g), frames)
      measures.truthAreas[j] = area ?? rleArea(mask)
      const isCrowd = Boolean(iscrowd)
      detectionMasks.forEach((detected, i) => {
        measures.overlaps[i * truths.length + j] = rleIou(detected, mask, isCrowd)
      })
    })
    return measures
  }
}

class Scratch {
  #measures: GroupMeasures = {
    overlaps: new Float64Array(0),
    detectionAreas: new Float64Array(0),
    truthAreas: new Float64Array(0),
  }

  take(detections: number, truths: number): GroupMeasures {
    const { overlaps, detectionAreas, truthAreas } = this.#measures
    this.#measures = {
      overlaps: atLeast(overlaps, detections * truths),
      detectionAreas: atLeast(detectionAreas, detections),
      truthAreas: atLeast(truthAreas, truths),
    }
    return this.#measures
  }
}

function atLeast(array: Float64Array, length: number): Float64Array {
  return array.length >= length ? array : new Float64Array(2 * length)
}

type Frame = CocoGroundTruth['images'][number]
type Frames = ReadonlyMap<number, Frame>

function resultMask(result: CocoResult, index: number, frames: Frames): Rle {
  const frame = frames.get(result.image_id)
  const who = `Result ${index}`
  if (result.segmentation) return readMask(result.segmentation, frame, who)
  return boxToRle(readBox(result.bbox, who), knownSize(frame, who))
}

function truthMask(annotation: CocoAnnotation, frames: Frames): Rle {
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

function readBox(box: readonly number[] | undefined, who: string): Xywh {
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

function named({ id }: CocoAnnotation): string {
  return `Ground-truth object ${id}`
}
