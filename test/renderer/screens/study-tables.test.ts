import { expect, test } from 'vitest'
import { readQuery } from '../../../src/service/library/query'
import { studyTables } from '../../../src/renderer/screens/studies/study-tables'

const tally = (correct: number, pictures: number) => ({
  ...{ correct, pictures },
  accuracy: pictures === 0 ? null : correct / pictures,
})
const said = {
  classes: { mapped: 2, unmappedDataset: [], unmappedModel: [] },
  readings: [],
  problems: [],
}
const model = { id: 'm', sha256: '', answer: '', features: '' }

test('each row of D3S leads to its pictures by a search that can be read', () => {
  const tables = studyTables({
    ...{ dataset: 'd3s', model, ...said, probes: null },
    accuracy: {
      ...{ pictures: 10, withoutClass: 1, shown: tally(6, 10) },
      ...{ all: tally(6, 10), verified: tally(5, 8), rejected: tally(0, 0) },
      byBackground: [{ background: 'grass', ...tally(3, 4) }],
      byShift: [{ shift: 'background-shift', ...tally(3, 6) }],
      gap: {
        ...{ usual: tally(4, 5), unusual: tally(2, 5), difference: 0.4, meanOfClasses: null },
        ...{ classes: 0, undecided: 0, tiedClasses: 0 },
      },
      worstBackgrounds: [
        { classIndex: 409, className: 'analog clock', background: 'cave', ...tally(0, 2) },
      ],
    },
  })
  expect(tables.map(({ id }) => id)).toEqual(['all', 'background', 'gap', 'shift', 'worst'])
  // Nobody was asked about pictures that people rejected: there is no row without pictures.
  expect(tables[0]?.rows).toHaveLength(2)
  const search = (id: string) => tables.find((table) => table.id === id)?.rows[0]?.search ?? ''
  expect(readQuery(search('background'))).toEqual({
    filter: { split: ['val'], field: [{ name: 'background', value: 'grass' }] },
    faults: [],
  })
  expect(readQuery(search('worst'))).toEqual({
    filter: {
      ...{ split: ['val'], label: ['analog clock'] },
      field: [{ name: 'background', value: 'cave' }],
    },
    faults: [],
  })
  expect(tables.find(({ id }) => id === 'gap')?.note).toContain('40.0 points')
})

test('OM-ImageNet: two sides, and how far the pairs agree', () => {
  const tables = studyTables({
    ...{ dataset: 'om-imagenet', model, ...said, latents: null },
    ...{ onManifold: { ...tally(7, 10), withoutClass: 0 } },
    natural: { ...tally(9, 10), withoutClass: 0 },
    byClass: [
      { classIndex: 0, className: 'car "old"', onManifold: tally(1, 2), natural: tally(2, 2) },
    ],
    pairs: {
      ...{ count: 10, unpaired: 2, agreeing: 8, agreement: 0.8, bothCorrect: 7, bothWrong: 1 },
      test: { onlyFirst: 2, onlySecond: 0, p: 0.5 },
    },
  })
  const [all, classes, agreement] = tables
  expect(all?.rows[0]?.tallies.map(({ accuracy }) => accuracy)).toEqual([0.7, 0.9])
  expect(readQuery(classes?.rows[0]?.search ?? '').filter).toEqual({ label: ['car "old"'] })
  const counts = agreement?.rows.map(({ tallies: [one] }) => one?.correct)
  expect(counts).toEqual([8, 7, 2, 0, 1])
  // The answers of a pair are both right, both wrong, or right on one side.
  expect((counts ?? []).slice(1).reduce((sum, count) => (sum ?? 0) + (count ?? 0), 0)).toBe(10)
})
