import type { Input } from '../../../shared/api'
import { findComponents, paintComponent } from '../../../shared/vision/components'
import { emptyMask, type Mask } from '../../../shared/vision/mask'
import { encodeMask } from '../../../shared/vision/rle'
import { rleToText } from '../../../shared/vision/rle-text'
import { backend } from '../../api'
import { pair } from '../../state/pair.svelte'
import { toasts } from '../../state/toasts.svelte'
import { imageState } from './image-state.svelte'
import { scenes } from './scenes.svelte'
import { imageText } from '../../strings/image'

type Kept = Input<'patches.keepProposals'>

/** Each connected part of a mask as a patch that may be kept: its box and its pixels. */
export function partsOf(mask: Mask): Kept['proposals'] {
  const parts = findComponents(mask)
  return Array.from({ length: parts.count }, (_, part) => {
    const own = emptyMask(mask.width, mask.height)
    paintComponent(parts, part, own.bits)
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = parts.boxes.subarray(4 * part, 4 * part + 4)
    const { width, height } = mask
    return {
      box: [x1, y1, x2 - x1, y2 - y1],
      shape: { mask: { width, height, text: rleToText(encodeMask(own)) } },
      drawnAs: { kind: 'completed' },
    }
  })
}

/**
 * Keeps what run B removed as patches of this picture; with `accept`, as true ones, which ends its review. Does nothing
 * where patches are annotated. One step to undo.
 */
export async function keepFound(accept: boolean): Promise<number> {
  const { id, info } = imageState
  const mask = scenes.completed
  if (id === null || !info || !mask || info.patches.length > 0) return 0
  const proposals = partsOf(mask)
  if (proposals.length === 0) return 0
  const run = pair.runB
  const segmenter = run?.params['segmenter']
  const answer = await backend.call('patches.keepProposals', {
    imageId: id,
    segmenter: typeof segmenter === 'string' ? segmenter : (run?.defense ?? 'defense'),
    params: run?.params ?? {},
    proposals,
    accept,
    reviewed: accept,
  })
  if (!answer.ok) {
    toasts.add(answer.error.message, 'bad')
    return 0
  }
  return answer.value.patches.length
}

/** Accepts the masks of this picture, those of run B where none are annotated. False where there is nothing to accept. */
export async function acceptMasks(): Promise<boolean> {
  const { id, info } = imageState
  if (id === null || !info) return false
  if (info.patches.length === 0) return acceptFound()
  const answer = await backend.call('review.accept', { imageId: id })
  if (answer.ok) toasts.add(imageText.accepted(Math.max(answer.value.patches, 1)), 'ok', [undo])
  else toasts.add(answer.error.message, 'bad')
  return answer.ok
}

async function acceptFound(): Promise<boolean> {
  if (!scenes.completed || partsOf(scenes.completed).length === 0) {
    toasts.add(imageText.nothingToAccept)
    return false
  }
  const kept = await keepFound(true)
  if (kept > 0) toasts.add(imageText.accepted(kept), 'ok', [undo])
  return kept > 0
}

/** No patch in this picture. */
export async function rejectMasks(): Promise<boolean> {
  const { id } = imageState
  if (id === null) return false
  const answer = await backend.call('review.reject', { imageId: id })
  if (answer.ok) toasts.add(imageText.rejected, 'ok', [undo])
  else toasts.add(answer.error.message, 'bad')
  return answer.ok
}

const undo = {
  label: imageText.undo,
  run: () => void backend.call('undo.undo', {}),
}
