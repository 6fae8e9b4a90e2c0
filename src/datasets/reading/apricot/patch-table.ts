import type { Attributes, ImportProblem, JsonValue } from '../../../shared/dataset'
import { warning } from '../problems'
import { isObject, type JsonObject } from '../json-fields'
import { wholeId } from './json-fields'

/** What the file says of one of the printed patches. */
export interface PatchEntry {
  readonly name: string | null
  /** Name of the class that it wants detectors to report. */
  readonly target: string | null
  readonly attributes: Attributes
}

/** COCO ids of the ten targets, in the order of the numbers in patch names. */
const targets: ReadonlyMap<number, string> = new Map([
  [53, 'apple'],
  [27, 'backpack'],
  [44, 'bottle'],
  [17, 'cat'],
  [85, 'clock'],
  [73, 'laptop'],
  [78, 'microwave'],
  [1, 'person'],
  [64, 'potted plant'],
  [33, 'suitcase'],
])

/** The patches by id. Targets counted from zero, as one toolkit writes them, are put right (W_TARGET_ZERO_BASED). */
export function readPatchTable(
  document: JsonObject,
  categoryNames: ReadonlyMap<string, string>,
  file: string,
  report: (problem: ImportProblem) => void,
): ReadonlyMap<string, PatchEntry> {
  const patches = listOf(document['patches'])
  const models = new Map(
    listOf(document['models']).map((model) => [wholeId(model['id'])?.toString(), model]),
  )
  const shift = isZeroBased(patches) ? 1 : 0
  if (shift === 1) {
    const message = 'The targets of the patches are COCO ids lowered by one; one was added to each.'
    report(warning({ file }, 'W_TARGET_ZERO_BASED', message))
  }
  const table = new Map<string, PatchEntry>()
  for (const patch of patches) {
    const id = wholeId(patch['id'])
    if (id === null) continue
    const given = wholeId(patch['adv_target'])
    const targetId = given === null ? null : given + shift
    const model = models.get(wholeId(patch['adv_model'])?.toString())
    table.set(String(id), {
      name: textOrNull(patch['name']),
      target:
        targetId === null
          ? null
          : (categoryNames.get(`${targetId}`) ?? targets.get(targetId) ?? null),
      attributes: {
        patch_id: id,
        ...(targetId === null ? {} : { target_category_id: targetId }),
        ...(model ? describeModel(model) : {}),
        ...(typeof patch['is_circle'] === 'boolean' ? { is_circle: patch['is_circle'] } : {}),
        ...(typeof patch['is_square'] === 'boolean' ? { is_square: patch['is_square'] } : {}),
      },
    })
  }
  return table
}

function isZeroBased(patches: readonly JsonObject[]): boolean {
  const ids = patches.map((patch) => wholeId(patch['adv_target'])).filter((id) => id !== null)
  // No target is another one lowered by one, so one look is enough.
  return ids.includes(0) || (ids.length > 0 && ids.every((id) => targets.has(id + 1)))
}

function describeModel(model: JsonObject): Attributes {
  const name = textOrNull(model['model'])
  const classifier = textOrNull(model['classifier'])
  return {
    ...(name === null ? {} : { model: name }),
    ...(classifier === null ? {} : { classifier }),
  }
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
