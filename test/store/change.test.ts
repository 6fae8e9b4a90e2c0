import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ComparedBox, detectionChange } from '../../src/store'
import { allRows, newProject } from './support'

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const found = fc.record({
  classId: fc.nat(2),
  score: unit,
  box: fc
    .tuple(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
    .map(([x, y, w, h]) => [x, y, x + w, y + h] as const),
})
const answer = fc.array(found, { maxLength: 6 })
const scores = (boxes: readonly ComparedBox[]): number =>
  boxes.reduce((sum, { score }) => sum + score, 0)

test('no answer differs from itself; all of it differs from nothing; never more than both together', () => {
  fc.assert(
    fc.property(answer, answer, (a, b) => {
      expect(detectionChange(a, [])).toBeCloseTo(scores(a), 9)
      expect(detectionChange([], a)).toBeCloseTo(scores(a), 9)
      const change = detectionChange(a, b)
      expect(change).toBeGreaterThanOrEqual(0)
      expect(change).toBeLessThanOrEqual(scores(a) + scores(b) + 1e-9)
    }),
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(found, { maxLength: 3, selector: ({ classId }) => classId }),
      (a) => {
        expect(detectionChange(a, a.toReversed())).toBe(0)
      },
    ),
  )
})

test('a moved score counts its difference, another class or place both scores', () => {
  const box = { classId: 1, score: 0.8, box: [0, 0, 10, 10] as const }
  expect(detectionChange([box], [{ ...box, score: 0.5 }])).toBeCloseTo(0.3, 9)
  expect(detectionChange([box], [{ ...box, classId: 2 }])).toBeCloseTo(1.6, 9)
  expect(detectionChange([box], [{ ...box, box: [0, 0, 10, 5] }])).toBe(0)
  expect(detectionChange([box], [{ ...box, box: [0, 0, 10, 4] }])).toBeCloseTo(1.6, 9)
})

test('a run that compares with its bare detector lists its pictures by what it changed', async () => {
  await using project = await newProject()
  const run = project.runs.start({
    name: 'r',
    kind: 'detect',
    manifest: {},
    classNames: ['a'],
    total: 9,
  })
  const boxAt = (score: number) => [{ box: [0, 0, 9, 9] as const, score, classId: 0 }]
  const rest = { masks: {}, notes: {}, warnings: [], stages: [] }
  const stored = [0, 3, 1, 3, 2].map((tenths, k) =>
    project.runs.storeResult(run, {
      key: `k${k}`,
      file: `${k}`,
      detections: boxAt(0.5 + tenths / 10),
      before: boxAt(0.5),
      ...rest,
    }),
  )
  stored.push(
    project.runs.storeResult(run, { key: 'alone', file: 'a', detections: boxAt(1), ...rest }),
  )
  await Promise.all(stored)
  const items = allRows((page) => project.runs.itemsByChange(run, page), 2)
  expect(items.map(({ key }) => key)).toEqual(['k3', 'k1', 'k4', 'k2', 'k0'])
  const back = allRows((page) => project.runs.itemsByChange(run, { ...page, backward: true }), 2)
  expect(back).toEqual(items.toReversed())
  expect(project.runs.item(items[0]?.id ?? 0).before).toMatchObject(boxAt(0.5))
})
