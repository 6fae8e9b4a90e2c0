import { z } from 'zod'
import { clopperPearsonLower } from '../../shared/statistics'
import { argmaxes, classesAbove } from '../answers'
import { type CaseKind, caseKind } from '../case-kind'
import { nested, pictureOf } from '../case-image'
import { count, imageBytes, level, linearModel, size, voteList } from '../case-schemas'
import { linearLogits } from '../linear-model'
import { type Ablation, affectedBandSets, affectedBlocks, bandSetCount } from './ablation'
import { blockAblation, columnAblation, rowAblation } from './ablation'
import { type Axis, mostTouched, positionCount } from './axis'
import { certifyVotes, isCertified, locationMap, monteCarloThreshold, votesOf } from './certificate'
import { ablatedBatch, sampleShape } from './encode'

export const method = 'derandomized-smoothing'

const theta = z.number().gt(0).max(1)
const stride = size.default(1)
const strip = {
  ablation: z.enum(['column', 'row']).default('column'),
  width: size.optional(),
  height: size.optional(),
  band_size: size,
  stride,
}

const columnVotes = z.object({ ...strip, theta: theta.optional(), votes: voteList })
const blockVotes = z.object({
  ablation: z.literal('block').default('block'),
  height: size,
  width: size,
  block_size: size,
  stride,
  theta: theta.optional(),
  votes: voteList,
})
const affectedPositions = z.union([
  z.object({ ...strip, patch_size: size }),
  z.object({
    ablation: z.literal('block'),
    height: size,
    width: size,
    block_size: size,
    stride,
    patch_height: size,
    patch_width: size,
  }),
  z.object({
    ablation: z.literal('multi_column'),
    width: size,
    band_size: size,
    retained_bands: size,
    patch_size: size,
  }),
])
const pipeline = linearModel.extend({
  ablation: z.enum(['column', 'row', 'block']),
  channels: size,
  height: size,
  width: size,
  size,
  stride,
  theta: theta.optional(),
  image_uint8: imageBytes,
})
const monteCarlo = z
  .object({ ...strip, patch_size: size, samples: size, top_count: count, alpha_one_sided: level })
  .refine(({ samples, top_count: top }) => top <= samples, 'more votes than samples')
const locations = z
  .object({
    ...strip,
    patch_size: size,
    num_classes: size,
    class_sets_by_position: z.array(z.array(count)),
  })
  .refine(
    ({ num_classes: classes, class_sets_by_position: sets }) =>
      sets.every((set) => new Set(set).size === set.length && set.every((c) => c < classes)),
    'class_sets_by_position names a class twice or one there is not',
  )

export const kinds: Record<string, CaseKind> = {
  column_votes: caseKind(columnVotes, (input) => {
    const axis = axisOf(input)
    const { length } = axis
    // The sizes that the reference asks about: small ones, 2 % of a square picture, a quarter and half of the width.
    const sizes = [1, 2, 3, 5, Math.floor(0.14 * length), length >> 2, length >> 1]
    return voteAnswer(input.votes, stripAblation(input), sizes)
  }),

  block_votes: caseKind(blockVotes, (input) => {
    const ablation = blocksOf(input.height, input.width, input.block_size, input.stride)
    return voteAnswer(input.votes, ablation, [1, 2, 3, 5, 8, input.height >> 1])
  }),

  affected_positions: caseKind(affectedPositions, (input) => {
    if (input.ablation === 'multi_column') {
      const set = { width: input.width, band: input.band_size, retained: input.retained_bands }
      return {
        affected: Number(affectedBandSets(set, input.patch_size)),
        total_positions: Number(bandSetCount(set)),
      }
    }
    if (input.ablation === 'block') {
      const rows = axis(input.height, input.block_size, input.stride)
      const columns = axis(input.width, input.block_size, input.stride)
      return {
        affected: affectedBlocks(rows, columns, input.patch_height, input.patch_width),
        total_positions: positionCount(rows) * positionCount(columns),
      }
    }
    const along = axisOf(input)
    return { affected: mostTouched(along, input.patch_size), total_positions: positionCount(along) }
  }),

  pipeline: caseKind(pipeline, (input) => {
    const picture = pictureOf(input.image_uint8, input)
    const ablation = ablationOf(input)
    const positions = Array.from({ length: ablation.positions }, (_, position) => position)
    const batch = ablatedBatch(picture, ablation, positions, 'pair')
    const shape = sampleShape(picture, 'pair')
    const each = shape.channels * shape.height * shape.width
    const logits = linearLogits(input, batch, each)
    const classes = input.bias.length
    const table =
      input.theta === undefined
        ? argmaxes(logits, classes).map((winner) => [winner])
        : classesAbove(logits, classes, input.theta)
    const { votes, winner, budget, largestPatch } = certifyVotes(votesOf(table, classes), ablation)
    const shown = [0, ablation.positions >> 1, ablation.positions - 1]
    return {
      ablated_inputs: Object.fromEntries(
        shown.map((at) => [at, nested(batch.subarray(at * each, (at + 1) * each), shape)]),
      ),
      class_sets_by_position: table,
      votes,
      predicted: winner,
      certified_patch_size_1: isCertified(budget, ablation, 1),
      largest_certified_patch_size: largestPatch,
    }
  }),

  column_monte_carlo: caseKind(monteCarlo, (input) => {
    const lower = clopperPearsonLower(input.top_count, input.samples, input.alpha_one_sided)
    const threshold = monteCarloThreshold(stripAblation(input), input.patch_size)
    return { lower, threshold, certified: lower > threshold }
  }),

  column_location_map: caseKind(locations, (input) => {
    const { class_sets_by_position: table, patch_size: patch } = input
    const ablation = stripAblation(input)
    if (table.length !== ablation.positions) {
      throw new RangeError(`${table.length} class sets for ${ablation.positions} positions`)
    }
    const { votes, winner, budget } = certifyVotes(votesOf(table, input.num_classes), ablation)
    const map = locationMap(table, votes, ablation, patch)
    return {
      votes,
      predicted: winner,
      certified_by_left_edge: map,
      certified_everywhere: map.every(Boolean),
      worst_case_certificate: isCertified(budget, ablation, patch),
    }
  }),
}

function voteAnswer(votes: readonly number[], ablation: Ablation, sizes: readonly number[]) {
  const most = Math.max(...votes)
  if (most > ablation.positions) {
    throw new RangeError(`votes: ${most} for one class of ${ablation.positions} positions`)
  }
  const { winner, budget, largestPatch } = certifyVotes(votes, ablation)
  const asked = [...new Set(sizes)].filter((patch) => patch > 0).sort((a, b) => a - b)
  return {
    predicted: winner,
    certified_by_patch_size: Object.fromEntries(
      asked.map((patch) => [patch, isCertified(budget, ablation, patch)]),
    ),
    largest_certified_patch_size: largestPatch,
  }
}

interface Strip {
  readonly ablation: 'column' | 'row'
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly band_size: number
  readonly stride: number
}

function axisOf(input: Strip): Axis {
  const length = input.ablation === 'row' ? (input.height ?? input.width) : input.width
  if (length === undefined) throw new RangeError('width: it is missing')
  return axis(length, input.band_size, input.stride)
}

const stripAblation = (input: Strip): Ablation =>
  input.ablation === 'row' ? rowAblation(axisOf(input)) : columnAblation(axisOf(input))

const blocksOf = (height: number, width: number, block: number, step: number): Ablation =>
  blockAblation(axis(height, block, step), axis(width, block, step))

function ablationOf(input: z.output<typeof pipeline>): Ablation {
  const { ablation, height, width, size: kept, stride: step } = input
  if (ablation === 'block') return blocksOf(height, width, kept, step)
  return ablation === 'row'
    ? rowAblation(axis(height, kept, step))
    : columnAblation(axis(width, kept, step))
}

function axis(length: number, band: number, step: number): Axis {
  if (band > length) throw new RangeError(`a band of ${band} of ${length} pixels`)
  if (step > length) throw new RangeError(`a stride of ${step} over ${length} pixels`)
  return { length, band, stride: step }
}
