import type { ImageFilterInput, Output, Selection } from '../../../shared/api'
import { backend } from '../../api'
import { list } from '../../state/list.svelte'
import { live } from '../../state/live.svelte'
import { pair } from '../../state/pair.svelte'
import { route } from '../../state/route.svelte'
import { toasts } from '../../state/toasts.svelte'
import { library as text } from '../../strings/library'
import {
  choiceCount,
  filterOf,
  formatChoice,
  noChoice,
  orderOf,
  parseChoice,
  type FacetChoice,
} from './facet-choice'
import { ImageWindow, type ListQuestion } from './image-window.svelte'
import { addPicks, allPicks, isPicked, noPicks, pickCount, togglePick, type Picks } from './picks'

type Facets = Output<'images.facets'>
export type QueryFault = Output<'images.parseQuery'>['faults'][number]

/** Everything that the Library screen shows. It outlives the screen: back from a picture, all is as it was. */
class Library {
  readonly images = new ImageWindow()
  #facets: Facets | null = $state.raw(null)
  #query: ImageFilterInput = $state.raw({})
  #faults: readonly QueryFault[] = $state.raw([])
  #picks: Picks = $state.raw(noPicks)
  #anchor = 0
  #parsed = ''
  /** Position of the picture with the focus. */
  focused = $state(0)

  get dataset(): number | null {
    const id = Number(route.query['dataset'])
    return Number.isInteger(id) && id > 0 ? id : null
  }

  /** Ids of the pictures that another screen wants shown, such as those behind a point of a plot; null: all. */
  get named(): readonly number[] | null {
    const ids = (route.query['ids'] ?? '').split(',').map(Number)
    return ids.every((id) => Number.isInteger(id) && id > 0) ? ids : null
  }

  get choice(): FacetChoice {
    return parseChoice(route.query['f'])
  }
  set choice(choice: FacetChoice) {
    route.set({ f: formatChoice(choice) })
  }

  get search(): string {
    return route.query['q'] ?? ''
  }

  get orderName(): string {
    return route.query['order'] ?? 'imported'
  }

  get facets(): Facets | null {
    return this.#facets
  }

  /** What of the search text could not be read. */
  get faults(): readonly QueryFault[] {
    return this.#faults
  }

  get filter(): ImageFilterInput {
    const { a, b } = pair
    const filter = filterOf({
      dataset: this.dataset,
      choice: this.choice,
      query: this.#query,
      a,
      b,
    })
    return this.named === null ? filter : { ...filter, ids: [...this.named] }
  }

  get order() {
    return orderOf(this.orderName, pair.a, pair.b)
  }

  /** How many filters hold beside the data set. */
  get filterCount(): number {
    const others = (this.search.trim() === '' ? 0 : 1) + (this.named === null ? 0 : 1)
    return choiceCount(this.choice) + others
  }

  get picked(): number {
    return pickCount(this.#picks, this.images.total ?? 0)
  }

  isPicked(index: number): boolean {
    const id = this.images.id(index)
    return id !== undefined && isPicked(this.#picks, id)
  }

  /** What an action is about: the selected pictures, else the one with the focus. */
  get selection(): Selection | null {
    if (this.#picks.all && this.#picks.ids.size === 0) return { filter: this.filter }
    if (!this.#picks.all && this.#picks.ids.size > 0) return { ids: [...this.#picks.ids] }
    const id = this.images.id(this.focused)
    return this.#picks.all || id === undefined ? null : { ids: [id] }
  }

  /** As `selection`, also where all but some are selected: their ids are fetched then. */
  async wholeSelection(): Promise<Selection | null> {
    if (!this.#picks.all || this.#picks.ids.size === 0) return this.selection
    const ids = await this.images.ids(0, this.images.total ?? 0)
    return { ids: ids.filter((id) => isPicked(this.#picks, id)) }
  }

  /** What the list is asked for, as text: the same text, the same list. */
  get question(): string {
    return JSON.stringify({ filter: this.filter, order: this.order, a: pair.a, b: pair.b })
  }

  /** Asks for the list of a `question`. */
  async load(text: string): Promise<void> {
    // It was written by the getter above.
    const question = JSON.parse(text) as ListQuestion
    list.set(question.filter, question.order)
    await this.images.ask(question)
    const { total } = this.images
    if (total !== null && this.focused >= total) this.focused = Math.max(0, total - 1)
  }

  async loadFacets(): Promise<void> {
    const dataset = this.dataset
    const answer = await backend.call('images.facets', {
      ...(dataset === null ? {} : { dataset }),
      ...pair.input,
    })
    if (answer.ok && dataset === this.dataset) this.#facets = answer.value
  }

  /** Reads the search text; while it cannot be read, the last good filter stays. */
  async loadQuery(search: string, signal: AbortSignal): Promise<void> {
    const wanted = `${search}\u0000${pair.a ?? ''}\u0000${pair.b ?? ''}`
    if (wanted === this.#parsed) return
    if (search.trim() === '') {
      this.#parsed = wanted
      this.#faults = []
      this.#query = {}
      return
    }
    const answer = await backend.call('images.parseQuery', { text: search, ...pair.input }, signal)
    if (!answer.ok) return
    this.#parsed = wanted
    this.#faults = answer.value.faults
    if (answer.value.faults.length === 0) this.#query = answer.value.filter
  }

  clearFilters(): void {
    route.set({ f: formatChoice(noChoice), q: '', ids: '' })
  }

  select(index: number, how: 'only' | 'toggle' | 'range'): void {
    const id = this.images.id(index)
    if (id === undefined) return
    if (how === 'toggle') {
      this.#picks = togglePick(this.#picks, id)
      this.#anchor = index
    } else if (how === 'range') {
      const [from, to] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index) + 1]
      void this.images.ids(from, to).then((ids) => {
        this.#picks = addPicks(this.#picks, ids)
      })
    } else {
      // A plain click moves the focus; a selection is made on purpose, by Space, Ctrl, Shift or the tick.
      this.#anchor = index
    }
  }

  selectAll(): void {
    this.#picks = allPicks
    live.say(text.selected(this.picked))
  }

  selectNone(): void {
    this.#picks = noPicks
  }

  async accept(): Promise<void> {
    const selection = await this.wholeSelection()
    if (!selection) return
    const answer = await backend.call('images.acceptPatches', { selection })
    if (!answer.ok) toasts.add(answer.error.message, 'bad')
    else
      this.#tell(text.accepted(answer.value.patches, answer.value.images), answer.value.patches > 0)
  }

  async tag(tag: string, how: 'add' | 'remove'): Promise<void> {
    const selection = await this.wholeSelection()
    if (!selection) return
    const answer = await backend.call('images.tag', { selection, [how]: [tag] })
    if (!answer.ok) toasts.add(answer.error.message, 'bad')
    else {
      const words = how === 'add' ? text.tagged : text.untagged
      this.#tell(words(answer.value.images, tag), answer.value.images > 0)
    }
  }

  async remove(): Promise<void> {
    const selection = await this.wholeSelection()
    if (!selection) return
    const answer = await backend.call('images.remove', { selection })
    if (!answer.ok) {
      toasts.add(answer.error.message, 'bad')
      return
    }
    this.selectNone()
    this.#tell(text.removed(answer.value.images), true)
    await this.images.reload()
  }

  #tell(words: string, canUndo: boolean): void {
    const undo = {
      label: text.undo,
      run: () => {
        void backend.call('undo.undo', {}).then(() => this.images.reload())
      },
    }
    toasts.add(words, canUndo ? 'ok' : 'info', canUndo ? [undo] : [])
  }
}

export const libraryState = new Library()
