/** What of a keyboard event decides which chord it is. */
export interface KeyPress {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
}

const names: Readonly<Record<string, string>> = {
  ' ': 'Space',
  Escape: 'Esc',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  Delete: 'Del',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
}

const modifiers = ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process']

/**
 * The chord of a key press as text, such as `Ctrl+Shift+B`, `?` or `Shift+1`; null for a modifier alone. The command
 * key of a Mac counts as Ctrl. Of a sign that needs Shift on some keyboards (`?`, `+`) the sign alone counts; of a
 * digit or a letter Shift counts too.
 */
export function chordOf(press: KeyPress): string | null {
  if (modifiers.includes(press.key)) return null
  const digit = /^Digit(\d)$/.exec(press.code)?.[1]
  const isLetter = /^\p{L}$/u.test(press.key)
  const isWord = press.key.length > 1 || press.key === ' '
  const key =
    press.shiftKey && digit !== undefined
      ? digit
      : isLetter
        ? press.key.toUpperCase()
        : (names[press.key] ?? press.key)
  const shift = press.shiftKey && (isLetter || isWord || digit !== undefined)
  return [
    ...(press.ctrlKey || press.metaKey ? ['Ctrl'] : []),
    ...(press.altKey ? ['Alt'] : []),
    ...(shift ? ['Shift'] : []),
    key,
  ].join('+')
}

/** The caps of a chord, as they are drawn: `Ctrl+Shift+B` is three, `Ctrl++` is two. */
export function capsOf(chord: string): string[] {
  const parts = chord.endsWith('++') ? [...chord.slice(0, -2).split('+'), '+'] : chord.split('+')
  return chord === '+' ? ['+'] : parts.map((part) => signs[part] ?? part)
}

const signs: Readonly<Record<string, string>> = {
  Left: '←',
  Right: '→',
  Up: '↑',
  Down: '↓',
  Enter: '↵',
  Backspace: '⌫',
  Shift: '⇧',
}

/** `key` as the attribute aria-keyshortcuts wants it. */
export function ariaChord(chord: string): string {
  const long: Readonly<Record<string, string>> = {
    Ctrl: 'Control',
    Esc: 'Escape',
    Del: 'Delete',
    Left: 'ArrowLeft',
    Right: 'ArrowRight',
    Up: 'ArrowUp',
    Down: 'ArrowDown',
    PgUp: 'PageUp',
    PgDn: 'PageDown',
    '+': 'Plus',
  }
  const caps =
    chord === '+'
      ? ['+']
      : chord.endsWith('++')
        ? [...chord.slice(0, -2).split('+'), '+']
        : chord.split('+')
  return caps.map((cap) => long[cap] ?? cap).join('+')
}
