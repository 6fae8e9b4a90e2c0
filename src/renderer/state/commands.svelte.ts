import { SvelteMap } from 'svelte/reactivity'
import { chordOf } from '../chords'
import { commandAt, keyConflicts, keysOf, readKeyChoices } from '../commands'
import type { CommandEntry, KeyChoices } from '../commands'
import { commandEntries } from '../strings/commands'
import { route } from './route.svelte'
import { settings } from './settings.svelte'

export interface CommandHandler {
  run(): void
  /** For commands that act while a key is held: the key came up again. */
  release?(): void
  /** Why the command cannot be run now, in a few words; null if it can. */
  disabled?(): string | null
}

/** All commands: who answers to them, which keys call them, and calling them by key. */
class Commands {
  readonly entries: readonly CommandEntry[] = commandEntries
  readonly #handlers = new SvelteMap<string, CommandHandler>()
  readonly #choice: KeyChoices = $derived(readKeyChoices(settings.all?.shortcuts, commandEntries))
  /** Key codes that are down, with the command that each of them holds. */
  readonly #held = new Map<string, string>()

  get choices(): KeyChoices {
    return this.#choice
  }

  get conflicts() {
    return keyConflicts(this.entries, this.#choice)
  }

  /**
   * Answers to commands while a screen is shown: call it in `$effect(() => commands.handle({ 'library.run': {…} }))`,
   * which withdraws the answers with the effect.
   */
  handle(handlers: Readonly<Record<string, CommandHandler | (() => void)>>): () => void {
    const added = Object.entries(handlers).map(([id, handler]) => {
      const whole = typeof handler === 'function' ? { run: handler } : handler
      this.#handlers.set(id, whole)
      return [id, whole] as const
    })
    return () => {
      for (const [id, handler] of added) {
        if (this.#handlers.get(id) === handler) this.#handlers.delete(id)
      }
    }
  }

  entry(id: string): CommandEntry | undefined {
    return this.entries.find((entry) => entry.id === id)
  }

  keys(id: string): readonly string[] {
    const entry = this.entry(id)
    return entry ? keysOf(entry, this.#choice) : []
  }

  /** The first key of a command, for a cap beside its button. */
  key(id: string): string | undefined {
    return this.keys(id)[0]
  }

  /** Why a command cannot be run; null if it can. */
  disabled(id: string): string | null {
    const handler = this.#handlers.get(id)
    if (!handler) return ''
    return handler.disabled?.() ?? null
  }

  /** Commands that can be called on this screen now, with a reason where they cannot. */
  get available(): readonly CommandEntry[] {
    return this.entries.filter(
      ({ id, scope }) =>
        (scope === 'everywhere' || scope === route.screen) && this.#handlers.has(id),
    )
  }

  run(id: string): boolean {
    const handler = this.#handlers.get(id)
    if (!handler || (handler.disabled?.() ?? null) !== null) return false
    handler.run()
    return true
  }

  /** Sets the keys of a command; null goes back to its own. */
  choose(id: string, chords: readonly string[] | null): void {
    const others = Object.entries(this.#choice).filter(([other]) => other !== id)
    this.chooseAll(Object.fromEntries(chords === null ? others : [...others, [id, chords]]))
  }

  chooseAll(choices: unknown): void {
    const shortcuts = Object.entries(readKeyChoices(choices, this.entries))
    void settings.save({
      shortcuts: Object.fromEntries(shortcuts.map(([id, chords]) => [id, chords.slice(0, 4)])),
    })
  }

  /** Runs the command of a key press, unless a field, a menu or a dialog wants the key for itself. */
  readonly onKeyDown = (event: KeyboardEvent): void => {
    const chord = chordOf(event)
    if (event.defaultPrevented || event.isComposing || chord === null) return
    const entry = commandAt(chord, route.screen, this.entries, this.#choice)
    if (!entry || !mayTake(event, entry)) return
    const handler = this.#handlers.get(entry.id)
    if (!handler) return
    if (handler.release) {
      event.preventDefault()
      if (this.#held.has(event.code)) return
      this.#held.set(event.code, entry.id)
    }
    if (this.run(entry.id)) event.preventDefault()
  }

  readonly onKeyUp = (event: KeyboardEvent): void => {
    const id = this.#held.get(event.code)
    if (id === undefined) return
    this.#held.delete(event.code)
    this.#handlers.get(id)?.release?.()
  }

  /** Keys that were down when the window lost the focus never come up. */
  readonly releaseAll = (): void => {
    for (const id of this.#held.values()) this.#handlers.get(id)?.release?.()
    this.#held.clear()
  }
}

export const commands = new Commands()

/** Roles that use letters, arrows, Enter or Space themselves. */
const keyHungry = '[role="menu"], [role="listbox"], [role="dialog"], dialog, [popover]'

function mayTake(event: KeyboardEvent, entry: CommandEntry): boolean {
  const target = event.target instanceof Element ? event.target : null
  if (target === null) return true
  if (target.closest(keyHungry) && !entry.inFields) return false
  if (isTextField(target)) return entry.inFields === true
  // Enter and Space press the control that has the focus.
  const presses = event.key === 'Enter' || event.key === ' '
  if (presses && target.closest('button, a[href], input, select, summary, [role="button"]')) {
    return event.ctrlKey || event.metaKey
  }
  const moves = /^(Arrow|Home|End|Page)/.test(event.key)
  return !(
    moves && target.closest('input, select, [role="slider"], [role="tablist"], [role="radiogroup"]')
  )
}

function isTextField(target: Element): boolean {
  if (target instanceof HTMLInputElement) {
    return !['checkbox', 'radio', 'range', 'button', 'submit'].includes(target.type)
  }
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  )
}
