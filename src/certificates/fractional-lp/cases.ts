import { z } from 'zod'
import { type CaseKind, caseKind } from '../case-kind'
import { byte, count, size, voteList } from '../case-schemas'
import { marginBudget, winnerOf } from '../vote-margin'
import { exponentOf, influence, influenceGap, slotBudget, slotsOf } from './budget'
import { convertedRadius, radiusOf, radiusPower } from './certificate'
import { cellWeights, weightedBudget } from './global-cell'
import { cellIn, encoded, isDouble, slotList } from './slots'

export const method = 'fractional-lp'

const p = z.enum(['1/2', '1/3'])
const alpha = z.number().min(1).max(1000)
const cells = z.array(z.int().min(1).max(65_536)).min(1)

const operator = z.object({
  p: p.optional(),
  alpha: alpha.optional(),
  encoding: z.enum(['center', 'center_error', 'upper_lower', 'center_center']),
  cells,
  ablated_slots: count,
  samples: size,
  template: z.array(count).min(1),
  image_uint8: z.array(byte).min(1),
  shifts: z.array(count),
})

export const kinds: Record<string, CaseKind> = {
  budget: caseKind(z.object({ p, alpha }), (input) => {
    const { cells: sizes, ablated, samples } = slotBudget(input.p, input.alpha)
    return { samples, ablated_slots: ablated, cells: sizes }
  }),

  affected_votes_by_difference: caseKind(z.object({ p, cells, base_budget: size }), (input) => {
    const gap = influenceGap(input.cells, exponentOf(input.p), input.base_budget)
    return { affected: influence(input.cells), max_gap: gap.largest / input.base_budget }
  }),

  certificate_from_counts: caseKind(
    z.object({ p, alpha, samples: size, counts: voteList }),
    (input) => {
      checkSum(input.counts, input.samples)
      const budget = marginBudget(input.counts)
      const power = radiusPower(budget, input.alpha, input.samples)
      return {
        predicted: winnerOf(input.counts),
        vote_radius: budget,
        radius_lp_p: power,
        radius_lp: radiusOf(power, reciprocalOf(input.p)),
      }
    },
  ),

  l0_certificate_from_counts: caseKind(
    z.object({ samples: size, counts: voteList }),
    ({ samples, counts }) => {
      checkSum(counts, samples)
      return { predicted: winnerOf(counts), radius_l0: marginBudget(counts) }
    },
  ),

  norm_conversion_baseline: caseKind(
    z.object({ levels: size, counts: voteList }),
    ({ levels, counts }) => {
      checkSum(counts, levels)
      const radius = marginBudget(counts) / 255
      return {
        predicted: winnerOf(counts),
        radius_l1: radius,
        radius_l_half: convertedRadius(radius, 2),
        radius_l_third: convertedRadius(radius, 3),
      }
    },
  ),

  splitting_operator: caseKind(operator, (input) => {
    const { encoding, image_uint8: bytes, template, samples } = input
    const slots = slotList({ cells: input.cells, ablated: input.ablated_slots, samples })
    checkOperator(input)
    const look = (shift: number, part: 0 | 1): number[] =>
      bytes.map((value, i) => {
        const slot = slots[(shift + template[i]!) % samples] ?? null
        return encoded(cellIn(slot, value), encoding)[part]
      })
    const outputs = input.shifts.map((shift) => [
      shift,
      isDouble(encoding) ? [...look(shift, 0), ...look(shift, 1)] : look(shift, 0),
    ])
    return { outputs: Object.fromEntries(outputs) as Record<string, number[]> } // as built above
  }),

  global_cell_weighted: caseKind(
    z.object({ p: z.literal('1/2'), weighted_votes: z.array(z.number().min(0)).min(1) }),
    ({ weighted_votes: shares }) => ({
      predicted: winnerOf(shares),
      radius_l_half: weightedBudget(shares) ** 2,
    }),
  ),

  global_cell_weights: caseKind(z.object({ p: z.literal('1/2') }), () => {
    const weights = cellWeights()
    return { weights, weighted_mass: weights.reduce((sum, w, at) => sum + (at + 1) * w, 0) }
  }),
}

const reciprocalOf = (exponent: z.output<typeof p>): number => (exponent === '1/2' ? 2 : 3)

function checkSum(votes: readonly number[], samples: number): void {
  const sum = votes.reduce((total, n) => total + n, 0)
  if (sum > samples) throw new RangeError(`counts: ${sum} votes of ${samples} samples`)
}

function checkOperator(input: z.output<typeof operator>): void {
  const slots = slotsOf(input.cells) + input.ablated_slots
  if (slots !== input.samples) throw new RangeError(`samples: ${input.samples} for ${slots} slots`)
  if (input.template.length !== input.image_uint8.length) {
    throw new RangeError(
      `template: ${input.template.length} entries for ${input.image_uint8.length} values`,
    )
  }
  const beyond = input.template.find((offset) => offset >= input.samples)
  if (beyond !== undefined) throw new RangeError(`template: ${beyond} of ${input.samples} samples`)
}
