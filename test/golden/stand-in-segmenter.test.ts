import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { completeStrictly } from '../../src/defenses/segment-and-complete/complete-strict'
import { rawMask, segment } from '../../src/defenses/segment-and-complete/segmenter'
import { decodeImage } from '../../src/engine/images/decode-image'
import { createRunContext } from '../../src/engine/run-context'
import { createModelHost } from '../../src/engine/models/sessions'
import { modelCardSchema } from '../../src/shared/model-card'
import { seededRandom } from '../../src/shared/random'
import { emptyMask } from '../../src/shared/vision'
import { hasSharedData, needsSharedData, sharedData } from '../support/shared-data'

const card = modelCardSchema.parse({
  id: 'stand-in',
  task: 'segment-patch',
  file: 'standin-segmenter.onnx',
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
    range: 1,
  },
  output: { family: 'patch-logits' },
})

const PHOTOGRAPHS = 12

// The stand-in knows noise squares and nothing else: with it the whole chain can be proved exactly.
test.skipIf(!hasSharedData)(
  `one noise square on a photograph: found to an IoU of 0.9 and wholly covered after completion${needsSharedData}`,
  async () => {
    const folder = join(sharedData, 'images/pool/bsds500')
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.jpg'))
      .sort()
      .slice(0, PHOTOGRAPHS)
    expect(names).toHaveLength(PHOTOGRAPHS)
    const path = join(sharedData, 'sac/standin-segmenter.onnx')
    const model = await createModelHost({
      store: { resolve: () => Promise.resolve({ card, path }) },
      threads: 1,
    }).load('stand-in')
    for (const [k, name] of names.entries()) {
      const { image, sha256 } = await decodeImage(join(folder, name))
      const random = seededRandom(k)
      const side = [50, 75][k % 2]!
      const left = Math.floor(random() * (image.width - side))
      const top = Math.floor(random() * (image.height - side))
      const truth = emptyMask(image.width, image.height)
      const data = image.data.slice()
      for (let y = top; y < top + side; y++) {
        for (let x = left; x < left + side; x++) {
          const pixel = y * image.width + x
          truth.bits[pixel] = 1
          for (let channel = 0; channel < 3; channel++)
            data[3 * pixel + channel] = Math.floor(random() * 256)
        }
      }
      const run = createRunContext({
        signal: new AbortController().signal,
        seed: 0,
        digest: sha256,
      })
      const found = rawMask(await segment({ ...image, data }, model, 0, run), 0.5)
      let [both, either] = [0, 0]
      truth.bits.forEach((bit, i) => {
        both += bit & found.bits[i]!
        either += bit | found.bits[i]!
      })
      expect(both / either, name).toBeGreaterThanOrEqual(0.9)
      const { mask } = completeStrictly(found, { sizes: [100, 75, 50, 25] })
      expect(
        truth.bits.every((bit, i) => bit === 0 || mask.bits[i] === 1),
        name,
      ).toBe(true)
    }
  },
)
