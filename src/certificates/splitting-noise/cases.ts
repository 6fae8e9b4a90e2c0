import { z } from 'zod'
import { clopperPearsonLower } from '../../shared/statistics'
import { argmaxes } from '../answers'
import { type CaseKind, caseKind } from '../case-kind'
import { pictureOf } from '../case-image'
import { byte, count, imageBytes, level, linearModel, size, voteList } from '../case-schemas'
import { linearLogits } from '../linear-model'
import { votesFor } from '../vote-margin'
import { certifyShifts, randomRadius } from './certificate'
import { lambdaOfSigma, levelsOfLambda } from './levels'
import { splitBatch, splitValue } from './samples'

export const method = 'dssn'

const template = z.array(count).min(1)

const counts = z.object({
  levels: size,
  num_classes: size.optional(),
  counts: z.union([voteList, z.record(z.string().regex(/^\d{1,7}$/), count)]),
})
const operator = z.object({
  levels: size,
  template,
  image_uint8: z.array(byte).min(1),
  shifts: z.array(count),
})
const sampled = z
  .object({
    lambda_: z.number().positive(),
    samples: size,
    top_count: count,
    alpha_two_sided: level.optional(),
    alpha_one_sided: level.optional(),
  })
  .refine(({ samples, top_count: top }) => top <= samples, 'more votes than samples')
const pipeline = linearModel.extend({
  channels: size,
  height: size,
  width: size,
  levels: size,
  template,
  image_uint8: imageBytes,
})

export const kinds: Record<string, CaseKind> = {
  certificate_from_counts: caseKind(counts, (input) => {
    const votes = voteListOf(input)
    const sum = votes.reduce((total, n) => total + n, 0)
    if (sum > input.levels) throw new RangeError(`counts: ${sum} votes of ${input.levels} shifts`)
    return answerOf(votes)
  }),

  levels_from_sigma: caseKind(z.object({ sigma: z.number().positive() }), ({ sigma }) => {
    const lambda = lambdaOfSigma(sigma)
    return { lambda_: lambda, levels: levelsOfLambda(lambda) }
  }),

  splitting_operator: caseKind(operator, (input) => {
    const { levels, image_uint8: bytes } = input
    checkTemplate(input.template, bytes.length, levels)
    const outputs = input.shifts.map((shift) => [
      shift,
      bytes.map((value, i) => splitValue(value, levels, input.template[i]!, shift)),
    ])
    return { outputs: Object.fromEntries(outputs) as Record<string, number[]> } // as built above
  }),

  lipschitz: caseKind(z.object({ levels: size, template }), ({ levels, template: offsets }) => {
    checkTemplate(offsets, offsets.length, levels)
    const changed = (distance: number): number[] =>
      offsets.flatMap((offset) =>
        Array.from({ length: 256 - distance }, (_, value) =>
          changedBetween(value, value + distance, levels, offset),
        ),
      )
    const [one, forty] = [changed(1), changed(40)]
    return {
      max_changed_shifts_per_grey_level: Math.max(...one),
      min_changed_shifts_per_grey_level: Math.min(...one),
      changed_shifts_for_40_grey_levels: [Math.min(...forty), Math.max(...forty)],
    }
  }),

  monte_carlo_certificate: caseKind(sampled, (input) => {
    const oneSided =
      input.alpha_one_sided ??
      (input.alpha_two_sided === undefined ? undefined : input.alpha_two_sided / 2)
    if (oneSided === undefined) throw new RangeError('alpha_two_sided: it is missing')
    const lower = clopperPearsonLower(input.top_count, input.samples, oneSided)
    return { lower, radius_l1: randomRadius(input.lambda_, lower), abstain: lower < 0.5 }
  }),

  pipeline: caseKind(pipeline, (input) => {
    const picture = pictureOf(input.image_uint8, input)
    checkTemplate(input.template, picture.data.length, input.levels)
    const batch = splitBatch(picture, input.levels, input.template, 0, input.levels)
    const logits = linearLogits(input, batch, picture.data.length)
    const classes = input.bias.length
    const votes = votesFor(argmaxes(logits, classes), classes)
    return { counts: votes, ...answerOf(votes) }
  }),
}

function answerOf(votes: readonly number[]) {
  const { winner, greyLevels, radius } = certifyShifts(votes)
  return { predicted: winner, radius_levels: greyLevels, radius_l1: radius }
}

/** Votes per class from a list, or from a map of class to votes, which leaves out classes without. */
function voteListOf({ counts: given, num_classes: classes }: z.output<typeof counts>): number[] {
  if (Array.isArray(given)) {
    if (classes !== undefined && classes !== given.length) {
      throw new RangeError(`counts: ${given.length} entries for ${classes} classes`)
    }
    return given
  }
  const named = Object.entries(given)
  const needed = named.reduce((most, [c]) => Math.max(most, Number(c) + 1), 1)
  if (classes !== undefined && needed > classes) {
    throw new RangeError(`counts: class ${needed - 1} of ${classes} classes`)
  }
  const votes = new Array<number>(classes ?? needed).fill(0)
  for (const [c, n] of named) votes[Number(c)] = n
  return votes
}

function checkTemplate(offsets: readonly number[], values: number, levels: number): void {
  if (offsets.length !== values) {
    throw new RangeError(`template: ${offsets.length} entries for ${values} values`)
  }
  const beyond = offsets.find((offset) => offset >= levels)
  if (beyond !== undefined) throw new RangeError(`template: ${beyond} is not below ${levels}`)
}

/** Shifts that show two bytes differently. */
function changedBetween(from: number, to: number, levels: number, offset: number): number {
  let changed = 0
  for (let shift = 0; shift < levels; shift++) {
    const before = splitValue(from, levels, offset, shift)
    if (before !== splitValue(to, levels, offset, shift)) changed++
  }
  return changed
}
