import type { AppSettings, Input } from '../../shared/api'
import { backend, desktop } from '../api'
import { stored } from './stored'
import { toasts } from './toasts.svelte'

export const themes = ['system', 'dark', 'light', 'hc'] as const
export type Theme = (typeof themes)[number]
export const surrounds = ['black', 'dark', 'mid', 'light'] as const
export type Surround = (typeof surrounds)[number]

interface Choices {
  readonly theme: Theme
  /** Size of text, 0.9..2. */
  readonly textScale: number
  readonly surround: Surround
  /** Width of lines on the canvas in screen pixels, 1.5..4. */
  readonly lineWidth: number
  /** Hints of the first run that were closed by doing what they say. */
  readonly hintsDone: readonly string[]
  /** Width of panels in pixels by `screen.side`; negative while collapsed. */
  readonly panels: Readonly<Record<string, number>>
  /** Size of the Library's cells in pixels. */
  readonly cellSize: number
}

const initial: Choices = {
  theme: 'system',
  textScale: 1,
  surround: 'dark',
  lineWidth: 2,
  hintsDone: [],
  panels: {},
  cellSize: 168,
}

/**
 * What the user chose, kept by the core for all projects. The part about looks is also kept in the page, so that the first
 * frame has it already.
 */
class Settings {
  readonly #store = stored<Choices>('settings', initial, readChoices)
  #choices: Choices = $state.raw(this.#store.read())
  #all: AppSettings | null = $state.raw(null)
  #saving: ReturnType<typeof setTimeout> | undefined
  readonly #prefersLight = matchMedia('(prefers-color-scheme: light)')
  readonly #prefersContrast = matchMedia('(prefers-contrast: more), (forced-colors: active)')

  constructor() {
    for (const query of [this.#prefersLight, this.#prefersContrast]) {
      query.addEventListener('change', () => {
        this.#apply()
      })
    }
    this.#apply()
    backend.subscribe('changed', ({ what }) => {
      if (what === 'settings') void this.load()
    })
  }

  /** Asks the core for what was chosen, perhaps in another window. */
  async load(): Promise<void> {
    const answer = await backend.call('settings.get', {})
    if (answer.ok) this.#adopt(answer.value)
  }

  get theme(): Theme {
    return this.#choices.theme
  }
  set theme(theme: Theme) {
    this.#change({ theme })
    // The frame of the window and the system's menus follow.
    void desktop?.setAppearance(theme === 'hc' ? 'high-contrast' : theme)
  }

  get textScale(): number {
    return this.#choices.textScale
  }
  set textScale(scale: number) {
    this.#change({ textScale: within(scale, 0.9, 2) })
  }

  get surround(): Surround {
    return this.#choices.surround
  }
  set surround(surround: Surround) {
    this.#change({ surround })
  }

  get lineWidth(): number {
    return this.#choices.lineWidth
  }
  set lineWidth(width: number) {
    this.#change({ lineWidth: within(width, 1.5, 4) })
  }

  get cellSize(): number {
    return this.#choices.cellSize
  }
  set cellSize(size: number) {
    this.#change({ cellSize: within(size, 96, 420) })
  }

  /** Width of a panel in pixels, negative while it is collapsed. */
  panel(name: string, width: number): number {
    return this.#choices.panels[name] ?? width
  }

  setPanel(name: string, width: number): void {
    this.#change({ panels: { ...this.#choices.panels, [name]: width } })
  }

  isHintDone(hint: string): boolean {
    return this.#choices.hintsDone.includes(hint)
  }

  /** Engine settings and all else, as the core has them; null until it answered. */
  get all(): AppSettings | null {
    return this.#all
  }

  /** Changes settings of the core, and with them what is derived from them here. */
  async save(changes: Input<'settings.set'>): Promise<void> {
    const answer = await backend.call('settings.set', changes)
    if (answer.ok) this.#adopt(answer.value)
    else toasts.add(answer.error.message, 'bad')
  }

  /** A hint goes away for good once its advice was followed. */
  finishHint(hint: string): void {
    if (!this.isHintDone(hint)) this.#change({ hintsDone: [...this.#choices.hintsDone, hint] })
  }

  #change(change: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...change }
    this.#store.write(this.#choices)
    this.#apply()
    // A panel that is dragged or a slider that moves is stored once, when it rests.
    clearTimeout(this.#saving)
    this.#saving = setTimeout(() => {
      this.#saving = undefined
      void this.#push()
    }, 400)
  }

  async #push(): Promise<void> {
    const { theme, textScale, surround, lineWidth, hintsDone, panels, cellSize } = this.#choices
    const layout = { ...this.#all?.layout, panels, cellSize }
    const textPercent = Math.round(textScale * 100)
    await this.save({ theme, textPercent, surround, lineWidth, hintsSeen: [...hintsDone], layout })
  }

  #adopt(all: AppSettings): void {
    this.#all = all
    // What was just changed here is newer than what the core says.
    if (this.#saving !== undefined) return
    this.#choices = readChoices({
      ...all,
      textScale: all.textPercent / 100,
      hintsDone: all.hintsSeen,
      panels: all.layout['panels'],
      cellSize: all.layout['cellSize'],
    })
    this.#store.write(this.#choices)
    this.#apply()
  }

  #apply(): void {
    const { theme, textScale } = this.#choices
    const root = document.documentElement
    const ofSystem = this.#prefersContrast.matches
      ? 'hc'
      : this.#prefersLight.matches
        ? 'light'
        : 'dark'
    root.dataset['theme'] = theme === 'system' ? ofSystem : theme
    root.style.setProperty('--text-scale', String(textScale))
  }
}

export const settings = new Settings()

function readChoices(data: unknown): Choices {
  if (typeof data !== 'object' || data === null) return initial
  const given: Partial<Record<keyof Choices, unknown>> = data
  const oneOf = <T extends string>(values: readonly T[], value: unknown, otherwise: T): T =>
    values.find((known) => known === value) ?? otherwise
  const panels = Object.entries(typeof given.panels === 'object' ? (given.panels ?? {}) : {})
  return {
    theme: oneOf(themes, given.theme, initial.theme),
    surround: oneOf(surrounds, given.surround, initial.surround),
    textScale: numberIn(given.textScale, 0.9, 2, initial.textScale),
    lineWidth: numberIn(given.lineWidth, 1.5, 4, initial.lineWidth),
    cellSize: numberIn(given.cellSize, 96, 420, initial.cellSize),
    hintsDone: Array.isArray(given.hintsDone)
      ? given.hintsDone.filter((hint) => typeof hint === 'string')
      : [],
    panels: Object.fromEntries(
      panels.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
  }
}

function numberIn(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? within(value, least, most)
    : otherwise
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
