import type { Output } from '../../../shared/api'
import { boxIou } from '../../../shared/vision/iou'
import type { BoxXyxy } from '../../../shared/vision/box'

export type Certificate = Output<'certificates.ofImage'>['certificates'][number]

/** Those that speak of this box; for no box, those of the whole picture. What holds goes first, then what was given. */
export function certificatesOf(
  certificates: readonly Certificate[],
  box: BoxXyxy | null,
): readonly Certificate[] {
  const rank = ({ stale, certified }: Certificate): number =>
    (stale.length > 0 ? 2 : 0) + (certified ? 0 : 1)
  return certificates
    .filter((one) =>
      box === null || one.box === null ? one.box === box : boxIou(one.box, box) >= 0.5,
    )
    .toSorted((p, q) => rank(p) - rank(q))
}

/** What the proof does not cover, in one sentence: said beside every certificate. */
export function notProven({ method, unit, certified, box }: Certificate): string {
  if (!certified) return 'That does not mean that it is wrong, or that an attack is known.'
  if (/objectseeker|masking/i.test(method)) {
    return /anywhere|touching/.test(unit)
      ? 'New false boxes are not covered, nor how well the box fits.'
      : 'Patches over the object and new false boxes are not covered.'
  }
  if (method === 'patch-cleanser') {
    return 'A picture that is attacked already and a second patch are not covered, nor that the class is right.'
  }
  if (unit !== 'px' && !/patch|column|block/i.test(`${method} ${unit}`)) {
    return 'A patch usually changes far more than that.'
  }
  return box === null
    ? 'A second patch is not covered, nor that the class is right.'
    : 'The box’s position and a second patch are not covered.'
}
