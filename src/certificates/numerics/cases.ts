import { z } from 'zod'
import {
  binomialTestHalf,
  clopperPearsonLower,
  clopperPearsonUpper,
  normalCdf,
  normalQuantile,
  samplingSlack,
} from '../../shared/statistics'
import { type CaseKind, caseKind } from '../case-kind'
import { anyNumber, count, level, size } from '../case-schemas'

export const method = 'numerics'

const sample = z
  .object({ successes: count, trials: size, alpha_one_sided: level })
  .refine(({ successes, trials }) => successes <= trials, 'more successes than trials')

export const kinds: Record<string, CaseKind> = {
  clopper_pearson: caseKind(sample, ({ successes, trials, alpha_one_sided: alpha }) => ({
    lower: clopperPearsonLower(successes, trials, alpha),
    upper: clopperPearsonUpper(successes, trials, alpha),
  })),
  normal_quantile: caseKind(z.object({ p: z.number().min(0).max(1) }), ({ p }) => ({
    z: normalQuantile(p),
  })),
  normal_cdf: caseKind(z.object({ z: anyNumber }), ({ z }) => ({ p: normalCdf(z) })),
  binomial_test_half: caseKind(z.object({ top: count, second: count }), ({ top, second }) => {
    const pValue = binomialTestHalf(top, second)
    return { p_value: pValue, abstain_at_0_05: pValue > 0.05, abstain_at_0_001: pValue > 0.001 }
  }),
  one_sided_dkw_or_hoeffding: caseKind(
    z.object({ samples: size, alpha: level }),
    ({ samples, alpha }) => ({ epsilon: samplingSlack(samples, alpha) }),
  ),
}
