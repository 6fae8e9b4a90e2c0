import type { Output } from '../../../shared/api'
import { backend } from '../../api'
import { jobs } from '../../state/jobs.svelte'
import { pair } from '../../state/pair.svelte'
import { Loaded } from '../loaded.svelte'
import { placesAt, readMap, vulnerableMask } from './certificate-map'
import { certificatesOf, type Certificate } from './certificate-words'
import { imageState } from './image-state.svelte'
import { selection } from './selection.svelte'

/** What was proven about the boxes of run B in this picture, and about the picture and its objects. */
class Certificates {
  readonly #answer = new Loaded<Output<'certificates.ofImage'>>()
  readonly why = new Loaded<Output<'certificates.whyNot'>>()
  #chosen: number | null = $state(null)
  #size: { readonly certificate: number; readonly size: number } | null = $state.raw(null)
  /** Of the job that certifies this picture. */
  #job: { readonly id: number; readonly image: number } | null = $state.raw(null)

  get all(): readonly Certificate[] {
    return this.#answer.value?.certificates ?? []
  }

  /** About the chosen box; without one, about the picture, else about the first box that something is proven of. */
  readonly fitting: readonly Certificate[] = $derived.by(() => {
    const found = selection.found
    if (found) return certificatesOf(this.all, found.box)
    const whole = certificatesOf(this.all, null)
    const isSound = ({ certified, stale }: Certificate): boolean => certified && stale.length === 0
    const first = this.all.find(isSound) ?? this.all[0]
    return whole.length > 0 || !first ? whole : certificatesOf(this.all, first.box)
  })

  get shown(): Certificate | null {
    return this.fitting.find(({ id }) => id === this.#chosen) ?? this.fitting[0] ?? null
  }

  choose(id: number): void {
    this.#chosen = id
  }

  /** What the shown certificate knows about places; null where it has no map. */
  readonly places = $derived.by(() => (this.shown ? readMap(this.shown) : null))

  /** The patch that the map shows, in pixels of the picture. */
  get size(): number {
    const own = this.#size
    if (own !== null && own.certificate === this.shown?.id) return own.size
    return this.places?.patch ?? 1
  }
  set size(size: number) {
    if (this.shown) this.#size = { certificate: this.shown.id, size }
  }

  readonly at = $derived.by(() => (this.places ? placesAt(this.places, this.size) : null))

  /** Where one patch could still change the answer; null where the certificate has no map, or does not hold. */
  readonly map = $derived.by(() => {
    const { width, height } = imageState.info?.card ?? {}
    if (!this.shown || this.shown.stale.length > 0 || width == null || height == null) return null
    return vulnerableMask(this.shown, { width, height }, this.size)
  })

  /** 0..1 while this picture is being certified; null otherwise. */
  get progress(): number | null {
    const job = jobs.all.find(({ id }) => id === this.#job?.id)
    if (this.#job === null || this.#job.image !== imageState.id) return null
    return job?.total ? (job.done + job.failed) / job.total : 0
  }

  async load(): Promise<void> {
    const { id } = imageState
    if (id === null) this.#answer.clear()
    else {
      const input = { id, run: pair.b, alsoOthers: true }
      await this.#answer.load((signal) => backend.call('certificates.ofImage', input, signal))
    }
  }

  /** Why it reaches no farther, for the patch that the map shows. */
  async loadWhy(): Promise<void> {
    const { shown } = this
    const { id } = imageState
    if (!shown || id === null) this.why.clear()
    else {
      const size = this.places === null ? {} : { size: this.size }
      const input = { id, run: shown.runId, certificate: shown.id, ...size }
      await this.why.load((signal) => backend.call('certificates.whyNot', input, signal))
    }
  }

  /** Waits for a job that certifies this picture, and shows what it has proven. */
  async follow(jobId: number): Promise<void> {
    const { id } = imageState
    if (id === null) return
    const followed = { id: jobId, image: id }
    this.#job = followed
    await jobs.ended(jobId)
    // Another one may have been started meanwhile.
    if (this.#job === followed) this.#job = null
    await this.load()
  }
}

export const certificates = new Certificates()
