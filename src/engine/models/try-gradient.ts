import { toErrorRecord } from '../../shared/errors'
import type { ModelCard } from '../../shared/model-card'
import {
  parseGradientCard,
  pictureDims,
  readLossAndGradient,
  targetDims,
} from '../../shared/plugin/gradient-card'
import type { Outputs } from '../../shared/plugin/output-family'
import type { PrivateCopy } from './model-copy'
import type { Recognition } from './model-inspection'
import { probeModel } from './probe-model'

/**
 * Runs a gradient model once, on a black picture with every target at its default (0 where it has none), and checks that
 * loss and gradient come back, in the right shapes and finite.
 * @throws AppError E_MODEL_RUN, E_MODEL_OUTPUT_SHAPE, E_MODEL_OUTPUT_NOT_FINITE and what loading a model throws
 */
export async function tryGradient(
  modelCard: ModelCard,
  copy: Pick<PrivateCopy, 'path'>,
): Promise<{ ms: number; outputs: Outputs }> {
  const card = parseGradientCard(modelCard)
  const { name, type, width, height } = card.input
  const size = { count: 1, height, width }
  const targets = card.output.targets.map((target) => ({
    name: target.name,
    type: 'float32' as const,
    dims: targetDims(target, size),
    value: target.default ?? 0,
  }))
  const picture = { name, type, dims: pictureDims(card, size) }
  const question = { path: copy.path, label: card.id, threads: 1, feeds: [picture, ...targets] }
  const answer = await probeModel(question)
  readLossAndGradient(card, size, answer.outputs)
  return answer
}

/** Such a model is known by its card alone: the run says whether it works. Faults of the run are part of the answer. */
export async function recognizeGradient(
  card: ModelCard,
  copy: Pick<PrivateCopy, 'path'>,
): Promise<Recognition> {
  const rest = { signature: null, proposals: [] }
  try {
    const { ms, outputs } = await tryGradient(card, copy)
    const dims = Object.entries(outputs).map(([name, tensor]) => [name, tensor.dims] as const)
    return { probe: { ok: true, ms, outputs: Object.fromEntries(dims) }, ...rest }
  } catch (error) {
    return { probe: { ok: false, error: toErrorRecord(error) }, ...rest }
  }
}
