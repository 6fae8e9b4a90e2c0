import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gatherEvidence, isEnough } from '../../../src/defenses/segment-and-complete/evidence'
import { rawMask, segment } from '../../../src/defenses/segment-and-complete/segmenter'
import { resizeLogits } from '../../../src/defenses/segment-and-complete/resize-logits'
import { createRunContext } from '../../../src/engine/run-context'
import { createModelHost } from '../../../src/engine/models/sessions'
import { modelCardSchema } from '../../../src/shared/model-card'
import type { LoadedModel } from '../../../src/shared/plugin'
import { hasSharedData, needsSharedData, sharedData } from '../../support/shared-data'

const run = () =>
  createRunContext({ signal: new AbortController().signal, seed: 0, digest: '0'.repeat(64) })

const packageRoot = new URL('../../../', import.meta.url).pathname

function openSegmenter(path: string, input: object): Promise<LoadedModel> {
  const card = modelCardSchema.parse({
    id: 'segmenter',
    task: 'segment-patch',
    file: 'model.onnx',
    sha256: '0'.repeat(64),
    licence: 'MIT',
    origin: 'test',
    input: {
      name: 'image',
      width: 512,
      height: 512,
      dynamic: true,
      channelOrder: 'rgb',
      resize: 'stretch',
      ...input,
    },
    output: { family: 'patch-logits' },
  })
  const store = { resolve: () => Promise.resolve({ card, path }) }
  return createModelHost({ store, threads: 1 }).load('segmenter')
}

const floats = { layout: 'nchw', type: 'float32', range: 1 }
const bytes = { layout: 'nhwc', type: 'uint8', range: 255 }

describe.skipIf(!hasSharedData)(`the stand-in segmenter${needsSharedData}`, () => {
  interface Case {
    id?: string
    height: number
    width: number
    rgb: string
    logits: string
    ones: number
  }
  const read = (): Case[] => {
    const document = JSON.parse(
      readFileSync(join(sharedData, 'sac/segmenter-cases.json'), 'utf8'),
    ) as { cases: Case[] }
    return document.cases
  }

  test('gives the reference logits within 1e-4 and the same masks', async () => {
    const model = await openSegmenter(join(sharedData, 'sac/standin-segmenter.onnx'), floats)
    const cases = read()
    expect(cases).toHaveLength(3)
    for (const { width, height, rgb, logits, ones } of cases) {
      const image = { data: Uint8Array.from(Buffer.from(rgb, 'base64')), width, height }
      const expected = new Float32Array(Uint8Array.from(Buffer.from(logits, 'base64')).buffer)
      const got = await segment(image, model, 0, run())
      let worst = 0
      for (let i = 0; i < expected.length; i++)
        worst = Math.max(worst, Math.abs(got.logits[i]! - expected[i]!))
      expect(got.logits).toHaveLength(expected.length)
      expect(worst).toBeLessThan(1e-4)
      const mask = rawMask(got, 0.5)
      expect(mask.bits).toEqual(Uint8Array.from(expected, (logit) => (logit > 0 ? 1 : 0)))
      expect(mask.bits.reduce((a, b) => a + b, 0)).toBe(ones)
    }
  })
})

describe('the shipped segmenter', () => {
  test.each([
    [1, 1],
    [17, 31],
    [64, 48],
  ])('answers at the size of a %ix%i picture', async (width, height) => {
    const model = await openSegmenter(join(packageRoot, 'models/sac-lite/model.onnx'), bytes)
    const image = { data: new Uint8Array(3 * width * height).fill(128), width, height }
    const { logits, ...size } = await segment(image, model, 0, run())
    expect(size).toEqual({ width, height })
    expect(logits).toHaveLength(width * height)
    expect(logits.every(Number.isFinite)).toBe(true)
  })

  test('works smaller on large pictures and answers at their size', async () => {
    const model = await openSegmenter(join(packageRoot, 'models/sac-lite/model.onnx'), bytes)
    const image = { data: new Uint8Array(3 * 200 * 100).fill(90), width: 200, height: 100 }
    const context = run()
    const { logits } = await segment(image, model, 64, context)
    expect(logits).toHaveLength(200 * 100)
    expect(context.trace.stages.map((stage) => stage.name)).toContain('resize logits')
  })
})

test('a map that is not finite is an error, not a mask', () => {
  const logits = Float32Array.from([0, NaN, 1, -1])
  expect(() => rawMask({ width: 2, height: 2, logits }, 0.5)).toThrow(
    expect.objectContaining({ code: 'E_MODEL_OUTPUT_NOT_FINITE' }),
  )
})

test('the threshold is a probability, and exactly at it a pixel is out', () => {
  const logits = Float32Array.from([0, 1e-6, Math.log(3), Math.log(3) + 1e-5])
  const at = (threshold: number) => [...rawMask({ width: 2, height: 2, logits }, threshold).bits]
  expect(at(0.5)).toEqual([0, 1, 1, 1])
  expect(at(0.75)[0]).toBe(0)
  expect(at(0.75)[3]).toBe(1)
})

test('pixels above the certainty are evidence, those above 0.96 three times; none below the threshold is', () => {
  const segmentation = { width: 5, height: 1, logits: Float32Array.from([-1, 1, 2, 3, 5]) }
  const weights = (threshold: number, certainty: number) => [
    ...gatherEvidence(segmentation, { threshold, certainty, minEvidence: 0.5 }).weights,
  ]
  expect(weights(0.5, 0.8)).toEqual([0, 0, 1, 1, 3])
  expect(weights(0.9, 0.8)).toEqual([0, 0, 0, 1, 3])
  expect(weights(0.5, 0.99)).toEqual([0, 0, 0, 0, 3])
})

test('a part counts from the least evidence on, which is a share of the frame or a number of pixels', () => {
  const segmentation = { width: 4, height: 1, logits: Float32Array.from([3, 5, -1, 3]) }
  const part = { width: 4, height: 1, bits: Uint8Array.from([1, 1, 0, 0]) } // 1 + 3
  const enough = (minEvidence: number) =>
    isEnough(part, gatherEvidence(segmentation, { threshold: 0.5, certainty: 0.8, minEvidence }))
  expect([0, 0.99, 4, 4.5].map(enough)).toEqual([true, true, true, false])
})

test('logits are resized bilinearly with half-pixel centres', () => {
  const { logits } = resizeLogits(Float32Array.from([0, 4]), 2, 1, 4, 2)
  expect([...logits]).toEqual([0, 1, 3, 4, 0, 1, 3, 4])
})
