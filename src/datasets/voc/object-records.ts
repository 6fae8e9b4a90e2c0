import type { BoxXywh, ImportedImage, ImportRecord } from '../../shared/dataset'
import { rleArea, rleBox } from '../../shared/vision/rle'
import { boxWarnings } from '../reading/box-checks'
import type { NamedClasses } from '../reading/labels-list'
import { problemRecord, skipRecord, warning } from '../reading/problems'
import type { VocAnnotation, VocObject } from './annotation'
import { type BoxConvention, boxOfCorners } from './box-convention'
import type { ClassPart } from './class-masks'
import type { ObjectMasks } from './segmentation'

interface Context {
  readonly file: string
  readonly image: ImportedImage
  readonly annotation: VocAnnotation
  readonly convention: BoxConvention
  readonly classes: NamedClasses
  readonly masks: ObjectMasks | null
}

export function* objectRecords(context: Context): Generator<ImportRecord> {
  const { file, image, annotation, convention, classes, masks } = context
  const { width, height } = image
  const frame = width === null || height === null ? null : { width, height }
  for (const [record, object] of annotation.objects.entries()) {
    const place = { file, line: object.line, record }
    const box = usableBox(object, convention)
    if ('code' in box) {
      yield problemRecord(skipRecord(place, box.code, box.message))
      continue
    }
    if (object.corners?.some((corner) => !Number.isInteger(corner)) === true) {
      const message = `The corners ${object.corners.join(', ')} are not whole pixels; they are kept as they are.`
      yield problemRecord(warning(place, 'W_VOC_FRACTIONAL', message))
    }
    for (const found of boxWarnings(box.box, frame, place)) yield problemRecord(found)
    yield* classes.use(object.name)
    const mask = masks?.maskOf(record) ?? null
    yield {
      kind: 'object',
      imageId: image.sourceId,
      object: {
        sourceId: null,
        categoryId: object.name,
        box: box.box,
        ...(mask === null ? {} : { shape: { mask } }),
        area: mask === null ? box.box[2] * box.box[3] : rleArea(mask),
        isCrowd: false,
        attributes: object.attributes,
      },
    }
  }
}

/** Objects of a picture of classes that the annotation does not list. */
export function* partRecords(
  imageId: string,
  parts: readonly ClassPart[],
  classes: NamedClasses,
): Generator<ImportRecord> {
  for (const { className, mask } of parts) {
    yield* classes.use(className)
    yield {
      kind: 'object',
      imageId,
      object: {
        sourceId: null,
        categoryId: className,
        box: rleBox(mask),
        shape: { mask },
        area: rleArea(mask),
        isCrowd: false,
        attributes: {},
      },
    }
  }
}

/** Sizes and areas of corners up to here are finite. */
const largest = 1e9

/** The box of an object, or why it cannot be used. */
export function usableBox(
  { name, corners }: VocObject,
  convention: BoxConvention,
): { readonly box: BoxXywh } | { readonly code: string; readonly message: string } {
  if (corners === null) {
    return { code: 'E_BBOX_MALFORMED', message: 'The object has no box with four numbers.' }
  }
  const text = corners.join(', ')
  if (!corners.every(Number.isFinite)) {
    return { code: 'E_BBOX_NOT_FINITE', message: `The corners ${text} are not all finite.` }
  }
  const box = boxOfCorners(corners, convention)
  if (corners[2] < corners[0] || corners[3] < corners[1]) {
    return {
      code: 'E_BBOX_NEGATIVE_SIZE',
      message: `The corners ${text} are in the wrong order: a maximum lies before its minimum.`,
    }
  }
  if (corners.some((corner) => Math.abs(corner) > largest)) {
    const message = `The corners ${text} are further away than any picture is wide.`
    return { code: 'E_BBOX_MALFORMED', message }
  }
  if (name === '') {
    return { code: 'E_ANN_CATEGORY_UNKNOWN', message: 'The object has no name.' }
  }
  return { box }
}
