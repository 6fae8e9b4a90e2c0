import { describe, expect, test } from 'vitest'
import { ariaChord, capsOf, chordOf, type KeyPress } from '../../src/renderer/chords'
import {
  commandAt,
  holderOf,
  keyConflicts,
  keysOf,
  readKeyChoices,
} from '../../src/renderer/commands'
import { commandEntries } from '../../src/renderer/strings/commands'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})
const entry = (id: string) => {
  const found = commandEntries.find((one) => one.id === id)
  if (!found) throw new Error(`There is no command ${id}`)
  return found
}

describe('a chord', () => {
  test('of a letter is the same with and without caps lock', () => {
    expect(chordOf(press('b'))).toBe('B')
    expect(chordOf(press('B'))).toBe('B')
    expect(chordOf(press('B', { shiftKey: true }))).toBe('Shift+B')
  })

  test('of a sign is the sign, with Shift or without', () => {
    expect(chordOf(press('?', { shiftKey: true, code: 'Slash' }))).toBe('?')
    expect(chordOf(press('?', { code: 'Minus' }))).toBe('?')
    expect(chordOf(press('+', { shiftKey: true, code: 'Equal' }))).toBe('+')
  })

  test('of a digit with Shift is the digit, whatever the keyboard writes for it', () => {
    expect(chordOf(press('!', { shiftKey: true, code: 'Digit1' }))).toBe('Shift+1')
    expect(chordOf(press('1', { code: 'Digit1' }))).toBe('1')
  })

  test('takes the command key of a Mac for Ctrl', () => {
    expect(chordOf(press('k', { metaKey: true }))).toBe('Ctrl+K')
    expect(chordOf(press('z', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+Z')
    expect(chordOf(press('b', { ctrlKey: true, altKey: true }))).toBe('Ctrl+Alt+B')
  })

  test('has short names, and none for a modifier alone', () => {
    expect(chordOf(press(' '))).toBe('Space')
    expect(chordOf(press('ArrowLeft', { shiftKey: true }))).toBe('Shift+Left')
    expect(chordOf(press('Delete'))).toBe('Del')
    expect(chordOf(press('Shift', { shiftKey: true }))).toBeNull()
  })

  test('is drawn as caps, the plus too', () => {
    expect(capsOf('Ctrl+Shift+B')).toEqual(['Ctrl', '⇧', 'B'])
    expect(capsOf('+')).toEqual(['+'])
    expect(capsOf('Ctrl++')).toEqual(['Ctrl', '+'])
    expect(ariaChord('Ctrl+Esc')).toBe('Control+Escape')
    expect(ariaChord('+')).toBe('Plus')
  })
})

describe('the catalogue of commands', () => {
  test('has no id twice and no key twice on one screen', () => {
    expect(new Set(commandEntries.map(({ id }) => id)).size).toBe(commandEntries.length)
    expect(keyConflicts(commandEntries)).toEqual([])
  })

  test('has the keys that the design promises', () => {
    expect(entry('palette').keys).toEqual(['Ctrl+K'])
    expect(entry('image.blink').keys).toEqual(['B'])
    expect(entry('annotate.redo').keys).toContain('Ctrl+Shift+Z')
    expect(entry('library.accept').keys).toEqual(['Y'])
    expect(entry('swap-pair').keys).toEqual(['X'])
  })
})

describe('keys of the user', () => {
  test('take the place of the own ones', () => {
    const choices = { 'image.blink': ['Q'] }
    expect(keysOf(entry('image.blink'), choices)).toEqual(['Q'])
    expect(commandAt('Q', 'image', commandEntries, choices)?.id).toBe('image.blink')
    expect(commandAt('B', 'image', commandEntries, choices)).toBeUndefined()
  })

  test('an empty list takes the key away', () => {
    expect(commandAt('X', 'library', commandEntries, { 'swap-pair': [] })).toBeUndefined()
  })

  test('conflicts are found between a screen and everywhere, not between two screens', () => {
    expect(keyConflicts(commandEntries, { 'image.blink': ['Ctrl+K'] })).toMatchObject([
      { chord: 'Ctrl+K', commands: [{ id: 'palette' }, { id: 'image.blink' }] },
    ])
    expect(keyConflicts(commandEntries, { 'runs.new': ['D'] })).toEqual([])
  })

  test('the holder of a wanted chord is named', () => {
    expect(holderOf('D', entry('image.blink'), commandEntries, {})?.id).toBe('image.differences')
    expect(holderOf('D', entry('runs.new'), commandEntries, {})).toBeUndefined()
    expect(holderOf('B', entry('image.blink'), commandEntries, {})).toBeUndefined()
  })

  test('are read from a file with care', () => {
    const data: unknown = { 'image.blink': ['Q', 7, ''], unknown: ['A'], palette: 'Ctrl+P' }
    expect(readKeyChoices(data, commandEntries)).toEqual({ 'image.blink': ['Q'] })
    expect(readKeyChoices(null, commandEntries)).toEqual({})
    expect(readKeyChoices('text', commandEntries)).toEqual({})
  })
})
