import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  completeLikePublishedCode,
  completeStrictly,
} from '../../../src/defenses/segment-and-complete/complete-strict'
import { type Mask, maskArea } from '../../../src/shared/vision'

// Reference outputs of the published code and of an independent implementation of the definition (data README there).
interface Expected {
  mask: string
  ones: number
  iteration: number
}
interface Case {
  id: string
  height: number
  width: number
  mask: string
  params: { squareSizes: number[]; initThreshold: number; decay: number; maxIterations: number }
  exact: Expected
  official: Expected
}

const fixture = new URL('../../fixtures/sac/completion-cases.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] }

describe.each([
  ['exact', completeStrictly],
  ['official', completeLikePublishedCode],
] as const)('completion, %s mode', (mode, complete) => {
  test.each(cases.map((c) => [c.id, c] as const))('%s', (_id, c) => {
    const expected = c[mode]
    const result = complete(unpack(c.mask, c), {
      sizes: c.params.squareSizes,
      ladder: {
        alpha: c.params.initThreshold,
        beta: c.params.decay,
        rungs: c.params.maxIterations,
      },
    })
    expect(result.rung).toBe(expected.iteration)
    expect(maskArea(result.mask)).toBe(expected.ones)
    expect(result.mask.bits).toEqual(unpack(expected.mask, c).bits)
  })
})

function unpack(packed: string, { width, height }: { width: number; height: number }): Mask {
  const bytes = inflateSync(Buffer.from(packed, 'base64'))
  const bits = new Uint8Array(width * height)
  for (let i = 0; i < bits.length; i++) bits[i] = (bytes[i >> 3]! >> (7 - (i & 7))) & 1
  return { width, height, bits }
}
