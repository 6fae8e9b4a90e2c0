import type { ImageFilterInput, Selection } from '../../shared/api'
import { AppError } from '../../shared/errors'
import type { Dataset, ImageFilter } from '../../store'
import type { Context } from '../context'

/** Ids of the pictures that are meant, each once. @throws AppError E_SELECTION_EMPTY, E_FILTER_INVALID */
export async function selectedIds(
  { lists }: Context,
  selection: Selection,
  signal?: AbortSignal,
): Promise<readonly number[]> {
  const ids =
    'ids' in selection
      ? [...new Set(selection.ids)]
      : (await lists.list(selection.filter, { by: 'imported' }, signal)).ids
  if (ids.length > 0) return ids
  throw new AppError('E_SELECTION_EMPTY', 'No picture is selected.', 'Select at least one picture.')
}

/** A filter as the store takes it: the ids that it lets through, or nothing where that is all of a data set. */
export async function resolvedFilter(
  { lists }: Context,
  filter: ImageFilterInput | undefined,
  dataset: Dataset | null,
  signal?: AbortSignal,
): Promise<Pick<ImageFilter, 'ids'>> {
  if (filter === undefined && dataset === null) return {}
  const own = dataset === null ? {} : { dataset: dataset.id }
  const { ids } = await lists.list({ ...filter, ...own }, { by: 'imported' }, signal)
  return dataset !== null && ids.length === dataset.images ? {} : { ids }
}
