import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeName, SafeNames } from '../../../src/engine/export/safe-names'

test.each([
  ['plain/name.jpg', 'plain/name.jpg'],
  ['CON.jpg', 'CON_.jpg'],
  ['aux/lpt1', 'aux_/lpt1_'],
  ['console.jpg', 'console.jpg'],
  ['a:b?.png', 'a_b_.png'],
  ['ends. ', 'ends__'],
  ['a\nb\u202e.jpg', 'a_b_.jpg'],
  ['café.jpg', 'café.jpg'],
])('%j becomes %j', (name, safe) => {
  expect(safeName(name)).toBe(safe)
})

test('names stay within what file systems hold, and whole characters', () => {
  const long = safeName(`${'ü'.repeat(200)}.jpeg`)
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(251)
  expect(long).toMatch(/^ü+~[0-9a-f]{8}\.jpeg$/)
  expect(safeName(`${'ü'.repeat(201)}.jpeg`)).not.toBe(long)
})

test('names that are one somewhere are kept apart, in their order', () => {
  const names = new SafeNames()
  const given = ['a.jpg', 'A.jpg', 'a.png', 'x/a.jpg', 'caf\u00e9.jpg', 'cafe\u0301.jpg', 'a~2.jpg']
  expect(given.map((name) => names.next(name))).toEqual([
    'a.jpg',
    'A~2.jpg',
    'a~3.png',
    'x/a.jpg',
    'caf\u00e9.jpg',
    'cafe\u0301~2.jpg',
    'a~2~2.jpg',
  ])
})

test('safe names are safe, for good, and all different', () => {
  const parts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(
      fc.array(
        parts.filter((part) => !part.includes('/')),
        { maxLength: 20 },
      ),
      (given) => {
        const names = new SafeNames()
        const safe = given.map((name) => names.next(name))
        expect(new Set(safe.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(
          given.length,
        )
        for (const name of safe) {
          expect(name).not.toMatch(/[<>:"|?*\\\p{Cc}]|[. ]$|^$/u)
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
        }
        for (const name of given) expect(safeName(safeName(name))).toBe(safeName(name))
      },
    ),
  )
})
