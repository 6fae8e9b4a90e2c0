import type { Attributes, JsonValue } from '../../shared/dataset'
import { numberFromText } from '../reading/number-text'
import { childOf, childrenOf, childText, type XmlElement } from '../reading/xml'

export interface VocObject {
  readonly line: number
  readonly name: string
  /** xmin, ymin, xmax, ymax as written; null if there is no box of four numbers. They may be not finite. */
  readonly corners: readonly [number, number, number, number] | null
  readonly attributes: Attributes
}

export interface VocAnnotation {
  readonly folder: string
  readonly filename: string
  /** Null where the size is not stated in whole pixels. */
  readonly width: number | null
  readonly height: number | null
  readonly objects: readonly VocObject[]
}

/** Null if the document is no VOC annotation. */
export function vocAnnotation(root: XmlElement): VocAnnotation | null {
  if (root.name !== 'annotation') return null
  const size = childOf(root, 'size')
  const side = (name: string) => {
    const value = numberFromText((size && childText(size, name)) ?? '')
    return value !== null && Number.isSafeInteger(value) && value > 0 ? value : null
  }
  return {
    folder: childText(root, 'folder') ?? '',
    filename: childText(root, 'filename') ?? '',
    width: side('width'),
    height: side('height'),
    objects: childrenOf(root, 'object').map(vocObject),
  }
}

function vocObject(element: XmlElement): VocObject {
  // Only the object's own box counts: parts of the object have boxes too.
  const box = childOf(element, 'bndbox')
  const corners = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) =>
    numberFromText((box && childText(box, name)) ?? ''),
  )
  const [xmin = null, ymin = null, xmax = null, ymax = null] = corners
  const isBox = xmin !== null && ymin !== null && xmax !== null && ymax !== null
  return {
    line: element.line,
    name: childText(element, 'name') ?? '',
    corners: isBox ? [xmin, ymin, xmax, ymax] : null,
    attributes: attributesOf(element),
  }
}

/** Flags that are set, and a pose that is told. */
function attributesOf(element: XmlElement): Attributes {
  const attributes: Record<string, JsonValue> = {}
  for (const flag of vocFlags) {
    if (childText(element, flag) === '1') attributes[flag] = true
  }
  const pose = childText(element, 'pose') ?? ''
  if (pose !== '' && pose !== unspecified) attributes['pose'] = pose
  return attributes
}

export const vocFlags = ['truncated', 'occluded', 'difficult'] as const
export const unspecified = 'Unspecified'
