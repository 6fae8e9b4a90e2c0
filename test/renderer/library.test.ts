import { describe, expect, test } from 'vitest'
import {
  choiceCount,
  filterOf,
  formatChoice,
  noChoice,
  orderOf,
  parseChoice,
  withHappenings,
  withRungs,
} from '../../src/renderer/screens/library/facet-choice'
import { maskStrips } from '../../src/renderer/screens/library/mask-strips'
import {
  addPicks,
  allPicks,
  isPicked,
  noPicks,
  pickCount,
  togglePick,
} from '../../src/renderer/screens/library/picks'
import { choiceChips } from '../../src/renderer/strings/library'
import { marksInWords } from '../../src/renderer/strings/marks'
import { maskToText } from '../../src/shared/vision/rle-text'

const choice = {
  ...noChoice,
  happened: ['changed' as const],
  change: [0.08, 0.71] as const,
  class: ['person'],
}

describe('what is ticked in the Library', () => {
  test('is kept in the address and comes back', () => {
    expect(parseChoice(formatChoice(choice))).toEqual(choice)
    expect(formatChoice(noChoice)).toBe('')
  })

  test('is read with care', () => {
    for (const text of [
      '',
      'x',
      '[]',
      '7',
      'null',
      '{"class":7}',
      '{"change":[2,1]}',
      '{"happened":["x"]}',
    ]) {
      expect(parseChoice(text), text).toEqual(noChoice)
    }
  })

  test('is a filter of the pair', () => {
    const parts = { dataset: 2, choice, query: { text: 'bus' }, a: 5, b: 6 }
    expect(filterOf(parts)).toEqual({
      dataset: 2,
      class: ['person'],
      changed: { a: 5, b: 6, min: 0.08, max: 0.71 },
      text: 'bus',
    })
    expect(filterOf({ ...parts, a: null })).toEqual({ dataset: 2, class: ['person'], text: 'bus' })
  })

  test('a found patch is one of run B, or an annotated one where there is no run', () => {
    const patch = { ...noChoice, happened: ['patch' as const], rung: ['0', '1'] }
    const parts = { dataset: null, choice: patch, query: {}, a: null }
    expect(filterOf({ ...parts, b: 4 })).toEqual({
      outcome: { run: 4, patchFound: true, rung: { min: 0, max: 1 } },
    })
    expect(filterOf({ ...parts, b: null })).toEqual({ patch: true })
  })

  test('failed pictures have no result, so the two exclude one another', () => {
    expect(withHappenings(choice, ['changed', 'failed'])).toMatchObject({
      happened: ['failed'],
      change: null,
    })
    const failed = withHappenings(noChoice, ['failed'])
    expect(withHappenings(failed, ['failed', 'patch']).happened).toEqual(['patch'])
  })

  test('steps of the rung are neighbours', () => {
    expect(withRungs({ ...noChoice, rung: ['0'] }, ['0', '1']).rung).toEqual(['0', '1'])
    expect(withRungs({ ...noChoice, rung: ['0'] }, ['0', '2']).rung).toEqual(['2'])
    expect(withRungs({ ...noChoice, rung: ['0', '1', '2'] }, ['0', '2']).rung).toHaveLength(1)
  })

  test('has a chip for each thing, which takes just this away', () => {
    const chips = choiceChips(choice)
    expect(chips.map(({ label }) => label)).toEqual([
      'Boxes changed',
      'Change 0.08 to 0.71',
      'person',
    ])
    expect(chips).toHaveLength(choiceCount(choice))
    expect(chips[2]?.without).toEqual({ ...choice, class: [] })
  })

  test('an order that needs runs falls back without them', () => {
    expect(orderOf('change', 1, 2)).toEqual({ by: 'change', a: 1, b: 2, descending: true })
    expect(orderOf('change', null, 2)).toEqual({ by: 'imported' })
    expect(orderOf('nonsense', 1, 2)).toEqual({ by: 'imported' })
  })
})

describe('selected pictures', () => {
  test('are some of them', () => {
    const picks = togglePick(addPicks(noPicks, [1, 2, 3]), 2)
    expect([1, 2, 3].map((id) => isPicked(picks, id))).toEqual([true, false, true])
    expect(pickCount(picks, 100_000)).toBe(2)
  })

  test('or all but some, without a list of all', () => {
    const picks = togglePick(allPicks, 7)
    expect(isPicked(picks, 7)).toBe(false)
    expect(isPicked(picks, 99_999)).toBe(true)
    expect(pickCount(picks, 100_000)).toBe(99_999)
    expect(pickCount(addPicks(picks, [7]), 100_000)).toBe(100_000)
  })

  test('no change touches an older selection', () => {
    togglePick(noPicks, 1)
    addPicks(noPicks, [2])
    expect(noPicks.ids.size).toBe(0)
  })
})

describe('a mask over a thumbnail', () => {
  test('is strips in pixels of the picture', () => {
    const bits = new Uint8Array(6 * 4)
    for (const [x, y] of [
      [2, 1],
      [3, 1],
      [2, 2],
      [3, 2],
    ] as const)
      bits[y * 6 + x] = 1
    const text = maskToText({ width: 6, height: 4, bits })
    expect(maskStrips({ width: 6, height: 4, text })).toBe('M2 1h1v2h-1zM3 1h1v2h-1z')
  })

  test('has few strips, however large the picture', () => {
    const bits = new Uint8Array(1_000 * 400).fill(1)
    const text = maskToText({ width: 1_000, height: 400, bits })
    const strips = maskStrips({ width: 1_000, height: 400, text })
    expect(strips.split('M').length - 1).toBe(125)
    expect(strips.startsWith('M0 0h8v400h-8z')).toBe(true)
  })

  test('that cannot be read is none', () => {
    expect(maskStrips({ width: 6, height: 4, text: '~' })).toBe('')
  })
})

test('marks are told in words, in a fixed order', () => {
  const marks = {
    patches: 2,
    changes: { gained: 2, lost: 1, moved: 0, relabelled: 0, change: 0.4 },
    certified: true,
    accepted: true,
    proposals: 0,
    failed: null,
  }
  expect(marksInWords(marks)).toBe('2 patches, 2 gained, 1 lost, certified, mask accepted')
})
