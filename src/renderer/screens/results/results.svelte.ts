import type { Answer, Input, Output } from '../../../shared/api'
import { backend } from '../../api'
import { list } from '../../state/list.svelte'
import { pair } from '../../state/pair.svelte'
import { project } from '../../state/project.svelte'
import { route } from '../../state/route.svelte'
import { resultsText as words } from '../../strings/results'
import { Loaded } from '../loaded.svelte'
import { distinct, mapOf, setOf } from '../distinct'
import type { Behind } from './behind'
import { type CertificateRow, type LayerNames, objectsOf } from './plot-inputs'

export type Subject = Input<'results.summary'>
export type BehindRow = Output<'results.images'>['rows'][number]

/** The pictures behind a selection in a plot. */
export interface Pictures {
  readonly sentence: string
  readonly ids: readonly number[]
  readonly total: number
  readonly rows: readonly BehindRow[]
}

/** Everything that the Results screen shows: answers of the core about the pair, and the pictures behind what was chosen. */
export class Results {
  readonly summary = new Loaded<Output<'results.summary'>>()
  readonly perClass = new Loaded<Output<'results.perClass'>>()
  readonly curves = new Loaded<Output<'results.precisionRecall'>>()
  readonly coverage = new Loaded<Output<'results.coverage'>>()
  readonly times = new Loaded<Output<'results.times'>>()
  readonly transitions = new Loaded<Output<'results.transitions'>>()
  readonly certified = new Loaded<Output<'certificates.curves'>>()
  readonly certificates = new Loaded<readonly CertificateRow[]>()
  readonly pictures = new Loaded<Pictures>()
  #selection: { readonly plot: string; readonly ids: ReadonlySet<string> } | null = $state.raw(null)

  /** Id of the run over the pictures without patches. */
  get clean(): number | null {
    const id = Number(route.query['clean'])
    return pair.run(id) ? id : null
  }

  get subject(): Subject {
    const base = { a: pair.a, b: pair.b, clean: this.clean }
    if (this.of === 'list') return { ...base, filter: list.filter }
    const dataset = Number(this.of)
    return project.dataset(dataset) ? { ...base, filter: { dataset } } : base
  }

  get names(): LayerNames {
    const nameOf = (id: number | null, otherwise: string) => pair.run(id)?.name ?? otherwise
    return {
      a: nameOf(pair.a, words.runA),
      b: nameOf(pair.b, words.runB),
      clean: nameOf(this.clean, words.cleanShort),
    }
  }

  /** The class of the curves; null: all together. */
  get curveClass(): string | null {
    const named = route.query['class']
    if (named !== undefined) return named === '*' ? null : named
    const rows = this.perClass.value?.classes ?? []
    const largest = rows.toSorted((x, y) => objectsOf(y) - objectsOf(x))[0]
    return largest?.class ?? null
  }

  selectedIn(plot: string): ReadonlySet<string> {
    return this.#selection?.plot === plot ? this.#selection.ids : nothingSelected
  }

  get hasSelection(): boolean {
    return this.#selection !== null
  }

  /** Which pictures count: all, those of a data set, or those that the Library shows. */
  get of(): string {
    return route.query['of'] ?? 'all'
  }

  async load(subject: Subject): Promise<void> {
    await Promise.all([
      this.summary.load((signal) => backend.call('results.summary', subject, signal)),
      this.coverage.load((signal) => backend.call('results.coverage', subject, signal)),
      this.times.load((signal) => backend.call('results.times', subject, signal)),
      this.perClass.load((signal) => backend.call('results.perClass', subject, signal)),
      this.transitions.load((signal) => backend.call('results.transitions', subject, signal)),
      this.#loadCertificates(subject),
    ])
  }

  async loadCurves(subject: Subject, name: string | null): Promise<void> {
    const ofClass = name === null ? {} : { class: name }
    await this.curves.load((signal) =>
      backend.call('results.precisionRecall', { ...subject, ...ofClass }, signal),
    )
  }

  /** Chooses points of one plot; what was chosen in another one is let go. */
  select(plot: string, ids: ReadonlySet<string>, behind: readonly Behind[]): void {
    if (ids.size === 0) {
      this.clearSelection()
      return
    }
    this.#selection = { plot, ids }
    void this.pictures.load((signal) => this.#picturesBehind(behind, ids.size, signal))
  }

  /** The same for plots that know their pictures. */
  selectPictures(plot: string, ids: ReadonlySet<string>, images: readonly number[]): void {
    if (ids.size === 0) {
      this.clearSelection()
      return
    }
    this.#selection = { plot, ids }
    void this.pictures.load((signal) => this.#picturesOf(images, ids.size, signal))
  }

  clearSelection(): void {
    this.#selection = null
    this.pictures.clear()
  }

  async #picturesBehind(
    behind: readonly Behind[],
    points: number,
    signal: AbortSignal,
  ): Promise<Answer<Pictures>> {
    const answers = await Promise.all(
      behind.map((one) =>
        backend.call('results.images', { ...this.subject, behind: one, limit: 1000 }, signal),
      ),
    )
    const failed = answers.find((answer) => !answer.ok)
    if (failed) return failed
    const found = answers.flatMap((answer) => (answer.ok ? [answer.value] : []))
    const [only] = found
    if (only && found.length === 1) return { ok: true, value: only }
    const rows = mapOf(found.flatMap((one) => one.rows).map((row) => [row.imageId, row] as const))
    const ids = distinct(found.flatMap((one) => one.ids))
    const sentence = ids.length === 0 ? words.noPictures : words.several(ids.length, points)
    return { ok: true, value: { sentence, ids, total: ids.length, rows: [...rows.values()] } }
  }

  async #picturesOf(
    images: readonly number[],
    points: number,
    signal: AbortSignal,
  ): Promise<Answer<Pictures>> {
    const ids = distinct(images)
    const answer = await backend.call('images.cards', { ids: ids.slice(0, 100) }, signal)
    if (!answer.ok) return answer
    const rows = answer.value.cards.map(({ id, name, version }) => {
      return { imageId: id, name, version, note: '' }
    })
    const sentence = words.several(ids.length, points)
    return { ok: true, value: { sentence, ids, total: ids.length, rows } }
  }

  /** What runs that certify say about the boxes of B, or about no boxes of a run; up to a thousand given and refused ones of each. */
  async #loadCertificates({ b, filter }: Subject): Promise<void> {
    const input = { run: b ?? null, ...(filter === undefined ? {} : { filter }) }
    const curves = await this.certified.load((signal) =>
      backend.call('certificates.curves', input, signal),
    )
    if (!curves) return
    const about = distinct(curves.curves.map(({ run }) => run.id))
    await this.certificates.load(async (signal) => {
      const answers = await Promise.all(
        about.flatMap((id) =>
          [true, false].map((certified) =>
            backend.call('certificates.ofRun', { run: id, certified, limit: 1000 }, signal),
          ),
        ),
      )
      const failed = answers.find((answer) => !answer.ok)
      if (failed) return failed
      return { ok: true, value: answers.flatMap((answer) => (answer.ok ? answer.value.rows : [])) }
    })
  }
}

const nothingSelected: ReadonlySet<string> = setOf()
