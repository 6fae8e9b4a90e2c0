import type { ScreenName } from './router'

/** Where a command can be called: on every screen, or on one. */
export type CommandScope = 'everywhere' | ScreenName

/** What the app can do, with the keys it has unless the user chose others. Titles are in the strings. */
export interface CommandEntry {
  readonly id: string
  readonly scope: CommandScope
  readonly title: string
  /** A few words beside the title, such as "while held". */
  readonly detail?: string
  readonly keys: readonly string[]
  /** Also works while a text field has the focus. */
  readonly inFields?: boolean
}

/** Two commands that answer to the same chord on the same screen. */
export interface KeyConflict {
  readonly chord: string
  readonly commands: readonly [CommandEntry, CommandEntry]
}

/** The user's own keys: command id to chords; an empty list means no key. */
export type KeyChoices = Readonly<Record<string, readonly string[]>>

export function keysOf(entry: CommandEntry, choices: KeyChoices): readonly string[] {
  return choices[entry.id] ?? entry.keys
}

/** All pairs of commands that could be called by the same key press. */
export function keyConflicts(
  entries: readonly CommandEntry[],
  choices: KeyChoices = {},
): KeyConflict[] {
  const conflicts: KeyConflict[] = []
  const byChord = new Map<string, CommandEntry[]>()
  for (const entry of entries) {
    for (const chord of keysOf(entry, choices)) {
      const others = byChord.get(chord) ?? []
      for (const other of others) {
        if (scopesMeet(entry.scope, other.scope))
          conflicts.push({ chord, commands: [other, entry] })
      }
      byChord.set(chord, [...others, entry])
    }
  }
  return conflicts
}

/** The command that a chord would be taken from, if `entry` got it. */
export function holderOf(
  chord: string,
  entry: CommandEntry,
  entries: readonly CommandEntry[],
  choices: KeyChoices,
): CommandEntry | undefined {
  return entries.find(
    (other) =>
      other.id !== entry.id &&
      scopesMeet(entry.scope, other.scope) &&
      keysOf(other, choices).includes(chord),
  )
}

/** The command that a chord calls on a screen; the screen's own goes before one of everywhere. */
export function commandAt(
  chord: string,
  screen: ScreenName,
  entries: readonly CommandEntry[],
  choices: KeyChoices,
): CommandEntry | undefined {
  const named = entries.filter((entry) => keysOf(entry, choices).includes(chord))
  return (
    named.find((entry) => entry.scope === screen) ??
    named.find((entry) => entry.scope === 'everywhere')
  )
}

/** Choices read from a file: unknown commands and what is not a chord are left out. */
export function readKeyChoices(data: unknown, entries: readonly CommandEntry[]): KeyChoices {
  if (typeof data !== 'object' || data === null) return {}
  const choices: Record<string, readonly string[]> = {}
  for (const [id, chords] of Object.entries(data)) {
    const isKnown = entries.some((entry) => entry.id === id)
    if (!isKnown || !Array.isArray(chords)) continue
    choices[id] = chords.filter(
      (chord): chord is string =>
        typeof chord === 'string' && chord.length > 0 && chord.length < 40,
    )
  }
  return choices
}

function scopesMeet(a: CommandScope, b: CommandScope): boolean {
  return a === b || a === 'everywhere' || b === 'everywhere'
}
