import type { Output } from '../../../shared/api'
import { certificateText as words, radiusText } from '../../strings/certificates'
import type { Certificate } from './certificate-words'

/** The vote against what it takes, in sentences. */
export function whySentences(
  { vote, patch, share }: Output<'certificates.whyNot'>,
  { radius, unit, certified }: Pick<Certificate, 'radius' | 'unit' | 'certified'>,
): readonly string[] {
  const said: string[] = []
  if (vote) {
    const { first, second, total, counted, isCut } = vote
    const [rival, votes] = second ? [second.class, second.votes] : [words.noOther, 0]
    said.push(words.whyVote(first.class, first.votes, rival, votes, isCut ? counted : total))
    if (isCut) said.push(words.whyCut(counted, total))
  }
  if (patch) {
    said.push(words.whyNeed(patch.size, patch.touched, patch.need, patch.lead))
    said.push(words.whyHolds(Math.round(patch.holdsUpTo)))
  }
  if (share) said.push(words.whyShare(share.lower, share.needed, share.alpha))
  if (!patch && certified && radius !== null && radius > 0) {
    said.push(words.whyRadius(`${radiusText(radius)} (${unit})`))
  }
  return said
}

/** A radius of 0..1 in grey levels, rounded up: that is the safe side of a limit. */
export function greyLevels(radius: number): string {
  const levels = radius * 255
  if (!Number.isFinite(levels)) return '∞'
  const step = 10 ** (Math.floor(Math.log10(levels)) - 1)
  return String(Number((Math.ceil(levels / step - 1e-9) * step).toPrecision(2)))
}
