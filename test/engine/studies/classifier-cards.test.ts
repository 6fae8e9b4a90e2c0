import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { createModelHost } from '../../../src/engine/models/sessions'
import { openPictureModel } from '../../../src/engine/studies/picture-model'
import type { RgbImage } from '../../../src/shared/vision'
import { writeOnnx } from '../../support/onnx-writer'
import { createTestStore } from '../../support/test-store'

// A real model of three numbers: features are the mean colour, logits its red minus the others.

const own = await createTestStore()
const host = createModelHost({ store: own.store, threads: 1 })
const { signal } = new AbortController()
afterAll(async () => {
  await host.release()
  own.remove()
})

interface Kind {
  readonly batch: number | string
  readonly features?: string
  readonly layout?: 'nchw' | 'nhwc'
  readonly scale?: number
}

/** Writes model and card, and opens them. */
function open(name: string, { batch, features, layout = 'nchw', scale = 1 }: Kind) {
  const frame = layout === 'nchw' ? [3, 2, 2] : [2, 2, 3]
  const file = writeOnnx({
    inputs: [{ name: 'image', dims: [batch, ...frame] }],
    outputs: [
      { name: 'logits', dims: [batch, 3] },
      { name: 'colour', dims: [batch, 3] },
    ],
    initializers: [{ name: 'w', dims: [3, 3], data: [scale, 0, 0, 0, 1, 0, 0, 0, 1] }],
    nodes: [
      {
        op: 'ReduceMean',
        inputs: ['image'],
        outputs: ['colour'],
        attributes: { axes: layout === 'nchw' ? [2, 3] : [1, 2], keepdims: 0 },
      },
      { op: 'MatMul', inputs: ['colour', 'w'], outputs: ['logits'] },
    ],
  })
  const path = own.write(`${name}.onnx`, file)
  own.write(`${name}.json`, {
    id: name,
    task: 'classify',
    file: `${name}.onnx`,
    sha256: createHash('sha256').update(file).digest('hex'),
    licence: 'MIT',
    origin: 'a test',
    input: {
      name: 'image',
      layout,
      width: 2,
      height: 2,
      range: 1,
      channelOrder: 'rgb',
      resize: 'stretch',
    },
    output: { family: 'classifier', names: ['logits'], ...(features ? { features } : {}) },
    classes: ['red', 'green', 'blue'],
  })
  return openPictureModel(path, host)
}

const flat = (...colour: readonly [number, number, number]): RgbImage => ({
  width: 4,
  height: 4,
  data: Uint8Array.from({ length: 48 }, (_, i) => colour[i % 3]!),
})
const pictures = [flat(255, 0, 0), flat(0, 51, 255), flat(0, 255, 102)]

describe('classifier cards', () => {
  test('logits are the features where the card names none', async () => {
    const model = await open('plain', { batch: 'n', scale: 2 })
    const answers = await model.classify(pictures, signal)
    expect(model.features).toBe('logits of a classifier')
    expect(answers.map(({ predicted }) => model.classNames[predicted ?? -1])).toEqual([
      'red',
      'blue',
      'green',
    ])
    expect([...(answers[0]?.features ?? [])]).toEqual([2, 0, 0])
  })

  test('a card may name the output that holds the features', async () => {
    const model = await open('penultimate', { batch: 'n', scale: 2, features: 'colour' })
    const answers = await model.classify(pictures, signal)
    expect(model.features).toBe('output "colour" of a classifier')
    expect([...(answers[0]?.features ?? [])]).toEqual([1, 0, 0])
  })

  test('a model that takes one picture at a time is given one at a time', async () => {
    const model = await open('single', { batch: 1 })
    const answers = await model.classify(pictures, signal)
    expect(answers.map(({ predicted }) => predicted)).toEqual([0, 2, 1])
  })

  test('channel last', async () => {
    const model = await open('last', { batch: 'n', layout: 'nhwc' })
    const answers = await model.classify(pictures, signal)
    expect(answers.map(({ predicted }) => predicted)).toEqual([0, 2, 1])
    expect(answers[1]?.features[1]).toBeCloseTo(0.2, 6)
  })

  test('an output that is not there, and numbers that are none', async () => {
    const missing = await open('missing', { batch: 'n', features: 'embedding' })
    await expect(missing.classify(pictures, signal)).rejects.toThrow(
      expect.objectContaining({ code: 'E_MODEL_OUTPUT_SHAPE' }),
    )
    const endless = await open('endless', { batch: 'n', scale: Infinity })
    await expect(endless.classify(pictures, signal)).rejects.toThrow(
      expect.objectContaining({ code: 'E_MODEL_OUTPUT_NOT_FINITE' }),
    )
  })
})
