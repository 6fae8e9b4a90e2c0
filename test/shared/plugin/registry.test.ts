import { expect, test } from 'vitest'
import { z } from 'zod'
import { collectPlugins, defineDefense } from '../../../src/shared/plugin'

const plugin = (id: string) =>
  defineDefense({ id, name: 'N', summary: 'S', params: z.object({}), wrap: (detector) => detector })

test('collects default exports by id and passes over files that are parts of others', () => {
  const found = collectPlugins('defense', {
    b: { default: plugin('b') },
    a: { default: plugin('a') },
    part: {},
  })
  expect([...found.keys()]).toEqual(['a', 'b'])
})

test.each([
  ['two of one id', { a: { default: plugin('x') }, b: { default: plugin('x') } }, 'same id'],
  ['another kind', { a: { default: { ...plugin('x'), kind: 'attack' } } }, 'kind'],
  ['an id that is not kebab-case', { a: { default: plugin('Not This') } }, 'kebab-case'],
  ['no summary', { a: { default: { ...plugin('x'), summary: '' } } }, 'summary'],
  ['no schema', { a: { default: { ...plugin('x'), params: {} } } }, 'params'],
  ['not an object', { a: { default: 7 } }, 'not a plug-in'],
])('stops at %s', (_what, modules, word) => {
  expect(() => collectPlugins('defense', modules)).toThrow(word)
})
