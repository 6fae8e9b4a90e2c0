import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ImageFilterInput, ImageOrder } from '../../shared/api'
import type { ImageFilter, Project, RunMark } from '../../store'
import type { RunMarks } from './run-marks'

/** Ids in the order of a list. */
export interface ImageList {
  readonly ids: readonly number[]
  /** Another text once the list may have changed. */
  readonly revision: string
}

interface Kept extends ImageList {
  /** Positions by id; made when one is asked for. */
  place: ReadonlyMap<number, number> | null
}

const LISTS_KEPT = 12
/** Pictures that are read before others get their turn. */
const READ_AT_ONCE = 500

/**
 * Whole lists of pictures, filtered and in order, as ids: a list of 100,000 takes a megabyte, and then every window, count
 * and position of it is there at once.
 */
export class ImageLists {
  readonly #project: Project
  readonly #marks: RunMarks
  readonly #kept = new Map<string, Kept>()
  #images = 1
  #runs = 1
  /** All pictures that there were when names were last sorted, by name. Ids are not used twice and files keep their names. */
  #byName: readonly number[] = []

  constructor(project: Project, marks: RunMarks) {
    this.#project = project
    this.#marks = marks
  }

  /** Pictures or annotations have changed. */
  imagesChanged(): void {
    this.#images++
  }

  /** Results came, or a run went. */
  runsChanged(): void {
    this.#runs++
  }

  /** @throws AppError E_FILTER_INVALID, E_ROW_UNKNOWN for a run that is not there */
  async list(
    filter: ImageFilterInput = {},
    order: ImageOrder = { by: 'imported' },
    signal?: AbortSignal,
  ): Promise<ImageList> {
    return this.#listOf(filter, order, signal)
  }

  /** Null where the picture is not in the list. @throws as `list` */
  async position(
    id: number,
    filter: ImageFilterInput = {},
    order: ImageOrder = { by: 'imported' },
    signal?: AbortSignal,
  ): Promise<{ readonly position: number | null; readonly ids: readonly number[] }> {
    const list = await this.#listOf(filter, order, signal)
    list.place ??= new Map(list.ids.map((one, k) => [one, k]))
    return { position: list.place.get(id) ?? null, ids: list.ids }
  }

  async #listOf(filter: ImageFilterInput, order: ImageOrder, signal?: AbortSignal): Promise<Kept> {
    const usesRuns =
      order.by === 'change' ||
      order.by === 'score' ||
      filter.found !== undefined ||
      filter.changed !== undefined ||
      filter.outcome !== undefined ||
      filter.certified !== undefined
    const revision = `${this.#images}${usesRuns ? `.${this.#runs}` : ''}`
    const key = JSON.stringify([filter, order])
    const known = this.#kept.get(key)
    this.#kept.delete(key)
    const ids = known?.revision === revision ? null : await this.#compute(filter, order, signal)
    const list = known && ids === null ? known : { ids: ids ?? [], revision, place: null }
    this.#kept.set(key, list)
    for (const old of [...this.#kept.keys()].slice(0, -LISTS_KEPT)) this.#kept.delete(old)
    return list
  }

  async #compute(
    filter: ImageFilterInput,
    order: ImageOrder,
    signal?: AbortSignal,
  ): Promise<readonly number[]> {
    const { ids: only, outcome, changed, field, ...rest } = filter
    if (changed) await this.#marks.between(changed.a, changed.b, signal)
    if (order.by === 'change') await this.#marks.between(order.a, order.b, signal)
    const { images } = this.#project
    let ids = images.allIds(storeFilter(rest, changed))
    // Excluded pictures are shown to those who ask for them. Few are: taking them out is quicker than choosing the others.
    const excluded = new Set(rest.status ? [] : images.allIds({ status: ['excluded'] }))
    if (excluded.size > 0) ids = ids.filter((id) => !excluded.has(id))
    if (only) {
      const wanted = new Set(only)
      ids = ids.filter((id) => wanted.has(id))
    }
    if (changed?.max !== undefined) {
      const marks = await this.#marks.between(changed.a, changed.b, signal)
      const { max } = changed
      ids = ids.filter((id) => (marks.get(id)?.change ?? 0) <= max)
    }
    if (outcome) {
      const marks = this.#marks.of(outcome.run)
      ids = ids.filter((id) => hasOutcome(marks.get(id), outcome))
    }
    if (field) ids = await this.#withFields(ids, field, signal)
    return this.#sorted(ids, order, signal)
  }

  /** There is no index of fields, so this reads every picture that has come so far: two seconds for 100,000. */
  async #withFields(
    ids: readonly number[],
    fields: NonNullable<ImageFilterInput['field']>,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const found: number[] = []
    for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
      await nextTurn()
      signal?.throwIfAborted()
      for (const id of ids.slice(from, from + READ_AT_ONCE)) {
        const { attributes } = this.#project.images.get(id)
        if (fields.every(({ name, value }) => fieldText(attributes[name]) === value)) found.push(id)
      }
    }
    return found
  }

  async #sorted(
    ids: number[],
    order: ImageOrder,
    signal?: AbortSignal,
  ): Promise<readonly number[]> {
    if (order.by === 'imported') return order.descending === true ? ids.reverse() : ids
    if (order.by === 'name') {
      const named = this.#namesInOrder(ids)
      return order.descending === true ? named.reverse() : named
    }
    const rank = await this.#rankOf(order, signal)
    const falls = order.descending ?? true
    return ids
      .map((id) => ({ id, rank: rank(id) }))
      .sort((a, b) => (falls ? b.rank - a.rank : a.rank - b.rank) || a.id - b.id)
      .map(({ id }) => id)
  }

  /** Sorting 100,000 names takes most of a second, so it is done once, and again only when there are new pictures. */
  #namesInOrder(ids: readonly number[]): number[] {
    const wanted = new Set(ids)
    const known = this.#byName.filter((id) => wanted.has(id))
    if (known.length === wanted.size) return known
    this.#byName = sortedByName(this.#project.images.files())
    return this.#byName.filter((id) => wanted.has(id))
  }

  async #rankOf(
    order: Exclude<ImageOrder, { by: 'imported' | 'name' }>,
    signal?: AbortSignal,
  ): Promise<(id: number) => number> {
    switch (order.by) {
      case 'change': {
        const marks = await this.#marks.between(order.a, order.b, signal)
        const after = this.#marks.of(order.b)
        // Of those that changed alike, or not at all, the ones come first from which the defense took something.
        return (id) => (marks.get(id)?.change ?? -1) + (hasPatch(after.get(id)) ? 1e-9 : 0)
      }
      case 'score': {
        const marks = this.#marks.of(order.run)
        return (id) => marks.get(id)?.maxScore ?? -1
      }
    }
  }
}

/** A field as people write it: text as it is, the rest as JSON. */
function fieldText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What the store itself can answer. */
function storeFilter(
  { found, ...filter }: Omit<ImageFilterInput, 'ids' | 'outcome' | 'changed' | 'field'>,
  changed: ImageFilterInput['changed'],
): ImageFilter {
  const given = Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined),
  ) as Omit<ImageFilter, 'found' | 'changed'> // the names of both are the same
  return {
    ...given,
    ...(found ? { found: defined(found) } : {}),
    ...(changed
      ? { changed: defined({ base: changed.a, other: changed.b, min: changed.min }) }
      : {}),
  }
}

/** Without fields that are undefined, which the store does not take for absent. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

function hasOutcome(
  mark: RunMark | undefined,
  { state, patchFound, rung }: NonNullable<ImageFilterInput['outcome']>,
): boolean {
  const isState =
    state === undefined ||
    (state === 'missing' ? mark === undefined : mark?.isDone === (state === 'done'))
  if (!isState) return false
  if (patchFound !== undefined && (!mark?.isDone || foundPatch(mark) !== patchFound)) return false
  if (rung === undefined) return true
  const its = mark?.rung ?? -1
  return its >= rung.min && its <= rung.max
}

const hasPatch = (mark: RunMark | undefined): boolean => mark?.isDone === true && foundPatch(mark)

/** Whether the defense took something out. */
export function foundPatch({ parts, removedFraction }: RunMark): boolean {
  return (parts ?? 0) > 0 || (removedFraction ?? 0) > 0
}

/** Ids in the order of names: digits count as numbers, so 2 comes before 10. */
function sortedByName(files: readonly { readonly id: number; readonly file: string }[]): number[] {
  // A collator takes ten times as long over 100,000 names.
  const keyed = files.map(({ id, file }) => ({
    id,
    key: file.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(12, '0')),
  }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id))
  return keyed.map(({ id }) => id)
}
