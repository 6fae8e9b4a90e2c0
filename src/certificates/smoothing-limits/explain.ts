import { clopperPearsonLower } from '../../shared/statistics'
import { smoothingLimits } from './limits'
import type { Limits } from './limits'

export interface LimitQuestion {
  /** Values of the picture: channels times height times width. */
  readonly dimension: number
  readonly sigma: number
  /** Samples that bound the winner's share, how many of them voted for it, and the chance of a wrong statement. */
  readonly samples: number
  readonly votes: number
  readonly alpha: number
}

export interface LimitRow extends Limits {
  /** The p of the norm. */
  readonly p: number
}

/** Limits for several norms from the same votes; no rows where the votes certify nothing in any norm. */
export function limitTable(question: LimitQuestion, norms: readonly number[]) {
  const { dimension, sigma, samples, votes, alpha } = question
  const lower = clopperPearsonLower(votes, samples, alpha)
  const rows: LimitRow[] =
    lower < 0.5
      ? []
      : norms.map((p) => ({
          p,
          ...smoothingLimits({ p, dimension, sigma }, { p1: lower, p2: 1 - lower }),
        }))
  return { lower, rows }
}

/** `Linf`, `L2`, `L3`. */
export const normName = (p: number): string => `L${p === Infinity ? 'inf' : p}`

/** A limit as people read it: rounded up, because that is the safe side of a limit. */
export function roundedUp(value: number): string {
  if (value === Infinity) return 'any number of'
  if (value === 0) return '0'
  const step = 10 ** (Math.floor(Math.log10(value)) - 2)
  return String(Number((Math.ceil(value / step - 1e-9) * step).toPrecision(3)))
}
