import fc from 'fast-check'
import { expect, test } from 'vitest'
import { imageFilter } from '../../../src/shared/api/filter'
import { completeQuery, queryKeys, readQuery } from '../../../src/service/library/query'

const runs = { a: 1, b: 2 }

test('the example of the design is read', () => {
  expect(
    readQuery(
      'class:person score<0.5 rung>=2 patch:yes change>0.3 tag:x name:"IMG 12" street',
      runs,
    ),
  ).toEqual({
    faults: [],
    filter: {
      found: { run: 2, class: 'person', maxScore: 0.5 },
      outcome: { run: 2, rung: { min: 2, max: 99 } },
      patch: true,
      changed: { a: 1, b: 2, min: 0.3 },
      tag: ['x'],
      text: 'IMG 12 street',
    },
  })
})

test.each([
  ['class:dog class:"traffic light"', { class: ['dog', 'traffic light'] }],
  ['CLASS:dog', { class: ['dog'] }],
  ['rung<3', { outcome: { run: 2, rung: { min: 0, max: 2 } } }],
  ['rung:1', { outcome: { run: 2, rung: { min: 1, max: 1 } } }],
  ['failed:yes', { outcome: { run: 2, state: 'failed' } }],
  ['found:no failed:no', { outcome: { run: 2, patchFound: false, state: 'done' } }],
  ['score>0.5', { found: { run: 2, minScore: 0.5 } }],
  ['mask:accepted mask:proposed', { patchStatus: ['accepted', 'proposed'] }],
  [
    'status:excluded file:missing certified:no',
    { status: ['excluded'], file: ['missing'], certified: false },
  ],
  [
    'field:background=grass field:"place=by the sea"',
    {
      field: [
        { name: 'background', value: 'grass' },
        { name: 'place', value: 'by the sea' },
      ],
    },
  ],
  ['"class:dog"', { text: 'class:dog' }],
  [String.raw`name:"a \"b\""`, { text: 'a "b"' }],
  ['', {}],
])('%s', (text, filter) => {
  expect(readQuery(text, runs)).toEqual({ filter, faults: [] })
})

test.each([
  ['colour:red dog', 0, 10, 'There is no "colour"', { text: 'dog' }],
  ['dog class:', 4, 10, 'has no value', { text: 'dog' }],
  ['score<2', 0, 7, 'from 0 to 1', {}],
  ['field:background', 0, 16, 'a name and a value', {}],
  ['patch:maybe', 0, 11, 'yes or no', {}],
  ['status:odd', 0, 10, 'one of open', {}],
])(
  '%s: what cannot be read is told with its place, the rest counts',
  (text, start, end, message, filter) => {
    const read = readQuery(text, runs)
    expect(read.filter).toEqual(filter)
    expect(read.faults).toMatchObject([
      { start, end, message: expect.stringContaining(message) as string },
    ])
  },
)

test('what needs a run says so without one', () => {
  for (const text of ['score>0.1', 'rung>1', 'failed:yes', 'change>0.1']) {
    expect(readQuery(text).faults).toHaveLength(1)
  }
  expect(readQuery('change>0.1', { b: 2 }).faults[0]?.message).toContain('run A')
})

test('any text gives a filter that fits its schema, and faults inside the text', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(...Object.keys(queryKeys)),
    fc.constantFrom(':', '<', '>=', '"', ' ', '0.5', 'yes', '\\', '__proto__:x', 'toString:1'),
  )
  fc.assert(
    fc.property(
      fc.array(piece).map((parts) => parts.join('')),
      (text) => {
        const { filter, faults } = readQuery(text, runs)
        expect(imageFilter.safeParse(filter).success).toBe(true)
        for (const { start, end } of faults) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeLessThanOrEqual(text.length)
        }
        const { from } = completeQuery(text, { class: ['dog'], label: [], split: [], tag: [] })
        expect(from).toBeLessThanOrEqual(text.length)
      },
    ),
  )
})

test('words are completed', () => {
  const names = { class: ['person', 'potted plant'], label: [], split: ['train'], tag: ['x'] }
  expect(completeQuery('dog cl', names)).toEqual({ from: 4, suggestions: ['class:'] })
  expect(completeQuery('sc', names).suggestions).toEqual(['score>'])
  expect(completeQuery('class:p', names)).toEqual({
    from: 0,
    suggestions: ['class:person', 'class:"potted plant"'],
  })
  expect(completeQuery('class:"potted p', names).suggestions).toEqual(['class:"potted plant"'])
  expect(completeQuery('patch:', names).suggestions).toEqual(['patch:yes', 'patch:no'])
  expect(completeQuery('', names).suggestions).toEqual([])
})
