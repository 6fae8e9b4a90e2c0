import type { ImportedCategory, ImportedObject, ImportedPatch } from '../../shared/dataset/records'

/** Patches are no object class: in formats that know nothing else they go by this name. */
const patchCategory = /^adversarial[ _-]patch$/i

export const isPatchCategory = ({ name }: ImportedCategory): boolean =>
  patchCategory.test(name.trim())

/**
 * An object of the patch category as what it is. Exports keep a patch's name and target as the attributes `patch` and
 * `target`. A score goes to the attributes, where patches keep what else is known.
 */
export function patchOf(object: ImportedObject): ImportedPatch {
  const { sourceId, box, shape, score } = object
  const { patch, target, ...others } = object.attributes
  const attributes = {
    ...others,
    // What is no name is no loss either: it stays an attribute.
    ...(isName(patch) || patch === undefined ? {} : { patch }),
    ...(isName(target) || target === undefined ? {} : { target }),
    ...(score === undefined ? {} : { score }),
  }
  return {
    sourceId,
    box,
    ...(shape ? { shape } : {}),
    name: isName(patch) ? patch : null,
    target: isName(target) ? target : null,
    attributes,
  }
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
