import { describe, expect, test } from 'vitest'
import { runCases } from '../../src/certificates/cases'
import { differences } from './support/compare'
import { readVectors } from './support/fixtures'

const documents = readVectors()

test('all ten files are there', () => {
  expect(documents.map(({ method }) => method).sort()).toEqual([
    'certifying-confidence',
    'curse-of-dimensionality',
    'derandomized-smoothing',
    'dssn',
    'fractional-lp',
    'numerics',
    'randomized-ablation',
    'robust-interpretation',
    'second-order-smoothing',
    'wasserstein-smoothing',
  ])
})

describe.each(documents)('$method', (document) => {
  const answers = new Map(runCases(document).map((answer) => [answer.id, answer]))
  test.each(document.cases)('$id', ({ id, expected }) => {
    const answer = answers.get(id)
    if (answer === undefined || !('result' in answer)) throw new Error(JSON.stringify(answer))
    expect(differences(answer.result, expected, document.tolerance)).toEqual([])
  })
})
