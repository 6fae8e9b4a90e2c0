import { boxIouXywh } from '../vision/iou'
import { type CocoEvaluation, evaluateCoco } from './coco-evaluation'
import type { CocoAnnotation, CocoGroundTruth, CocoResult } from './coco-schema'
import { named, readBox } from './coco-shapes'
import type { PatchMark } from './patch-marks'

export interface AttackedEvaluation {
  /** Images with a patch; only these are looked at. */
  readonly images: number
  /** Objects that a patch touches, and the others in the same images. Crowds are in neither. */
  readonly attacked: number
  readonly spared: number
  readonly evaluation: CocoEvaluation
}

/**
 * COCO scores of the objects that a patch touches (their boxes meet), in the images that have a patch. The other objects
 * there are left out as crowds are: to find one is neither right nor wrong. Other detections in these images count as false.
 * @throws AppError as `evaluateCoco`
 */
export function evaluateAttacked(
  truth: CocoGroundTruth,
  patches: readonly PatchMark[],
  results: readonly CocoResult[],
  iouType: 'bbox' | 'segm',
): AttackedEvaluation {
  const byImage = new Map<number, PatchMark[]>()
  for (const patch of patches) {
    const list = byImage.get(patch.imageId) ?? []
    if (list.length === 0) byImage.set(patch.imageId, list)
    list.push(patch)
  }
  const isTouched = (annotation: CocoAnnotation): boolean => {
    const box = readBox(annotation.bbox, named(annotation))
    const own = byImage.get(annotation.image_id) ?? []
    return own.some((patch) => boxIouXywh(patch.box, box, false) > 0)
  }
  const images = truth.images.filter(({ id }) => byImage.has(id))
  const annotations = truth.annotations.filter(({ image_id }) => byImage.has(image_id))
  const objects = annotations.filter(({ iscrowd }) => !iscrowd)
  const attacked = objects.filter(isTouched).length
  const evaluation = evaluateCoco(
    { ...truth, images, annotations },
    results.filter(({ image_id }) => byImage.has(image_id)),
    { iouType, isLeftOut: (annotation) => !isTouched(annotation) },
  )
  return { images: images.length, attacked, spared: objects.length - attacked, evaluation }
}
