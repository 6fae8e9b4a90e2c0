import { expect, test } from 'vitest'
import { componentsOf, componentsText } from '../../../src/shared/plugin/components-note'

test('parts of a mask go through the note and back, the first 24 of them', () => {
  const parts = Array.from({ length: 30 }, (_, k) => ({
    box: [k, 1, k + 10, 20] as const,
    rung: k - 1,
    q: k === 0 ? null : 1 / 3,
  }))
  const back = componentsOf(componentsText(parts))
  expect(back).toHaveLength(24)
  expect(back.slice(0, 2)).toEqual([
    { box: [0, 1, 10, 20], rung: -1, q: null },
    { box: [1, 1, 11, 20], rung: 0, q: 0.333 },
  ])
  for (const other of [undefined, null, 3, '', '[', '7', '[[1,2,3]]', '[["a",1,2,3,4,5]]']) {
    expect(componentsOf(other)).toEqual([])
  }
})
