import type { Output } from '../../shared/api'
import type { ProjectPatch } from '../../store'
import type { Context } from '../context'
import { pictureVersion, shownName } from '../content-version'
import type { HandlersOf } from './handler'

type Row = Output<'review.queue'>['rows'][number]
type State = Row['state']

const LIMIT = 100

export const reviewHandlers: HandlersOf<'review'> = {
  async 'review.queue'(context, { dataset, show = 'all', from = 0, limit = LIMIT }, signal) {
    const lists = await statesOf(context, dataset, signal)
    const ids =
      show === 'all'
        ? [...lists['to-do'], ...lists.accepted, ...lists.rejected, ...lists['no-patch']]
        : lists[show]
    return {
      total: ids.length,
      toDo: lists['to-do'].length,
      accepted: lists.accepted.length,
      rejected: lists.rejected.length,
      rows: ids.slice(from, from + limit).map((id) => rowOf(context, id)),
    }
  },
  'review.accept': (context, { imageId }) => {
    const { project } = context
    const ids = proposalsOf(context, imageId)
    const name = `Accept the masks of ${shownName(project.images.get(imageId).file)}`
    project.edits.decide(name, { ids, status: 'accepted' }, { ids: [imageId], status: 'reviewed' })
    context.changed('annotations', [imageId])
    return { patches: ids.length }
  },
  'review.reject': (context, { imageId }) => {
    const { project } = context
    const ids = proposalsOf(context, imageId)
    const name = `No patch in ${shownName(project.images.get(imageId).file)}`
    project.edits.decide(name, { ids, status: 'rejected' }, { ids: [imageId], status: 'reviewed' })
    context.changed('annotations', [imageId])
    return { patches: ids.length }
  },
}

/** From the lists of the store: pictures with a proposal are to do, whatever else they have. */
async function statesOf(
  { lists }: Context,
  dataset: number | undefined,
  signal: AbortSignal,
): Promise<Record<State, readonly number[]>> {
  const own = dataset === undefined ? {} : { dataset }
  const ids = async (filter: Parameters<typeof lists.list>[0]) =>
    (await lists.list({ ...own, ...filter }, undefined, signal)).ids
  const toDo = await ids({ patchStatus: ['proposed'] })
  const seen = new Set(toDo)
  const rest = (list: readonly number[]) => {
    const fresh = list.filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    return fresh
  }
  const accepted = rest(await ids({ patchStatus: ['accepted'] }))
  const rejected = rest(await ids({ patchStatus: ['rejected'] }))
  const noPatch = rest(await ids({ status: ['reviewed'], patch: false }))
  return { 'to-do': toDo, accepted, rejected, 'no-patch': noPatch }
}

function rowOf({ project }: Context, id: number): Row {
  const image = project.images.get(id)
  const patches = project.patchesOf(id)
  const count = (status: ProjectPatch['status']) =>
    patches.filter((patch) => patch.status === status).length
  const [proposals, accepted] = [count('proposed'), count('accepted')]
  const state: State =
    proposals > 0
      ? 'to-do'
      : accepted > 0
        ? 'accepted'
        : count('rejected') > 0
          ? 'rejected'
          : 'no-patch'
  return {
    ...{ imageId: id, proposals, accepted, state },
    name: shownName(image.file),
    version: pictureVersion(image),
  }
}

function proposalsOf({ project }: Context, imageId: number): number[] {
  project.images.get(imageId)
  return project
    .patchesOf(imageId)
    .filter(({ status }) => status === 'proposed')
    .map(({ id }) => id)
}
