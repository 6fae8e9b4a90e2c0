import type { Equivalents } from './equivalent'

/** Of the normal distribution and its noise. */
export const normalEquivalents: Equivalents = {
  '../shared/statistics/normal': [
    {
      line: 'if (Math.abs(z) < 0.6) return 0.5 + 0.5 * erf(z / ROOT_TWO)',
      ...{ from: '<', to: '<=' },
      why: 'both formulas hold at the border',
    },
    {
      line: 'return z < 0 ? tail : 1 - tail',
      ...{ from: '<', to: '<=' },
      why: '0 is answered before',
    },
    ...[['&&', '||'] as const, ['1', '2'] as const].map(([from, to]) => ({
      line: 'if (!(p >= 0 && p <= 1)) return NaN',
      ...{ from, to },
      why: 'the logarithm of a negative number is none either, and from 1 up the mirror has one',
    })),
    {
      line: 'return p > 0.3 ? centralQuantile(p - 0.5) : lowerQuantile(p)',
      ...{ from: '>', to: '>=' },
      why: 'both formulas hold at the border',
    },
    {
      line: 'let z = excess * ROOT_TWO_PI',
      ...{ from: '*', to: '/' },
      why: 'it only says where the search starts',
    },
    ...[['0', '1'] as const, ['<', '<='] as const, ['4', '5'] as const].map(([from, to]) => ({
      line: 'for (let round = 0; round < 4; round++) {',
      ...{ from, to },
      why: 'the search has ended after three rounds',
    })),
    ...[['/', '*'] as const, ['+', '-'] as const, ['2', '3'] as const].map(([from, to]) => ({
      line: 'z -= u / (1 + (z * u) / 2)',
      ...{ from, to },
      why: 'it only says how fast the search ends, which is within three rounds anyway',
    })),
    {
      line: '(2.515517 + t * (0.802853 + t * 0.010328)) /',
      ...{ from: '+', to: '-' },
      why: 'it only says where the search starts',
    },
    {
      line: '(1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -',
      ...{ from: '+', to: '-' },
      why: 'it only says where the search starts',
    },
    ...[['<', '<='] as const, ['3', '4'] as const].map(([from, to]) => ({
      line: 'for (let round = 0; round < 3; round++) {',
      ...{ from, to },
      why: 'the search has ended',
    })),
    ...[['<', '<='] as const, ['40', '41'] as const, ['0.5', '1.5'] as const].map(([from, to]) => ({
      line: 'if (!(Math.abs(z) < 40)) return Math.exp(-0.5 * z * z) // 0, also at infinity, where z - coarse is none',
      ...{ from, to },
      why: 'from 39 on the power is 0 whichever way it is taken',
    })),
    {
      line: 'const coarse = Math.trunc(z * 16) / 16',
      ...{ from: 'trunc', to: 'ceil' },
      why: 'any sixteenth next to z will do',
    },
  ],
  '../shared/statistics/normal-noise': [
    {
      line: 'const words = new Uint32Array(4)',
      ...{ from: '4', to: '5' },
      why: 'room that is not used',
    },
    {
      line: 'for (let round = -15, filled = 0; filled < length; round++) {',
      ...{ from: '<', to: '<=' },
      why: 'a typed array ignores what is written beyond its end',
    },
    {
      line: 'if (filled < length) noise[filled++] = v * factor',
      ...{ from: '<', to: '<=' },
      why: 'a typed array ignores what is written beyond its end',
    },
    {
      line: '(2 * (high * 2_097_152 + (other >>> 11))) / 9_007_199_254_740_992 - 1',
      ...{ from: '9_007_199_254_740_992', to: '9007199254740992' },
      why: 'it is the same number: one more is none that a double holds',
    },
  ],
}
