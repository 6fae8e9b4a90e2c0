import type {
  Attributes,
  BoxXywh,
  ImportedCategory,
  ImportedImage,
  ImportedObject,
  ImportedPatch,
  ImportProblem,
  JsonValue,
} from '../../../shared/dataset'
import { AppError } from '../../../shared/errors'
import type { Rle } from '../../../shared/vision/rle'
import { skipBecause, skipRecord, warning, type Place } from '../problems'
import { isObject, type JsonObject } from '../json-fields'
import { readBox } from '../box-field'
import { readRleIfThere } from '../rle-field'
import { shown } from '../show-value'
import { wholeId } from './json-fields'
import type { PatchEntry } from './patch-table'

export interface AnnotationContext {
  readonly place: Place
  /** Null if its image is not in the file. */
  readonly image: ImportedImage | null
  readonly isPatch: boolean
  /** Whether another annotation of this file has its id. */
  readonly isRepeated: boolean
  readonly categories: ReadonlyMap<string, ImportedCategory>
  readonly patches: ReadonlyMap<string, PatchEntry>
  readonly report: (problem: ImportProblem) => void
}

type ReadAnnotation =
  | { readonly kind: 'object'; readonly object: ImportedObject }
  | { readonly kind: 'patch'; readonly patch: ImportedPatch }

/** One annotation, or null if it is left out (and reported). */
export function readAnnotation(
  entry: JsonObject,
  context: AnnotationContext,
): ReadAnnotation | null {
  const { place, image, report, isPatch, categories } = context
  const skip = (code: string, message: string) => {
    report(skipRecord(place, code, message))
    return null
  }
  if (image === null) {
    const given = shown(entry['image_id'])
    return skip(
      'E_ANN_IMAGE_UNKNOWN',
      `An annotation belongs to image ${given}, which is not listed.`,
    )
  }
  const categoryId = wholeId(entry['category_id'])
  if (!isPatch && !categories.has(`${categoryId}`)) {
    const given = shown(entry['category_id'])
    return skip(
      'E_ANN_CATEGORY_UNKNOWN',
      `An annotation has category ${given}, which is not listed.`,
    )
  }
  let box: BoxXywh
  let mask: Rle | undefined
  try {
    const { width, height } = image
    box = readBox(entry['bbox'])
    mask = readRleIfThere(
      entry['segmentation'],
      width === null || height === null ? null : { width, height },
    )
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    report(skipBecause('skip-record', place, error))
    return null
  }
  warnOfId(entry, context)
  warnOfBox(box, image, context)
  const sourceId = wholeId(entry['id'])?.toString() ?? null
  const shape = mask === undefined ? {} : { shape: { mask } }
  if (isPatch)
    return { kind: 'patch', patch: { ...patchOf(entry, context), sourceId, box, ...shape } }
  const area = entry['area']
  return {
    kind: 'object',
    object: {
      sourceId,
      categoryId: `${categoryId}`,
      box,
      ...shape,
      area: typeof area === 'number' && area >= 0 && area < Infinity ? area : box[2] * box[3],
      isCrowd: entry['iscrowd'] === 1 || entry['iscrowd'] === true,
      attributes: {},
    },
  }
}

function warnOfId(entry: JsonObject, { place, report, isRepeated }: AnnotationContext): void {
  if (entry['id'] === 0) {
    const message = 'An annotation has the id 0, which the reference evaluation takes for none.'
    report(warning(place, 'W_ANN_ID_ZERO', message))
  }
  if (!isRepeated) return
  const message = `Two annotations have the id ${shown(entry['id'])}; both were kept.`
  report(warning(place, 'W_DUPLICATE_ANN_ID', message))
}

function warnOfBox(
  [x, y, width, height]: BoxXywh,
  image: ImportedImage,
  { place, report }: AnnotationContext,
): void {
  const box = `[${x}, ${y}, ${width}, ${height}]`
  if (width === 0 || height === 0) {
    report(warning(place, 'W_BBOX_EMPTY', `The box ${box} is empty; it was kept.`))
  }
  if (image.width === null || image.height === null) return
  if (x >= 0 && y >= 0 && x + width <= image.width && y + height <= image.height) return
  const message = `The box ${box} leaves its picture of ${image.width}x${image.height}; it was kept as given.`
  report(warning(place, 'W_BBOX_OUTSIDE_IMAGE', message))
}

function patchOf(
  entry: JsonObject,
  { place, patches, report }: AnnotationContext,
): Pick<ImportedPatch, 'name' | 'target' | 'attributes'> {
  const id = wholeId(entry['patch_id'])
  const known = id === null ? undefined : patches.get(`${id}`)
  if (!known) {
    const message = `The patch ${shown(entry['patch_id'])} is not in the list of patches; its target is not known.`
    report(warning(place, 'W_PATCH_UNKNOWN', message))
  }
  const attributes: Attributes = {
    ...(id === null ? {} : { patch_id: id }),
    ...known?.attributes,
    ...readView(entry, place, report),
  }
  return { name: known?.name ?? null, target: known?.target ?? null, attributes }
}

/** How the patch was seen: `angle`, one number 0…2 from each of three annotators (-1: not told), and `is_warped`. */
function readView(
  { angle, is_warped: warped }: JsonObject,
  place: Place,
  report: (problem: ImportProblem) => void,
): Attributes {
  const wrong: string[] = []
  const view: Record<string, JsonValue> = {}
  if (isAngle(angle)) view['angle'] = angle
  else if (angle !== undefined) {
    wrong.push(`angle is ${shown(angle)}, not three whole numbers from 0 to 2`)
  }
  if (typeof warped === 'boolean') view['is_warped'] = warped
  else if (warped !== undefined) wrong.push(`is_warped is ${shown(warped)}, not true or false`)
  if (wrong.length > 0) {
    report(warning(place, 'W_FIELD_TYPE', `${wrong.join(' and ')}; the box was kept without it.`))
  }
  return view
}

function isAngle(value: JsonValue | undefined): value is readonly number[] {
  if (isObject(value) || !Array.isArray(value) || value.length !== 3) return false
  return value.every((one) => one === -1 || one === 0 || one === 1 || one === 2)
}
