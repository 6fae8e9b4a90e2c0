import type { BoxXywh, ImportedObject, ImportProblem, JsonValue } from '../../shared/dataset'
import { AppError } from '../../shared/errors'
import { type Rle, rleArea, rleBox, rleUnion } from '../../shared/vision'
import { boxWarnings } from '../reading/box-checks'
import { checkBox, checkRing } from '../reading/box-field'
import { finiteOf, idOf, isObject, type JsonObject, otherFields } from '../reading/json-fields'
import { boundsOf, outlinedObject } from '../reading/outlines'
import { type Place, skipBecause, skipRecord, warning } from '../reading/problems'
import { readRle } from '../reading/rle-field'

interface Frame {
  readonly width: number
  readonly height: number
}

/** What is known of one object so far: its annotations come one after the other, tied by their group. */
interface Draft {
  readonly annotation: JsonObject
  readonly label: number
  box: BoxXywh | null
  polygons: (readonly number[])[]
  mask: Rle | null
}

/**
 * The objects of one item. Equal `group` numbers above 0 are one object; its first annotation gives class and attributes.
 * @param keys `sourceId` of the category of each `label_id`
 */
export function readObjects(
  annotations: readonly JsonValue[],
  keys: readonly string[],
  frame: Frame | null,
  place: Place,
): { readonly objects: readonly ImportedObject[]; readonly problems: readonly ImportProblem[] } {
  const drafts = new Map<string, Draft>()
  const problems: ImportProblem[] = []
  for (const [index, annotation] of annotations.entries()) {
    if (!isObject(annotation)) {
      problems.push(skipRecord(place, 'W_FIELD_TYPE', `Annotation ${index} is no object.`))
      continue
    }
    if (annotation['type'] === 'label') continue
    const label = annotation['label_id']
    if (typeof label !== 'number' || keys[label] === undefined) {
      const message = `Annotation ${index} has the label ${JSON.stringify(label)}, none of the ${keys.length} classes.`
      problems.push(skipRecord(place, 'E_ANN_CATEGORY_UNKNOWN', message))
      continue
    }
    const group = finiteOf(annotation['group']) ?? 0
    const key = group > 0 ? `group ${group}` : `annotation ${index}`
    const draft = drafts.get(key) ?? { annotation, label, box: null, polygons: [], mask: null }
    const problem = addPart(draft, annotation, frame, place)
    if (problem) {
      problems.push(problem)
      continue
    }
    drafts.set(key, draft)
    if (draft.label !== label) {
      const message = `Group ${group} has more than one label; its first was taken.`
      problems.push(warning(place, 'W_FIELD_TYPE', message))
    }
  }
  const objects = [...drafts.values()].map((draft) => objectOf(draft, keys, frame))
  problems.push(...objects.flatMap(({ box }) => boxWarnings(box, frame, place)))
  return { objects, problems }
}

/** Adds an annotation to the object that it belongs to, or answers why it cannot be. */
function addPart(draft: Draft, annotation: JsonObject, frame: Frame | null, place: Place) {
  const { type } = annotation
  if (type === 'bbox') {
    const checked = checkBox(annotation['bbox'], place)
    if (!checked.ok) return checked.problem
    draft.box = draft.box ? unionOf(draft.box, checked.box) : checked.box
  } else if (type === 'polygon') {
    const points = checkRing(annotation['points'])
    if (points === null) {
      const message = 'A polygon must be a list of three points or more, x and y in turn.'
      return skipRecord(place, 'E_POLYGON_MALFORMED', message)
    }
    draft.polygons.push(points)
  } else if (type === 'mask') {
    try {
      const mask = readRle(annotation['rle'], frame)
      draft.mask = draft.mask ? rleUnion(draft.mask, mask) : mask
    } catch (error) {
      if (error instanceof AppError) return skipBecause('skip-record', place, error)
      throw error
    }
  } else {
    const message = `Annotations of the type ${JSON.stringify(type)} are no boxes, polygons or masks.`
    return skipRecord(place, 'W_FIELD_TYPE', message)
  }
  return null
}

function objectOf(draft: Draft, keys: readonly string[], frame: Frame | null): ImportedObject {
  const { annotation, label, polygons, mask } = draft
  const attributes = annotation['attributes']
  const fields = isObject(attributes) ? attributes : {}
  const box = draft.box ?? (mask ? rleBox(mask) : boundsOf(polygons))
  const shape = { ...(polygons.length > 0 && { polygons }), ...(mask && { mask }) }
  const hasShape = polygons.length > 0 || mask !== null
  const drawn = polygons.length > 0 ? outlinedObject(polygons, frame).area : box[2] * box[3]
  const score = finiteOf(fields['score'])
  return {
    sourceId: idOf(annotation['id']) ?? null,
    categoryId: keys[label] ?? '',
    box,
    ...(hasShape && { shape }),
    area: mask ? rleArea(mask) : drawn,
    isCrowd: fields['is_crowd'] === true || fields['is_crowd'] === 1,
    ...(score !== undefined && { score }),
    attributes: {
      ...otherFields(fields, ['is_crowd', 'score']),
      ...(annotation['z_order'] ? otherFields({ z_order: annotation['z_order'] }, []) : {}),
    },
  }
}

function unionOf(a: BoxXywh, b: BoxXywh): BoxXywh {
  const [left, top] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])]
  const right = Math.max(a[0] + a[2], b[0] + b[2])
  return [left, top, right - left, Math.max(a[1] + a[3], b[1] + b[3]) - top]
}
