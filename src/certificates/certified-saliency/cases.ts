import { z } from 'zod'
import { type CaseKind, caseKind } from '../case-kind'
import { level, size } from '../case-schemas'
import { certifiedOverlap, certifiedRanks, saliencySlack } from './certified-overlap'
import { keptCount, sparsify } from './sparsify'

export const method = 'robust-interpretation'

// Answers are keyed by the text of these numbers, as the files of cases write them.
const rhos = ['0.0', '0.01', '0.03', '0.1', '0.3']
const sigmas = ['0.1', '0.5']

const smoothed = {
  smoothed_scores: z.array(z.number().min(0).max(1)).min(1),
  samples: size,
  confidence: level,
}

const overlap = z
  .object({ ...smoothed, top_k: size })
  .refine(
    ({ smoothed_scores: scores, top_k: k }) => 2 * k <= scores.length,
    'top_k is more than half of the scores',
  )

export const kinds: Record<string, CaseKind> = {
  topk_overlap: caseKind(overlap, (input) => {
    const { smoothed_scores: scores, top_k: k } = input
    const slack = saliencySlack(scores.length, input.samples, input.confidence)
    const answers = rhos.flatMap((rho) =>
      sigmas.map((sigma) => {
        const setting = { rho: Number(rho), sigma: Number(sigma), slack }
        return [`rho=${rho},sigma=${sigma}`, certifiedOverlap(scores, k, setting)] as const
      }),
    )
    return { slack, certified_overlap: Object.fromEntries(answers) }
  }),

  certified_rank: caseKind(
    z.object({ ...smoothed, rho: z.number().min(0), sigma: z.number().positive() }),
    (input) => {
      const { smoothed_scores: scores, rho, sigma } = input
      const slack = saliencySlack(scores.length, input.samples, input.confidence)
      return { certified_rank: Array.from(certifiedRanks(scores, { rho, sigma, slack })) }
    },
  ),

  sparsify: caseKind(
    z.object({ gradient: z.array(z.number()).min(1), tau: z.number().min(0).max(1) }),
    ({ gradient, tau }) => {
      const kept = keptCount(gradient.length, tau)
      return { kept, mask: Array.from(sparsify(gradient, kept)) }
    },
  ),
}
