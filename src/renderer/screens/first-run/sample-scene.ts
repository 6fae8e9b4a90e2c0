import type { ImageCard, ImageResult, Output } from '../../../shared/api'
import { backend } from '../../api'

export interface SampleScene {
  readonly card: ImageCard
  readonly compared: Output<'image.compare'>
  readonly result: ImageResult
}

/** Looked at to choose from: the sample has no more. */
const CANDIDATES = 12

/**
 * The scene of a data set in which the defense brought back most and took away least, with all that is drawn of it; null
 * if there is none.
 */
export async function bestScene(
  dataset: number,
  a: number,
  b: number,
): Promise<SampleScene | null> {
  const found = await backend.call('images.list', {
    filter: { dataset, changed: { a, b } },
    order: { by: 'change', a, b, descending: true },
    limit: CANDIDATES,
    a,
    b,
  })
  if (!found.ok) return null
  const worth = ({ marks }: ImageCard): number =>
    (marks.changes?.gained ?? 0) - (marks.changes?.lost ?? 0)
  const [card] = [...found.value.rows].sort((one, other) => worth(other) - worth(one))
  if (!card) return null
  const { id } = card
  const [compared, result] = await Promise.all([
    backend.call('image.compare', { id, a, b }),
    backend.call('image.result', { id, run: b }),
  ])
  if (!compared.ok || !result.ok || !result.value.result) return null
  return { card, compared: compared.value, result: result.value.result }
}
