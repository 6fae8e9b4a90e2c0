import type { ApiError } from '../../../shared/api'
import { heatMap, loadPicture, type HeatMap } from '../../canvas/load-picture'

/** A picture that is fetched while an older or smaller one is still shown. */
export class Picture {
  #image: HTMLImageElement | null = $state.raw(null)
  #error: ApiError | null = $state.raw(null)
  #url: string | null = null
  #controller: AbortController | null = null

  get image(): HTMLImageElement | null {
    return this.#image
  }

  get error(): ApiError | null {
    return this.#error
  }

  /** Shows the picture at `url` once it is decoded; null: shows none. What is shown until then stays, unless `keep` is false. */
  async load(url: string | null, keep = true): Promise<HTMLImageElement | null> {
    if (url === this.#url && this.#error === null) return this.#image
    this.#controller?.abort()
    this.#url = url
    this.#error = null
    if (!keep || url === null) this.#image = null
    if (url === null) return null
    const controller = new AbortController()
    this.#controller = controller
    try {
      const image = await loadPicture(url, controller.signal)
      if (this.#controller !== controller) return null
      this.#image = image
      return image
    } catch {
      if (this.#controller !== controller) return null
      this.#error = await faultAt(url)
      return null
    }
  }
}

/** The map of patch probability. */
export class Probability {
  readonly #picture = new Picture()
  #map: HeatMap | null = $state.raw(null)

  get map(): HeatMap | null {
    return this.#map
  }

  async load(url: string | null): Promise<void> {
    if (url === null) this.#map = null
    const image = await this.#picture.load(url)
    if (image) this.#map = heatMap(image)
  }
}

/** An image element does not say why a picture did not come: the answer itself does. */
async function faultAt(url: string): Promise<ApiError> {
  const unknown = {
    code: 'E_PICTURE_UNREADABLE',
    message: 'This picture cannot be shown.',
    hint: 'Open another copy, or remove it from the project. The file itself stays.',
  }
  try {
    const answer: unknown = await (await fetch(url)).json()
    if (typeof answer !== 'object' || answer === null || !('error' in answer)) return unknown
    const { error } = answer
    if (typeof error !== 'object' || error === null) return unknown
    const text = (value: unknown, otherwise: string): string =>
      typeof value === 'string' ? value : otherwise
    const given: Partial<Record<keyof ApiError, unknown>> = error
    return {
      code: text(given.code, unknown.code),
      message: text(given.message, unknown.message),
      hint: text(given.hint, unknown.hint),
    }
  } catch {
    return unknown
  }
}
