import fc from 'fast-check'
import { expect } from 'vitest'
import { first } from '../support/tables'
import type { Check } from './check'

type Margin = typeof import('../../../src/certificates/vote-margin')
type MonteCarlo = typeof import('../../../src/certificates/monte-carlo')
type CaseImage = typeof import('../../../src/certificates/case-image')
type Answers = typeof import('../../../src/certificates/answers')

const voteLists = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 2, maxLength: 4 })

/** The most votes that may turn from the first class to others, tried out one by one. */
function turnedUntilLost(votes: readonly number[]): number {
  const winner = first(votes)
  for (let turned = 1; turned <= votes[winner]!; turned++) {
    for (let rival = 0; rival < votes.length; rival++) {
      if (rival === winner) continue
      const after = votes.map((n, c) => (c === winner ? n - turned : c === rival ? n + turned : n))
      if (first(after) !== winner) return turned - 1
    }
  }
  return votes[winner]!
}

export const voteChecks: readonly Check[] = [
  {
    name: 'the margin budget is the most votes that can turn, tried out',
    run: (load, effort) => {
      const { marginBudget, winnerOf, runnerUpOf } = load<Margin>('vote-margin')
      fc.assert(
        fc.property(voteLists, (votes) => {
          expect(marginBudget(votes)).toBe(turnedUntilLost(votes))
          expect(winnerOf(votes)).toBe(first(votes))
          const second = votes.map((n, c) => (c === first(votes) ? -1 : n))
          expect(runnerUpOf(votes)).toBe(first(second))
        }),
        { numRuns: Math.ceil(1000 * effort), seed: 1 },
      )
      expect(runnerUpOf([4])).toBeNull()
      expect(marginBudget([5])).toBe(2)
      expect(marginBudget([])).toBe(0)
      expect(load<Margin>('vote-margin').votesFor([1, 0, 1], 3)).toEqual([1, 2, 0])
    },
  },
  {
    name: 'an answer settled early is the answer of every way the missing votes can fall',
    run: (load, effort) => {
      const { budgetSettled, certainBudget, marginBudget, winnerOf } = load<Margin>('vote-margin')
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 3 }),
          fc.integer({ min: 0, max: 4 }),
          fc.integer({ min: 0, max: 5 }),
          (votes, missing, wanted) => {
            const ends = completions(votes, missing)
            const settled = budgetSettled(votes, missing, wanted)
            const answers = ends.map((end) => marginBudget(end) >= wanted)
            const winner = winnerOf(votes)
            const staysFirst = ends.every((end) => winnerOf(end) === winner)
            // True needs the same winner in every case; false that no case reaches the budget.
            if (missing === 0) expect(settled).toBe(answers[0])
            else if (answers.every((yes) => !yes)) expect(settled).toBe(false)
            else if (answers.every(Boolean) && staysFirst) expect(settled).not.toBe(false)
            else expect(settled).toBeNull()
            const certain = certainBudget(votes, missing)
            for (const end of ends) {
              if (certain > 0) expect(winnerOf(end)).toBe(winner)
              expect(certain).toBeLessThanOrEqual(marginBudget(end))
            }
            // The worst case counts the missing ones for every rival at once, which some methods allow.
            const worst = votes.map((n, c) => (c === winner ? n : n + missing))
            const expected = winnerOf(worst) === winner ? marginBudget(worst) : 0
            expect(certain).toBe(expected)
            if (missing > 0 && winnerOf(worst) === winner && expected >= wanted) {
              expect(settled).toBe(true)
            }
          },
        ),
        { numRuns: Math.ceil(1000 * effort), seed: 2 },
      )
    },
  },
  {
    name: 'votes are counted once, in order, the choice apart from the bound',
    run: (load) => {
      const two = load<MonteCarlo>('monte-carlo')
      const { assertNext, argmaxes, classesAbove } = load<Answers>('answers')
      const plan = { selection: 3, estimation: 4 }
      const begun = two.beginTwoStages(2)
      expect(begun).toEqual({ next: 0, selection: [0, 0], estimation: [0, 0] })
      expect(two.chosenClass(begun, plan)).toBeNull()
      expect(two.lowerBoundOf(begun, plan, 0.05)).toBe(0)
      expect(two.lowerBoundOf(begun, plan, 0.05, true)).toBe(1)
      const half = two.tallyTwoStages(begun, [1, 1], plan)
      expect(two.chosenClass(half, plan)).toBeNull()
      expect(two.chosenClass(two.tallyTwoStages(half, [0], plan), plan)).toBe(1)
      const chosen = two.tallyTwoStages(half, [0, 0, 1], plan)
      expect(chosen).toEqual({ next: 5, selection: [1, 2], estimation: [1, 1] })
      expect(two.chosenClass(chosen, plan)).toBe(1)
      expect(two.lowerBoundOf(chosen, plan, 0.5)).toBeCloseTo(1 - 0.5 ** (1 / 4), 12)
      const done = two.tallyTwoStages(chosen, [1, 1], plan)
      expect(two.lowerBoundOf(done, plan, 0.5)).toBeCloseTo(
        two.lowerBoundOf(chosen, plan, 0.5, true),
        12,
      )
      expect(two.boundSettled(chosen, plan, 0.5, (lower) => lower > 0.1)).toBe(true)
      expect(two.boundSettled(chosen, plan, 0.5, (lower) => lower > 0.5)).toBeNull()
      expect(two.boundSettled(chosen, plan, 0.5, (lower) => lower > 0.9)).toBe(false)

      const state = { next: 2 }
      expect(() => {
        assertNext(state, new Float32Array(6), 3, 2, 4)
        assertNext(state, new Float32Array(0), 3, 2, 2)
      }).not.toThrow()
      for (const [size, from, to] of [
        [6, 1, 3],
        [3, 3, 4],
        [5, 2, 4],
        [7, 2, 4],
        [3, 2, 1],
        [-3, 2, 1],
      ]) {
        const answers = new Float32Array(Math.abs(size!))
        expect(() => {
          assertNext(state, answers, 3, from!, to!)
        }).toThrow(RangeError)
      }
      expect(() => {
        assertNext(state, new Float32Array(0), 0, 2, 1)
      }).toThrow(RangeError)
      expect(() => {
        assertNext(state, new Float32Array(5), 3, 2, 4)
      }).toThrow('5 answers for 2 samples of 3 classes')
      expect(argmaxes(Float32Array.of(1, 3, 3, 2, 1, 0, 0, 1, 2), 3)).toEqual([1, 0, 2])
      const logits = Float64Array.of(Math.log(1), Math.log(2), Math.log(5), 700, 700, -800)
      expect(classesAbove(logits, 3, 0.125)).toEqual([
        [0, 1, 2],
        [0, 1],
      ])
      expect(classesAbove(logits, 3, 0.2)).toEqual([
        [1, 2],
        [0, 1],
      ])
      expect(classesAbove(logits, 3, 0.5)).toEqual([[2], [0, 1]])
      expect(classesAbove(logits, 3, 0.9)).toEqual([[], []])
    },
  },
]

export const caseImageChecks: readonly Check[] = [
  {
    name: 'pictures of cases, and samples as nested lists',
    run: (load) => {
      const { pictureOf, nested } = load<CaseImage>('case-image')
      const channels = [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ]
      const shape = { channels: 1, height: 2, width: 3 }
      const data = Uint8Array.of(1, 2, 3, 4, 5, 6)
      expect(pictureOf(channels)).toEqual({ ...shape, data })
      expect(pictureOf(channels, { width: 3 })).toEqual({ ...shape, data })
      expect(pictureOf([[[7, 8]]])).toMatchObject({ height: 1, width: 2 })
      for (const side of ['channels', 'height', 'width']) {
        expect(() => pictureOf(channels, { [side]: 9 })).toThrow(RangeError)
      }
      expect(() => pictureOf([[[1], [2, 3]]])).toThrow(RangeError)
      expect(() => pictureOf([[[1]], [[2], [3]]])).toThrow(RangeError)
      expect(pictureOf([])).toEqual({ channels: 0, height: 0, width: 0, data: new Uint8Array() })
      expect(nested(data, shape)).toEqual(channels)
      const twice = { channels: 2, height: 1, width: 3 }
      expect(nested(data, twice)).toEqual([[[1, 2, 3]], [[4, 5, 6]]])
    },
  },
]

/** Every way in which `missing` votes can fall. */
function completions(votes: readonly number[], missing: number): number[][] {
  if (missing === 0) return [[...votes]]
  return votes.flatMap((_, c) =>
    completions(
      votes.map((n, other) => (other === c ? n + 1 : n)),
      missing - 1,
    ),
  )
}
