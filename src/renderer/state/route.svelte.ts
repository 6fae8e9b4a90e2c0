import { carriedQuery, formatPlace, parsePlace, type Place, type ScreenName } from '../router'

/** The address of the window: the one place that says which screen, image, pair and filter are shown. */
class Route {
  #place: Place = $state.raw(parsePlace(location.hash))

  constructor() {
    addEventListener('hashchange', () => {
      this.#place = parsePlace(location.hash)
    })
  }

  get screen(): ScreenName {
    return this.#place.screen
  }

  get id(): string | null {
    return this.#place.id
  }

  get query(): Readonly<Record<string, string>> {
    return this.#place.query
  }

  /** The address of another screen, with the pair and the list kept: for links. */
  to(screen: ScreenName, id: string | null = null, query: Record<string, string> = {}): string {
    return formatPlace({ screen, id, query: { ...carriedQuery(this.query), ...query } })
  }

  /** Opens a screen; back returns to this one. */
  go(screen: ScreenName, id: string | null = null, query: Record<string, string> = {}): void {
    location.hash = this.to(screen, id, query)
  }

  /** Changes answers of this place without a step in the history; an empty text removes the answer. */
  set(query: Record<string, string>): void {
    this.#replace({ ...this.#place, query: { ...this.#place.query, ...query } })
  }

  /** Another picture on the same screen: no step in the history either, since back should leave the screen. */
  setId(id: string): void {
    this.#replace({ ...this.#place, id })
  }

  #replace(place: Place): void {
    this.#place = place
    history.replaceState(null, '', formatPlace(place))
  }
}

export const route = new Route()
