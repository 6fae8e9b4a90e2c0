import type { Equivalents } from './equivalent'

/** Of src/shared/statistics. */
export const statisticsEquivalents: Equivalents = {
  '../shared/statistics/binomial': [
    ...[['*', '/'] as const, ['2', '3'] as const].map(([from, to]) => ({
      line: 'if (2 * most === trials) return 1',
      ...{ from, to },
      why: 'what follows gives 1 for an even split too',
    })),
    {
      line: 'if (trials <= 50) return Math.min(1, exactUpperTail(most, trials) / 2 ** (trials - 1))',
      ...{ from: '50', to: '51' },
      why: 'binomial coefficients of 51 are whole numbers below 2^53 as well',
    },
  ],
  '../shared/statistics/error-function': [
    {
      line: 'if (size <= 0.46875) return (x * polynomial(NEAR_OVER, x * x)) / polynomial(NEAR_UNDER, x * x)',
      ...{ from: '<=', to: '<' },
      why: 'both formulas hold at the border',
    },
    {
      line: 'return x > 0 ? 1 - complement : complement - 1',
      ...{ from: '>', to: '>=' },
      why: '0 is answered before',
    },
    {
      line: 'if (x <= 0.46875) return Math.exp(x * x) * (1 - erf(x))',
      ...{ from: '<=', to: '<' },
      why: 'both formulas hold at the border',
    },
    {
      line: 'if (x <= 4) return polynomial(MIDDLE_OVER, x) / polynomial(MIDDLE_UNDER, x)',
      ...{ from: '<=', to: '<' },
      why: 'both formulas hold at the border',
    },
    {
      line: 'for (let i = 0; i < coefficients.length; i++) sum = sum * x + coefficients[i]!',
      ...{ from: '+', to: '-' },
      why: 'it turns the sign of every polynomial, and only quotients of two are used',
    },
  ],
  '../shared/statistics/incomplete-beta': [
    ...[['<=', '<'] as const, ['2', '3'] as const, ['1', '2'] as const].map(([from, to]) => ({
      line: 'if (x * (a + b + 2) <= a + 1) {',
      ...{ from, to },
      why: 'near the mean the fractions of both tails converge to the same share',
    })),
    {
      line: 'if (Math.abs(difference) >= 0.1 * (k + mean)) return k * Math.log(k / mean) - difference',
      ...{ from: '>=', to: '>' },
      why: 'both formulas hold at the border',
    },
    ...[['<', '<='] as const, ['1000', '1001'] as const].map(([from, to]) => ({
      line: 'for (let j = 3; j < 1000; j += 2) {',
      ...{ from, to },
      why: 'the series, whose terms fall a hundredfold each, has long ended',
    })),
    {
      line: 'const guard = (value: number): number => (Math.abs(value) < tiny ? tiny : value)',
      ...{ from: '<', to: '<=' },
      why: 'it puts tiny in the place of tiny',
    },
    ...[['<', '<='] as const, ['1_000_000', '1000001'] as const].map(([from, to]) => ({
      line: 'for (let m = 1; m < 1_000_000; m++) {',
      ...{ from, to },
      why: 'the fraction has long converged',
    })),
    {
      line: 'if (Math.abs(factor - 1) < 2e-16) break',
      ...{ from: '<', to: '<=' },
      why: 'factors next to 1 are 1.1e-16 or 2.2e-16 away from it',
    },
  ],
  '../shared/statistics/incomplete-beta-inverse': [
    {
      line: 'if (p <= median.lower) return lowerQuantile(p, a, b)',
      ...{ from: '<=', to: '<' },
      why: 'at the mean itself both tails lead to it',
    },
    ...[
      ['-', '+', 'logGamma(a) + logGamma(b) + logGamma(a + b)'] as const,
      ['+', '-', 'logGamma(a) - logGamma(b) - logGamma(a + b)'] as const,
    ].map(([from, to, becomes]) => ({
      line: 'const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)',
      ...{ from, to, becomes: `const logBeta = ${becomes}` },
      why: 'it only says where the bracket starts, which is widened until it holds the answer',
    })),
    ...[
      ['min', 'max'] as const,
      ['-1', '1'] as const,
      ['1', '2'] as const,
      ['/', '*'] as const,
      ['+', '-'] as const,
    ].map(([from, to]) => ({
      line: 'let low = Math.min(-1, (target + Math.log(a) + logBeta) / a - 1) - 1',
      ...{ from, to },
      why: 'it only says where the bracket starts, which is widened until it holds the answer',
    })),
    {
      line: 'let low = Math.min(-1, (target + Math.log(a) + logBeta) / a - 1) - 1',
      ...{ from: '-', to: '+' },
      // Not the other one: from 0 on a bracket cannot be widened.
      becomes: 'let low = Math.min(-1, (target + Math.log(a) + logBeta) / a + 1) - 1',
      why: 'it only says where the bracket starts, which is widened until it holds the answer',
    },
    ...[['>', '>='] as const, ['2', '3'] as const].map(([from, to]) => ({
      line: 'while (logLower(low, a, b) > target) low *= 2',
      ...{ from, to },
      why: 'a bracket that is wider than it needs to be',
    })),
    ...[
      ['max', 'min'] as const,
      ['min', 'max'] as const,
      ['-1e-3', '1e-3'] as const,
      ['1e-3', '1.001'] as const,
      ['/', '*'] as const,
    ].map(([from, to]) => ({
      line: 'let u = Math.max(low, Math.min(-1e-3, Math.log(a / (a + b))))',
      ...{ from, to },
      why: 'it only says where in the bracket the search starts',
    })),
    ...[['0', '1'] as const, ['<', '<='] as const, ['200', '201'] as const].map(([from, to]) => ({
      line: 'for (let round = 0; round < 200; round++) {',
      ...{ from, to },
      why: 'the search has long ended',
    })),
    {
      line: 'if (error === 0) break',
      ...{ from: '0', to: '1' },
      why: 'an error of 0 leads to a step of 0, which ends it too',
    },
    {
      line: 'if (error > 0) high = u',
      ...{ from: '>', to: '>=' },
      why: 'an error of 0 has ended it before',
    },
    ...[['>', '>='] as const, ['<', '<='] as const].map(([from, to]) => ({
      line: 'if (!(next > low && next < high)) next = (low + high) / 2',
      ...{ from, to },
      why: 'an end of the bracket was tried before, and is not the answer',
    })),
    ...[['&&', '||'] as const, ['1', '2'] as const].map(([from, to]) => ({
      line: 'if (!(a > 0 && b > 0 && p >= 0 && p <= 1)) return { x: NaN, y: NaN }',
      ...{ from, to },
      becomes: {
        '||': 'if (!(a > 0 && b > 0 && p >= 0 || p <= 1)) return { x: NaN, y: NaN }',
        '2': 'if (!(a > 0 && b > 0 && p >= 0 && p <= 2)) return { x: NaN, y: NaN }',
      }[to],
      why: 'the logarithm of a negative share is none, and so is what is found from it',
    })),
    {
      line: 'if (p === 1) return { x: 1, y: 0 }',
      ...{ from: '1', to: '2' },
      becomes: 'if (p === 2) return { x: 1, y: 0 }',
      why: 'the search for a share of 0, from the other end, ends at 0',
    },
    {
      line: 'let next = u - step',
      ...{ from: '-', to: '+' },
      why: 'every step leaves the bracket then, which is halved instead: slower, to the same point',
    },
    ...[['<=', '<'] as const, ['-', '+'] as const, ['max', 'min'] as const].map(([from, to]) => ({
      line: 'if (Math.abs(next - u) <= 1e-16 * Math.max(Math.abs(u), 1e-300)) break',
      ...{ from, to },
      why: 'it goes on at the point that it has found, for 200 rounds at most',
    })),
  ],
  '../shared/statistics/last-true': [
    {
      line: 'if (!(high > low)) return low',
      ...{ from: '>', to: '>=' },
      why: 'either end is the same number',
    },
  ],
  '../shared/statistics/log-gamma': [
    ...[['691', '692'] as const, ['360_360', '360361'] as const].map(([from, to]) => ({
      line: '-691 / 360_360,',
      ...{ from, to },
      why: 'less than a rounding step of the sum, at 16 and above',
    })),
    {
      line: '1 / 156,',
      ...{ from: '156', to: '157' },
      why: 'less than a rounding step of the sum, at 16 and above',
    },
    ...[['-3617', '3617'] as const, ['3617', '3618'] as const, ['122_400', '122401'] as const].map(
      ([from, to]) => ({
        line: '-3617 / 122_400,',
        ...{ from, to },
        why: 'less than a rounding step of the sum, at 16 and above',
      }),
    ),
    {
      line: 'const ASYMPTOTIC = 16',
      ...{ from: '16', to: '17' },
      why: 'the series holds from either on, and so does the recursion below',
    },
    {
      line: 'while (raised < ASYMPTOTIC) product *= raised++',
      ...{ from: '<', to: '<=' },
      why: 'one factor more, which both sides have',
    },
    {
      line: 'let sum = 0',
      ...{ from: '0', to: '1' },
      why: 'it is divided by x^16 before the end',
    },
    {
      line: 'for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * step + (STIRLING[k] ?? 0)',
      ...{ from: '-', to: '+' },
      why: 'coefficients beyond the last are 0',
    },
    {
      line: 'for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * step + (STIRLING[k] ?? 0)',
      ...{ from: '1', to: '2' },
      why: 'less than a rounding step of the sum, at 16 and above',
    },
    {
      line: 'for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * step + (STIRLING[k] ?? 0)',
      ...{ from: '0', to: '1' },
      becomes:
        'for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * step + (STIRLING[k] ?? 1)',
      why: 'there is a coefficient for each',
    },
  ],
}
