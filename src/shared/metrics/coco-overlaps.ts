import { boxIouXywh } from '../vision/iou'
import { rleArea, rleBox } from '../vision/rle'
import { rleIou } from '../vision/rle-merge'
import type { CocoGroundTruth, CocoResult } from './coco-schema'
import { type Frames, named, readBox, resultMask, truthMask, type Xywh } from './coco-shapes'

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
 * else from its mask; the area of a ground truth is its `area` field (where that is missing, the area of its shape).
 */
export function measureWith(
  iouType: 'bbox' | 'segm',
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
): MeasureGroup {
  const frames = new Map(truth.images.map((image) => [image.id, image]))
  const areasFromBoxes = (results[0]?.bbox?.length ?? 0) > 0
  return iouType === 'bbox'
    ? measureBoxes(truth, results, frames, areasFromBoxes)
    : measureMasks(truth, results, frames, areasFromBoxes)
}

function measureBoxes(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  frames: Frames,
  areasFromBoxes: boolean,
): MeasureGroup {
  const boxes: Xywh[] = []
  const areas = new Float64Array(results.length)
  for (const [i, result] of results.entries()) {
    const hasOnlyMask = !areasFromBoxes && result.bbox === undefined && result.segmentation
    const mask = areasFromBoxes ? null : resultMask(result, i, frames)
    const box = hasOnlyMask && mask ? rleBox(mask) : readBox(result.bbox, `Result ${i}`)
    boxes.push(box)
    areas[i] = mask ? rleArea(mask) : box[2] * box[3]
  }
  const scratch = new Scratch()
  return (detections, truths) => {
    const measures = scratch.take(detections.length, truths.length)
    for (let i = 0; i < detections.length; i++) {
      measures.detectionAreas[i] = areas[detections[i]!]!
    }
    for (let j = 0; j < truths.length; j++) {
      const annotation = truth.annotations[truths[j]!]!
      const box = readBox(annotation.bbox, named(annotation))
      const isCrowd = Boolean(annotation.iscrowd)
      measures.truthAreas[j] = annotation.area ?? box[2] * box[3]
      for (let i = 0, at = j; i < detections.length; i++, at += truths.length) {
        measures.overlaps[at] = boxIouXywh(boxes[detections[i]!]!, box, isCrowd)
      }
    }
    return measures
  }
}

function measureMasks(
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
  frames: Frames,
  areasFromBoxes: boolean,
): MeasureGroup {
  const scratch = new Scratch()
  // Masks live only while their image is measured: those of a large set do not fit into memory at once.
  return (detections, truths) => {
    const measures = scratch.take(detections.length, truths.length)
    const masks = Array.from(detections, (d) => resultMask(results[d]!, d, frames))
    for (const [i, mask] of masks.entries()) {
      const position = detections[i]!
      const box = areasFromBoxes ? readBox(results[position]!.bbox, `Result ${position}`) : null
      measures.detectionAreas[i] = box ? box[2] * box[3] : rleArea(mask)
    }
    for (let j = 0; j < truths.length; j++) {
      const annotation = truth.annotations[truths[j]!]!
      const mask = truthMask(annotation, frames)
      const isCrowd = Boolean(annotation.iscrowd)
      measures.truthAreas[j] = annotation.area ?? rleArea(mask)
      for (const [i, detected] of masks.entries()) {
        measures.overlaps[i * truths.length + j] = rleIou(detected, mask, isCrowd)
      }
    }
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
