import type { Output } from '../../../shared/api'
import { boxIou } from '../../../shared/vision/iou'
import type { BoxXyxy } from '../../../shared/vision/box'

export type Certificate = Output<'certificates.ofImage'>['certificates'][number]

/** The one that speaks of this box; for no box, one that speaks of the whole picture. Given ones first. */
export function certificateOf(
  certificates: readonly Certificate[],
  box: BoxXyxy | null,
): Certificate | null {
  const fitting = certificates.filter((one) =>
    box === null || one.box === null ? one.box === null : boxIou(one.box, box) >= 0.5,
  )
  return fitting.find(({ certified }) => certified) ?? fitting[0] ?? null
}

/** What the proof does not cover, in one sentence: said beside every certificate. */
export function notProven({ method, unit, certified }: Certificate): string {
  if (!certified) return 'That does not mean that it is wrong, or that an attack is known.'
  if (/objectseeker|patch-?cleanser|masking/i.test(method)) {
    return 'Patches over the object and new false boxes are not covered.'
  }
  return unit === 'px' || /patch|column|block/i.test(method)
    ? 'The box’s position and a second patch are not covered.'
    : 'A patch usually changes far more than that.'
}
