import { emptyMask, type Mask } from '../../../shared/vision/mask'
import type { Certificate } from './certificate-words'

type Span = readonly [first: number, last: number]

/** What a certificate knows about places of a patch; in pixels of the picture. */
export interface CertificateMap {
  /** Along which the patch was moved. */
  readonly axis: 'x' | 'y'
  /** Side of the patch that `vulnerable` is about. */
  readonly patch: number
  /** First place of a patch, and how many there are for one pixel: the side of the crop. */
  readonly from: number
  readonly length: number
  /** First and last place of its near edge at which it could still change the class. */
  readonly vulnerable: readonly Span[]
  /**
   * `[place, end]`: a patch that begins at `place` or after it, up to the next entry, is harmless if it ends at `end` or
   * before. Null where the certificate was made without it: then nothing is known of other sizes.
   */
  readonly harmless: readonly Span[] | null
}

/** The places of a patch of one size at which it could change the class. */
export interface PlacesAt {
  readonly size: number
  readonly places: number
  readonly vulnerable: readonly Span[]
  /** How many places that are. */
  readonly open: number
}

/** Null where the certificate has no map. Details are JSON of the certifier's own: what is not a map is none. */
export function readMap({ details }: Pick<Certificate, 'details'>): CertificateMap | null {
  const value: unknown = details['map']
  if (typeof value !== 'object' || value === null) return null
  const map: Partial<Record<string, unknown>> = { ...value }
  const { axis, patch, from = 0, places } = map
  if ((axis !== 'x' && axis !== 'y') || typeof patch !== 'number') return null
  const vulnerable = readSpans(map['vulnerable'])
  if (vulnerable === null || typeof from !== 'number') return null
  const last = Math.max(from, ...vulnerable.map(([, end]) => end))
  const length = typeof places === 'number' ? places + patch - 1 : last - from + patch
  return { axis, patch, from, length, vulnerable, harmless: readSpans(map['harmless']) }
}

function readSpans(value: unknown): Span[] | null {
  if (!Array.isArray(value)) return null
  return value.flatMap((span: unknown): Span[] => {
    if (!Array.isArray(span)) return []
    const ends: readonly unknown[] = span
    const [first, last] = ends
    return typeof first === 'number' && typeof last === 'number' ? [[first, last]] : []
  })
}

/** The map for a patch of another size; that of its own size where nothing else is known. */
export function placesAt(map: CertificateMap, size: number): PlacesAt {
  const { from, length, harmless } = map
  if (harmless === null) return counted(map.patch, length, map.vulnerable)
  const side = Math.min(Math.max(1, Math.round(size)), length)
  const vulnerable: [number, number][] = []
  let step = -1
  for (let place = from; place <= from + length - side; place++) {
    while ((harmless[step + 1]?.[0] ?? Infinity) <= place) step++
    const end = harmless[step]?.[1] ?? from
    if (place + side <= end) continue
    const last = vulnerable.at(-1)
    if (last?.[1] === place - 1) last[1] = place
    else vulnerable.push([place, place])
  }
  return counted(side, length, vulnerable)
}

function counted(size: number, length: number, vulnerable: readonly Span[]): PlacesAt {
  const open = vulnerable.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  return { size, vulnerable, open, places: Math.max(1, length - size + 1) }
}

/**
 * The pixels that a patch covers at some place where it could still change the class, inside the box that the certificate is
 * about. Null where the certificate has no map; an empty mask where nothing is vulnerable.
 */
export function vulnerableMask(
  certificate: Pick<Certificate, 'details' | 'box'>,
  frame: { readonly width: number; readonly height: number },
  size?: number,
): Mask | null {
  const map = readMap(certificate)
  if (!map) return null
  const at = placesAt(map, size ?? map.patch)
  const mask = emptyMask(frame.width, frame.height)
  const whole = [0, 0, frame.width, frame.height] as const
  const [left, top, right, bottom] = (certificate.box ?? whole).map(Math.round)
  const [x1, y1] = [Math.max(0, left ?? 0), Math.max(0, top ?? 0)]
  const [x2, y2] = [Math.min(frame.width, right ?? 0), Math.min(frame.height, bottom ?? 0)]
  for (const [first, last] of at.vulnerable) {
    const [from, to] = [Math.floor(first), Math.ceil(last + at.size)]
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
