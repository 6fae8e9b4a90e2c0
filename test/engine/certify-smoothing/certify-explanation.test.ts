import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  certifierFor,
  certifierSettings,
} from '../../../src/engine/certify-smoothing/certifier-settings'
import { sampleModel } from '../../../src/engine/certify-smoothing/sample-model'
import { createModelHost } from '../../../src/engine/models/sessions'
import { parseClassifierCard } from '../../../src/shared/plugin/classifier-card'
import { writeOnnx } from '../../support/onnx-writer'
import { createTestStore } from '../../support/test-store'
import { certify } from './shipped-models'

test.each(['nchw', 'nhwc'] as const)(
  'an explanation is certified where the model gives scores, %s',
  async (layout) => {
    const own = await createTestStore()
    const host = createModelHost({ store: own.store, threads: 1 })
    const frame = layout === 'nchw' ? [3, 4, 4] : [4, 4, 3]
    // The score of a value is the value itself, as for half the sum of squares; no batches.
    const file = writeOnnx({
      inputs: [{ name: 'image', dims: [1, ...frame] }],
      outputs: [
        { name: 'logits', dims: [1, 3] },
        { name: 'scores', dims: [1, ...frame] },
      ],
      nodes: [
        {
          op: 'ReduceMean',
          inputs: ['image'],
          outputs: ['logits'],
          attributes: { axes: layout === 'nchw' ? [2, 3] : [1, 2], keepdims: 0 },
        },
        { op: 'Identity', inputs: ['image'], outputs: ['scores'] },
      ],
    })
    own.write('own.onnx', file)
    const path = own.write('own.json', {
      ...{ id: 'own', task: 'classify', file: 'own.onnx', licence: 'MIT', origin: 'a test' },
      sha256: createHash('sha256').update(file).digest('hex'),
      input: {
        ...{ name: 'image', layout, width: 4, height: 4, range: 1, channelOrder: 'rgb' },
        ...{ resize: 'stretch', interpolation: 'area' },
      },
      output: { family: 'classifier', names: ['logits'], attribution: 'scores' },
      classes: ['red', 'green', 'blue'],
    })
    const loaded = await host.load(path.replace(/json$/, 'onnx'))
    const card = parseClassifierCard(loaded.card)
    const certifier = certifierFor('certified-saliency')
    const given = { estimation: 400, topFraction: 0.1, tau: 0.1, rho: 0.02 }
    const params = certifierSettings(certifier, card, given)
    const model = sampleModel(loaded, card, certifier.describe(params).output)
    // Four values stand out: blue of the first and last pixel, red and green of one between.
    const data = new Uint8Array(48)
    for (const i of [2, 21, 22, 47]) data[i] = 255
    const image = { data, width: 4, height: 4 }
    const record = await certify({ certifier, params, card, model }, image)
    expect(record).toMatchObject({ certified: true, radius: 0.02, alpha: 0.05, total: 400 })
    // Planes one after the other: 7 is red of pixel 7, 23 green of it, 32 and 47 blue of the ends.
    expect(record.details?.['certifiedEntries']).toEqual([7, 23, 32, 47])
    expect(record.statement).toMatch(/^At least 4 of the 4 /)
    expect(record).not.toHaveProperty('class')
    await host.release()
    own.remove()
  },
)
