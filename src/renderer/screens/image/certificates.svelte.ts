import type { Output } from '../../../shared/api'
import { backend } from '../../api'
import { pair } from '../../state/pair.svelte'
import { Loaded } from '../loaded.svelte'
import { vulnerableMask } from './certificate-map'
import { certificateOf, type Certificate } from './certificate-words'
import { imageState } from './image-state.svelte'
import { selection } from './selection.svelte'

/** What was proven about the boxes of run B in this picture. */
class Certificates {
  readonly #answer = new Loaded<Output<'certificates.ofImage'>>()

  get all(): readonly Certificate[] {
    return this.#answer.value?.certificates ?? []
  }

  /** About the chosen box; without one, the first of the picture. */
  get shown(): Certificate | null {
    const found = selection.found
    return certificateOf(this.all, found?.box ?? null) ?? (found ? null : (this.all[0] ?? null))
  }

  /** Where one patch could still change the answer; null where the certificate has no map. */
  readonly map = $derived.by(() => {
    const { width, height } = imageState.info?.card ?? {}
    if (!this.shown || width == null || height == null) return null
    return vulnerableMask(this.shown, { width, height })
  })

  async load(): Promise<void> {
    const [id, run] = [imageState.id, pair.b]
    if (id === null || run === null) this.#answer.clear()
    else
      await this.#answer.load((signal) => backend.call('certificates.ofImage', { id, run }, signal))
  }
}

export const certificates = new Certificates()
