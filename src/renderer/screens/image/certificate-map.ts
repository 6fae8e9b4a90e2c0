import { emptyMask, type Mask } from '../../../shared/vision/mask'
import type { Certificate } from './certificate-words'

interface Map {
  /** Along which the patch was moved. */
  readonly axis: 'x' | 'y'
  /** Side of the patch, pixels of the picture. */
  readonly patch: number
  /** First and last place of its near edge at which it could still change the class. */
  readonly vulnerable: readonly (readonly [first: number, last: number])[]
}

/**
 * The pixels that a patch covers at some place where it could still change the class, inside the box that the certificate is
 * about. Null where the certificate has no map; an empty mask where nothing is vulnerable.
 */
export function vulnerableMask(
  { details, box }: Pick<Certificate, 'details' | 'box'>,
  frame: { readonly width: number; readonly height: number },
): Mask | null {
  const map = readMap(details['map'])
  if (!map) return null
  const mask = emptyMask(frame.width, frame.height)
  const [left, top, right, bottom] = (box ?? [0, 0, frame.width, frame.height]).map(Math.round)
  const [x1, y1] = [Math.max(0, left ?? 0), Math.max(0, top ?? 0)]
  const [x2, y2] = [Math.min(frame.width, right ?? 0), Math.min(frame.height, bottom ?? 0)]
  for (const [first, last] of map.vulnerable) {
    const [from, to] = [Math.floor(first), Math.ceil(last + map.patch)]
    const fromX = map.axis === 'x' ? Math.max(x1, from) : x1
    const toX = map.axis === 'x' ? Math.min(x2, to) : x2
    const fromY = map.axis === 'y' ? Math.max(y1, from) : y1
    const toY = map.axis === 'y' ? Math.min(y2, to) : y2
    if (fromX >= toX) continue
    for (let y = fromY; y < toY; y++)
      mask.bits.fill(1, y * frame.width + fromX, y * frame.width + toX)
  }
  return mask
}

/** Details are JSON of the certifier's own: what is not a map is none. */
function readMap(value: unknown): Map | null {
  if (typeof value !== 'object' || value === null) return null
  const { axis, patch, vulnerable }: Partial<Record<keyof Map, unknown>> = value
  if ((axis !== 'x' && axis !== 'y') || typeof patch !== 'number' || !Array.isArray(vulnerable))
    return null
  const spans = vulnerable.flatMap((span: unknown): [number, number][] => {
    if (!Array.isArray(span)) return []
    const ends: readonly unknown[] = span
    const [first, last] = ends
    return typeof first === 'number' && typeof last === 'number' ? [[first, last]] : []
  })
  return { axis, patch, vulnerable: spans }
}
