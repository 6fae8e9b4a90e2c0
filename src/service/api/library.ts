import type { Context } from '../context'
import { removeCopies } from '../copied-files'
import { foundPatch } from '../library/image-lists'
import { completeQuery, readQuery } from '../library/query'
import type { Dataset, Facets } from '../../store'
import type { Output } from '../../shared/api'
import { cardsOf } from './cards'
import type { HandlersOf } from './handler'
import { selectedIds } from './selection'
import { AppError } from '../../shared/errors'

const IDS = 5_000
const PAGE = 100
const STEPS = 20

export const datasetHandlers: HandlersOf<'datasets'> = {
  'datasets.list': ({ project }) => ({ datasets: project.datasets.list().map(datasetOf) }),
  'datasets.get': ({ project }, { id }) => ({
    dataset: datasetOf(project.datasets.byId(id)),
    categories: project.datasets
      .categories(id)
      .map(({ id: own, name, supercategory }) => ({ id: own, name, supercategory })),
  }),
  'datasets.rename': (context, { id, name }) => {
    context.project.datasets.rename(id, name)
    context.changed('datasets', [id])
    return {}
  },
  async 'datasets.remove'(context, { id }) {
    const folders = context.project.datasets.folders(id)
    await context.project.datasets.remove(id)
    removeCopies(context.project, folders)
    context.marks.forget()
    context.changed('datasets', [id])
    context.changed('images')
    return {}
  },
  'datasets.problems': ({ project }, { id, ...page }) => {
    const { rows, next } = project.datasets.problems(id, pageOf(page))
    return {
      rows: rows.map(({ line, record, offset: _, ...row }) => ({
        ...row,
        line: line ?? null,
        record: record ?? null,
      })),
      next,
    }
  },
}

export const datasetOf = (dataset: Dataset): Output<'datasets.get'>['dataset'] => {
  const { id, name, importer, root, createdMs, images, splits } = dataset
  return {
    ...{ id, name, importer, root, createdMs, images },
    splits: splits.map((split) => ({ name: split.name, images: split.images })),
  }
}

/** Without what was left out. */
export const pageOf = ({
  limit,
  after,
}: {
  limit?: number | undefined
  after?: string | null | undefined
}) => ({
  ...(limit === undefined ? {} : { limit }),
  ...(after === undefined ? {} : { after }),
})

export const imageListHandlers: Pick<
  HandlersOf<'images'>,
  'images.ids' | 'images.list' | 'images.cards' | 'images.position' | 'images.count'
> = {
  async 'images.ids'({ lists }, { filter, order, from = 0, limit = IDS }, signal) {
    const { ids, revision } = await lists.list(filter, order, signal)
    return { total: ids.length, ids: ids.slice(from, from + limit), revision }
  },
  async 'images.list'(context, { filter, order, after, limit = PAGE, ...request }, signal) {
    const { ids } = await context.lists.list(filter, order, signal)
    const start = after == null ? 0 : await placeAfter(context, after, { filter, order }, signal)
    const page = ids.slice(start, start + limit)
    const rows = await cardsOf(context, page, request, signal)
    const last = page.at(-1)
    return { rows, next: last === undefined || start + limit >= ids.length ? null : String(last) }
  },
  async 'images.cards'(context, { ids, ...request }, signal) {
    return { cards: await cardsOf(context, ids, request, signal) }
  },
  async 'images.position'({ lists }, { id, filter, order }, signal) {
    const { position, ids } = await lists.position(id, filter, order, signal)
    return {
      position,
      total: ids.length,
      previous: position === null ? null : (ids[position - 1] ?? null),
      next: position === null ? null : (ids[position + 1] ?? null),
    }
  },
  async 'images.count'({ lists }, { filter }, signal) {
    return { count: (await lists.list(filter, undefined, signal)).ids.length, isExact: true }
  },
}

async function placeAfter(
  { lists }: Context,
  after: string,
  {
    filter,
    order,
  }: {
    filter?: Parameters<typeof lists.list>[0] | undefined
    order?: Parameters<typeof lists.list>[1] | undefined
  },
  signal: AbortSignal,
): Promise<number> {
  const id = /^\d{1,15}$/.test(after) ? Number(after) : 0
  const { position } = await lists.position(id, filter, order, signal)
  if (position !== null) return position + 1
  throw new AppError(
    'E_CURSOR_INVALID',
    `The list has no place "${after}" any more.`,
    'Ask for it from the beginning.',
  )
}

export const imageEditHandlers: Omit<HandlersOf<'images'>, keyof typeof imageListHandlers> = {
  async 'images.facets'(context, { dataset, a, b }, signal) {
    const { project } = context
    const facets = project.images.facets(dataset)
    return {
      ...copied(facets),
      happened: await happened(context, dataset, a ?? null, b ?? null, signal),
    }
  },
  'images.parseQuery': (_context, { text, a, b }) => {
    const { filter, faults } = readQuery(text, { a, b })
    return { filter, faults: [...faults] }
  },
  'images.complete': ({ project }, { text }) => {
    const facets = project.images.facets()
    const names = (values: readonly { readonly value: string }[]) =>
      values.map(({ value }) => value)
    return completeQuery(text, {
      class: names(facets.class),
      label: names(facets.label),
      split: names(facets.split),
      tag: names(facets.tag),
    })
  },
  async 'images.setStatus'(context, { selection, status }, signal) {
    const ids = await selectedIds(context, selection, signal)
    context.project.edits.setImageStatus(ids, status)
    context.changed('images', ids)
    return { images: ids.length }
  },
  async 'images.tag'(context, { selection, add = [], remove = [] }, signal) {
    const ids = await selectedIds(context, selection, signal)
    context.project.edits.tagImages(ids, add, remove)
    context.changed('images', ids)
    return { images: ids.length }
  },
  async 'images.remove'(context, { selection }, signal) {
    const ids = await selectedIds(context, selection, signal)
    context.project.edits.setImageStatus(ids, 'excluded')
    context.changed('images', ids)
    return { images: ids.length }
  },
  async 'images.acceptPatches'(context, { selection }, signal) {
    const { project } = context
    const ids = await selectedIds(context, selection, signal)
    const patches = ids.flatMap((id) =>
      project
        .patchesOf(id)
        .filter(({ status }) => status === 'proposed')
        .map((patch) => patch.id),
    )
    const name = `Accept the masks of ${ids.length === 1 ? '1 image' : `${ids.length} images`}`
    project.edits.decide(name, { ids: patches, status: 'accepted' }, { ids, status: 'reviewed' })
    context.changed('annotations', ids)
    return { patches: patches.length, images: ids.length }
  },
  'images.attributes': ({ project }, { id }) => ({
    attributes: {
      ...project.images.get(id).attributes,
    } as Output<'images.attributes'>['attributes'], // JSON values, of which zod has another type
  }),
}

function copied({ certified, patch, images, ...lists }: Facets) {
  const list = (values: Facets['split']) => values.map((value) => ({ ...value }))
  return {
    images,
    split: list(lists.split),
    class: lists.class.map((value) => ({ ...value })),
    label: list(lists.label),
    tag: list(lists.tag),
    file: list(lists.file),
    status: list(lists.status),
    patchStatus: list(lists.patchStatus),
    patch: { ...patch },
    certified: { ...certified },
  }
}

/** What happened in the run B, and between A and B; null without a run B. */
async function happened(
  { project, marks, lists }: Context,
  dataset: number | undefined,
  a: number | null,
  b: number | null,
  signal: AbortSignal,
): Promise<Output<'images.facets'>['happened']> {
  if (b === null) return null
  const ofRun = marks.of(b)
  const changes = a === null || a === b ? null : await marks.between(a, b, signal)
  const { ids } = await lists.list(dataset === undefined ? {} : { dataset }, undefined, signal)
  const counts = { done: 0, patchFound: 0, changed: 0, failed: 0 }
  const rungs = new Map<number, number>()
  const changeHistogram = Array.from({ length: STEPS }, () => 0)
  for (const id of ids) {
    const mark = ofRun.get(id)
    if (mark?.isDone) {
      counts.done++
      if (foundPatch(mark)) counts.patchFound++
      if (mark.rung !== null && mark.rung >= 0)
        rungs.set(mark.rung, (rungs.get(mark.rung) ?? 0) + 1)
    } else if (mark) counts.failed++
    const change = changes?.get(id)?.change ?? 0
    if (change === 0) continue
    counts.changed++
    const step = Math.min(STEPS - 1, Math.floor(change * STEPS))
    changeHistogram[step] = (changeHistogram[step] ?? 0) + 1
  }
  const accepted = project.images
    .facets(dataset)
    .patchStatus.find(({ value }) => value === 'accepted')
  return {
    ...counts,
    accepted: accepted?.images ?? 0,
    rungs: [...rungs].sort(([p], [q]) => p - q).map(([rung, images]) => ({ rung, images })),
    changeHistogram,
  }
}
