import type { Attributes, JsonValue } from '../../shared/dataset'
import { asObject } from './document'

/** What LabelMe can hold as the group of a shape. */
export function isHeldGroup(group: JsonValue | undefined): boolean {
  return typeof group === 'number' || (typeof group === 'string' && group !== '')
}

/** Whether all attributes of an object have a place in a shape. */
export function holdsAttributes(attributes: Attributes): boolean {
  return Object.entries(attributes).every(([key, value]) => {
    if (key === 'group_id') return isHeldGroup(value)
    if (key === 'description') return typeof value === 'string' && value !== ''
    return key === 'flags' && isFilled(value)
  })
}

export function isFilled(flags: JsonValue): boolean {
  return Object.keys(asObject(flags) ?? {}).length > 0
}
