import { expect, test } from 'vitest'
import { answerRows, type FoundBox } from '../../../src/renderer/screens/image/answers'
import { inWords } from '../../../src/renderer/screens/image/in-words'
import { itemsOfA, itemsOfB } from '../../../src/renderer/screens/image/marks-of-answers'
import { formatMs, stripStages, totalMs } from '../../../src/renderer/screens/image/stages'

const found = (name: string, score: number, x: number): FoundBox => ({
  class: name,
  score,
  box: [x, 0, x + 50, 100],
})
const before = [found('person', 0.91, 0), found('person', 0.62, 100), found('handbag', 0.44, 200)]
const after = [
  found('person', 0.91, 0),
  found('person', 0.63, 100),
  found('person', 0.86, 300),
  found('person', 0.84, 400),
]
const choices = {
  showsA: true,
  showsB: true,
  showsTruth: false,
  differences: { gained: true, lost: true, moved: true, relabelled: true },
  onlyDifferences: false,
  opacityOf: () => 1,
}

test('rows come by change, then by score', () => {
  const rows = answerRows(before, after, [], 0)
  expect(rows.map(({ kind, b, a }) => [kind, b?.score ?? a?.score])).toEqual([
    ['gained', 0.86],
    ['gained', 0.84],
    ['lost', 0.44],
    ['same', 0.91],
    ['same', 0.63],
  ])
  expect(answerRows(before, after, [], 0.5)).toHaveLength(4)
  expect(answerRows(null, after, [], 0).map(({ kind }) => kind)).toEqual(Array(4).fill('alone'))
})

test('with ground truth every difference is right or wrong', () => {
  const truth = [
    { class: 'person', box: [300, 0, 50, 100] as const },
    { class: 'handbag', box: [200, 0, 50, 100] as const },
  ]
  const verdicts = answerRows(before, after, truth, 0).map(
    ({ kind, verdict }) => `${kind} ${verdict ?? ''}`,
  )
  expect(verdicts).toEqual([
    'gained found-again',
    'gained false-box',
    'lost object-lost',
    'same false-box',
    'same false-box',
  ])
})

test('no object is drawn twice: lost boxes stand on the side of A, gained ones on that of B', () => {
  const rows = answerRows(before, after, [], 0)
  expect(itemsOfA(rows, choices).map(({ kind }) => kind)).toEqual([
    'lost',
    'undefended',
    'undefended',
  ])
  expect(itemsOfB(rows, choices, false).map(({ kind }) => kind)).toEqual([
    'gained',
    'gained',
    'defended',
    'defended',
  ])
  const keys = itemsOfB(rows, choices, true).map(({ key }) => key)
  expect(new Set(keys).size).toBe(5)
  const only = { ...choices, onlyDifferences: true }
  expect(itemsOfB(rows, only, false).map(({ kind }) => kind)).toEqual([
    'gained',
    'gained',
    'same',
    'same',
  ])
})

test('what changed, in words', () => {
  expect(inWords(answerRows(before, after, [], 0), 2, true)).toBe(
    'Two patches were found and removed. That brought back 2 persons and dropped 1 handbag; nothing else changed.',
  )
  expect(inWords(answerRows(before, before, [], 0), 0, true)).toBe(
    'No patch was found. A and B say the same.',
  )
  expect(inWords(answerRows(before, before, [], 0), null, true)).toBe('A and B say the same.')
  expect(inWords(answerRows(null, after, [], 0), 1, false)).toBe(
    'One patch was found and removed. 4 persons found.',
  )
})

test('the strip shows the stages that left something, with the time of their steps', () => {
  const result = {
    found: [],
    before: null,
    masks: [{ name: 'raw', rle: { width: 1, height: 1, text: '1' }, areaFraction: 0 }],
    notes: {},
    warnings: [],
    stages: [
      { name: 'prepare segmenter', ms: 2, reused: true },
      { name: 'segment', ms: 20, reused: true },
      { name: 'threshold', ms: 1, reused: false },
      { name: 'detect', ms: 30, reused: false },
      { name: 'pack masks', ms: 5, reused: false },
    ],
    error: null,
    media: [{ imageId: 1, kind: 'probability', version: 'x' }],
  }
  expect(stripStages(result)).toEqual([
    { id: 'source', ms: null, isReused: false },
    { id: 'probability', ms: 22, isReused: true },
    { id: 'raw', ms: 1, isReused: false },
    { id: 'boxes', ms: 30, isReused: false },
  ])
  expect(totalMs(result)).toBe(53)
  expect([formatMs(0.4), formatMs(3.2), formatMs(34.4), formatMs(1_240)]).toEqual([
    '0.4 ms',
    '3 ms',
    '34 ms',
    '1.2 s',
  ])
})
