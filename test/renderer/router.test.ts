import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { carriedQuery, formatPlace, home, parsePlace, screens } from '../../src/renderer/router'

describe('the address', () => {
  test('names screen, picture and answers', () => {
    expect(parsePlace('#/image/17?a=3&b=4&stage=removed')).toEqual({
      screen: 'image',
      id: '17',
      query: { a: '3', b: '4', stage: 'removed' },
    })
    expect(formatPlace({ screen: 'image', id: '17', query: { stage: 'removed', a: '3' } })).toBe(
      '#/image/17?a=3&stage=removed',
    )
  })

  test('what cannot be read leads to the Library', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#/constructor', '#/image%2F1', '#//']) {
      expect(parsePlace(hash).screen, hash).toBe('library')
    }
    expect(parsePlace('')).toEqual(home)
  })

  test('a stray percent sign is text', () => {
    expect(parsePlace('#/library?q=50%').query).toEqual({ q: '50%' })
  })

  test('an empty answer is left out', () => {
    expect(formatPlace({ screen: 'library', id: null, query: { q: '', a: '1' } })).toBe(
      '#/library?a=1',
    )
  })

  test('an answer may have any name', () => {
    const { query } = parsePlace('#/library?__proto__=1&constructor=2')
    expect(Object.entries(query)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
  })

  test('comes back as it was written, whatever is in it', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((value) => value.isWellFormed())
    fc.assert(
      fc.property(
        fc.constantFrom(...screens),
        fc.option(text),
        fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
        (screen, id, query) => {
          const place = { screen, id, query }
          expect(parsePlace(formatPlace(place))).toEqual(place)
        },
      ),
    )
  })

  test('another screen keeps pair, filter and order, and drops the rest', () => {
    expect(
      carriedQuery({ a: '1', b: '2', q: 'x', f: '{}', order: 'name', dataset: '3', stage: 'raw' }),
    ).toEqual({
      a: '1',
      b: '2',
      q: 'x',
      f: '{}',
      order: 'name',
      dataset: '3',
    })
  })
})
