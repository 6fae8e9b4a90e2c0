import { expect } from 'vitest'
import { runCases } from '../../../src/certificates/cases'
import { differences } from './compare'
import type { Tolerance } from './compare'
import { readVectors } from './fixtures'

/** Runs all reference cases of a method and compares every answer, to its file's tolerance or a closer one. */
export function expectCases(method: string, tolerance?: Tolerance): void {
  const file = readVectors().find((document) => document.method === method)
  if (file === undefined) throw new Error(`there is no fixture of ${method}`)
  const answers = runCases(file)
  expect(file.cases.length).toBeGreaterThan(0)
  file.cases.forEach(({ id, expected }, i) => {
    const answer = answers[i]
    if (answer === undefined || 'error' in answer) throw new Error(JSON.stringify(answer))
    expect(answer.id).toBe(id)
    expect(differences(answer.result, expected, tolerance ?? file.tolerance), id).toEqual([])
  })
}

/** The error that a case with this input gets; fails if it gets an answer. */
export function errorOf(method: string, kind: string, input: unknown) {
  const [answer] = runCases({ method, cases: [{ id: 'made', kind, input }] })
  if (answer === undefined || !('error' in answer)) {
    throw new Error(`no error: ${JSON.stringify(answer)}`)
  }
  return answer.error
}
