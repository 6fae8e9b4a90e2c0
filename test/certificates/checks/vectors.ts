import { expect } from 'vitest'
import { badInputs, edgeInputs } from '../support/bad-inputs'
import { differences, type VectorDocument } from '../support/compare'
import type { Check } from './check'

type Cases = typeof import('../../../src/certificates/splitting-noise/cases')

/** The reference cases of one method's folder, and inputs that its kinds must refuse. */
export const vectorCheck = (folder: string, documents: readonly VectorDocument[]): Check => ({
  name: `reference cases of ${folder}`,
  loads: [`${folder}/cases`],
  run: (load) => {
    const { method, kinds } = load<Cases>(`${folder}/cases`)
    const document = documents.find((one) => one.method === method)
    for (const { kind, input, expected } of document?.cases ?? []) {
      const result = kinds[kind]!(input as never)
      expect(differences(result, expected, document!.tolerance)).toEqual([])
    }
    expect(document).toBeDefined()
    for (const [of, kind, input] of badInputs) {
      if (of === method) expect(() => kinds[kind]!(input as never)).toThrow()
    }
    for (const [of, kind, input, answer] of edgeInputs) {
      if (of === method) expect(kinds[kind]!(input as never)).toEqual(answer)
    }
  },
})
