import { toasts } from '../../state/toasts.svelte'
import { imageState } from '../image/image-state.svelte'
import { annotate } from './annotate-state.svelte'
import { proposing, type Offered } from './proposing.svelte'

/**
 * Looks inside a box (x1, y1, x2, y2), or in the whole picture. One find is offered in the dock; several are kept as proposals in the list,
 * to be decided one by one.
 */
export async function proposeWithin(
  within: [number, number, number, number] | null,
): Promise<void> {
  const { id } = imageState
  if (id === null) return
  const answer = await proposing.ask({ imageId: id, ...(within === null ? {} : { within }) })
  if (proposing.error) toasts.add(proposing.error.message, 'bad')
  if (!answer || answer.proposals.length < 2) return
  const { proposals } = answer
  proposing.drop()
  const kept = await annotate.keep({
    segmenter: proposals[0]?.segmenter ?? 'segmenter',
    params: proposing.params,
    proposals: proposals.map(keptOf),
  })
  const [first] = kept?.patches ?? []
  if (first) annotate.choose({ kind: 'patch', id: first.id })
}

/** Makes the offered shape a patch of the picture. */
export async function acceptOffered({ proposal }: Offered): Promise<void> {
  proposing.drop()
  const kept = await annotate.keep({
    segmenter: proposal.segmenter,
    params: proposing.params,
    proposals: [keptOf(proposal)],
    accept: true,
  })
  const [first] = kept?.patches ?? []
  if (first) annotate.choose({ kind: 'patch', id: first.id })
}

function keptOf({ box, mask, side, rung, q }: Offered['proposal']) {
  return {
    box,
    shape: { mask },
    drawnAs: {
      kind: 'completed' as const,
      ...(side === null ? {} : { side }),
      ...(rung === null ? {} : { rung }),
      ...(q === null ? {} : { q }),
    },
  }
}
