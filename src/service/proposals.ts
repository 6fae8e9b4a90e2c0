import type { BoxXywh, Shape } from '../shared/dataset'
import {
  decodeRle,
  emptyMask,
  encodeMask,
  findComponents,
  paintComponent,
  rleBox,
} from '../shared/vision'
import type { RunItemDetail } from '../store'
import { removedMask } from './found-patches'

/** What a run took out of a picture, each connected part as a patch of its own. */
export function componentsOf(
  item: RunItemDetail,
): { readonly box: BoxXywh; readonly shape: Shape }[] {
  const rle = item.error === null ? removedMask(item) : null
  if (rle === null) return []
  const mask = decodeRle(rle)
  const components = findComponents(mask)
  return Array.from({ length: components.count }, (_, index) => {
    const part = emptyMask(mask.width, mask.height)
    paintComponent(components, index, part.bits)
    const own = encodeMask(part)
    return { box: rleBox(own), shape: { mask: own } }
  })
}
