import type { Equivalents } from './equivalent'

/** Of the methods and what they share. */
export const certificateEquivalents: Equivalents = {
  'certified-confidence/margins': [
    {
      line: 'let second = -Infinity',
      ...{ from: '-Infinity', to: 'Infinity' },
      why: 'the first number puts what was the largest, -Infinity, in its place',
    },
    {
      line: 'let winner = -1',
      ...{ from: '-1', to: '1' },
      why: 'the first number replaces it',
    },
    {
      line: 'let winner = -1',
      ...{ from: '1', to: '2' },
      why: 'the first number replaces it',
    },
    {
      line: 'if (probability > largest) {',
      ...{ from: '>', to: '>=' },
      why: 'of two classes that lead together both have a margin of 0, whichever counts as the first',
    },
  ],
  'certified-confidence/cases': [
    {
      line: '(scores) => scores.every((score, i) => i === 0 || score >= (scores[i - 1] ?? 0)),',
      ...{ from: '0', to: '1' },
      becomes: '(scores) => scores.every((score, i) => i === 0 || score >= (scores[i - 1] ?? 1)),',
      why: 'there is a score before each but the first',
    },
    {
      line: 'const curve = distributionCurve(scores, { min: 0, max: 1 }, input.alpha, input.gap)',
      ...{ from: '1', to: '2' },
      why: 'the whole distribution of scores needs no upper end',
    },
  ],
  'certified-confidence/score-curve': [
    {
      line: 'for (let first = 0; first < samples; first += gap) {',
      ...{ from: '<', to: '<=' },
      why: 'the chance is not above 0 there, which ends it',
    },
    {
      line: 'if (chance <= 0) break',
      ...{ from: '<=', to: '<' },
      why: 'a chance of 0 adds nothing',
    },
    {
      line: 'if (score > below) {',
      ...{ from: '>', to: '>=' },
      why: 'a rise of 0 adds nothing',
    },
    {
      line: 'return sigma * lastTrueFromZero(exceeds, 1, WIDTH)',
      ...{ from: '1', to: '2' },
      why: 'the search starts further out and finds the same point',
    },
  ],
  'certified-confidence/tally': [
    {
      line: 'state.next < selection ? null : winnerOf(state.selection)',
      ...{ from: '<', to: '<=' },
      why: 'before the first further sample nothing is proven, and that sample chooses by itself',
    },
    {
      line: 'row.forEach((score, c) => (selection[c] = (selection[c] ?? 0) + score))',
      ...{ from: '0', to: '1' },
      why: 'every class has a sum',
    },
  ],
  'certified-saliency/certified-overlap': [
    ...[['||', '&&'] as const, ['<=', '<'] as const, ['>=', '>'] as const, ['1', '2'] as const].map(
      ([from, to]) => ({
        line: 'if (least <= 0 || most >= 1) return false',
        ...{ from, to },
        why: 'the quantile of 0 is -Infinity, of 1 Infinity, and beyond there is none: no comparison holds',
      }),
    ),
  ],
  'wasserstein-smoothing/cases': [
    {
      line: '(rows) => rows.length * (rows[0]?.length ?? 0) <= MOST_PIXELS,',
      ...{ from: '0', to: '1' },
      becomes: '(rows) => rows.length * (rows[0]?.length ?? 1) <= MOST_PIXELS,',
      why: 'there is a row',
    },
    {
      line: 'width: rows[0]?.length ?? 0,',
      ...{ from: '0', to: '1' },
      becomes: 'width: rows[0]?.length ?? 1,',
      why: 'there is a row',
    },
    ...[
      'const image = Float64Array.from(input.image_uint8.flat(2), (byte) => byte / 255)',
      'vertical: Float64Array.from(input.flow_vertical.flat(2)),',
      'horizontal: Float64Array.from(input.flow_horizontal.flat(2)),',
    ].map((line) => ({
      ...{ line, from: '2', to: '3' },
      why: 'lists are no deeper',
    })),
  ],
  'wasserstein-smoothing/minimum-cost-flow': [
    {
      line: 'const source = excess.findIndex((amount) => amount > negligible)',
      ...{ from: '>', to: '>=' },
      why: 'an excess of 0, where all are, is too little to be moved and ends it as well',
    },
    {
      line: 'distance[source] = 0',
      ...{ from: '0', to: '1' },
      why: 'all distances are one longer, and only their differences count',
    },
    {
      line: 'settled[node] = 1',
      ...{ from: '1', to: '2' },
      why: 'anything but 0 means settled',
    },
    {
      line: 'if (settled[other] === 0 && length < least) [least, node] = [length, other]',
      ...{ from: '<', to: '<=' },
      why: 'another of the nearest, or one that is not reached, which brings no node nearer',
    },
  ],
  'vote-margin': [
    {
      line: 'if (second === null) return Math.floor((votes[winner] ?? 0) / 2)',
      ...{ from: '0', to: '1' },
      why: 'half a vote is none, rounded down',
    },
    {
      line: 'return budgetAgainst(votes[winner]!, votes[second]!, second < winner)',
      ...{ from: '<', to: '<=' },
      why: 'the second is not the winner',
    },
  ],
  'gaussian-noise': [
    {
      line: 'for (let sample = from; sample < to; sample++) {',
      ...{ from: '<', to: '<=' },
      why: 'a typed array ignores what is written beyond its end',
    },
    {
      line: 'for (let channel = 0; channel < channels; channel++) {',
      ...{ from: '<', to: '<=' },
      why: 'it lies in the next sample, which is written after it, or beyond the end',
    },
    {
      line: 'for (let i = channel * plane; i < (channel + 1) * plane; i++) {',
      ...{ from: '<', to: '<=' },
      why: 'the value belongs to the next channel, which is written after it',
    },
    {
      line: 'for (let i = channel * plane; i < (channel + 1) * plane; i++) {',
      ...{ from: '1', to: '2' },
      why: 'the values belong to the next channel, which is written after them',
    },
  ],
  'gaussian-smoothing/dipole': [
    {
      line: 'const mayReachHalf = larger > 0.25',
      ...{ from: '>', to: '>=' },
      why: 'where the larger is a quarter the smaller is no more',
    },
  ],
  'gaussian-smoothing/first-order': [
    {
      line: 'return lower > 0.5 ? sigma * normalQuantile(lower) : 0',
      ...{ from: '>', to: '>=' },
      why: 'the quantile of one half is 0',
    },
  ],
  'gaussian-smoothing/second-order': [
    {
      line: 'if (!(lower > 0.5)) return 0',
      ...{ from: '>', to: '>=' },
      why: 'at one half the radius that is solved for is 0',
    },
    {
      line: 'const most = -normalQuantile((1 - lower) / 2)',
      ...{ from: '2', to: '3' },
      why: 'an upper end of the search that is further away',
    },
  ],
  'plain-number': [
    {
      line: "if (!Number.isFinite(value) || value <= 0) return value === Infinity ? 'any amount' : '0'",
      ...{ from: '<=', to: '<' },
      why: '0 is written as 0 by what follows too',
    },
    {
      line: 'return String(Number((Number(digits) - step).toPrecision(4)))',
      ...{ from: '4', to: '5' },
      why: 'a difference of numbers of four digits has no fifth, and rounding shows much further on',
    },
  ],
  'smoothing-limits/cases': [
    {
      line: 'const share = z.number().min(0).max(1)',
      ...{ from: '1', to: '2' },
      why: 'two shares that add up to more than 1 are refused anyway',
    },
  ],
  'numerics/cases': [
    {
      line: 'return { p_value: pValue, abstain_at_0_05: pValue > 0.05, abstain_at_0_001: pValue > 0.001 }',
      ...{ from: '>', to: '>=' },
      why: 'a p-value is a whole number over a power of two, and neither of these doubles is, of any that is counted',
    },
  ],
}
