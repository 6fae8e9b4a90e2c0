import type { Equivalents } from './equivalent'

/** Of randomized ablation. */
export const ablationEquivalents: Equivalents = {
  'randomized-ablation/cases': [
    {
      line: 'votes[winner] ?? 0,',
      ...{ from: '0', to: '1' },
      why: 'the winner has an entry',
    },
    {
      line: 'second === null ? 0 : (votes[second] ?? 0),',
      ...{ from: '0', to: '1' },
      becomes: 'second === null ? 0 : (votes[second] ?? 1),',
      why: 'the second has an entry',
    },
  ],
  'randomized-ablation/certifier': [
    {
      line: 'for (let sample = from; sample < to; sample++) {',
      ...{ from: '<', to: '<=' },
      why: 'a typed array ignores what is written beyond its end',
    },
  ],
  'randomized-ablation/radius': [
    {
      line: 'const DOUBTFUL = 1e-10',
      ...{ from: '1e-10', to: '1.0000000001' },
      why: 'whole numbers decide all of it then: slower, and the same',
    },
    ...[['<=', '<'] as const, ['-', '+'] as const].map(([from, to]) => ({
      line: 'if (pixels - retained - i <= 0) return 0',
      ...{ from, to },
      why: 'the product has a factor of 0 there',
    })),
    {
      line: 'if (!(needed < 1)) return 0',
      ...{ from: '<', to: '<=' },
      why: 'no chance exceeds 1',
    },
    ...[['<', '<='] as const, ['-', '+'] as const].map(([from, to]) => ({
      line: 'while (radius < pixels - retained) {',
      ...{ from, to },
      why: 'the next ratio is 0, which ends it',
    })),
    {
      line: 'const isClear = Math.abs(ratio - needed) > DOUBTFUL',
      ...{ from: '>', to: '>=' },
      why: 'whole numbers and doubles agree that far from a tie',
    },
    {
      line: 'if (isClear ? ratio < needed : !exceeds(retention, radius + 1, lower)) break',
      ...{ from: '<', to: '<=' },
      why: 'what is clear is no tie',
    },
  ],
}
