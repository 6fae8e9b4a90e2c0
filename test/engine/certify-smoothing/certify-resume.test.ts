import { expect, test } from 'vitest'
import { certifyPicture } from '../../../src/engine/certify-smoothing/certify-picture'
import type { TallyState } from '../../../src/shared/plugin'
import { seededRandom } from '../../../src/shared/random'
import type { RgbImage } from '../../../src/shared/vision'
import { shippedModels, signal } from './shipped-models'

const { certificationOf } = shippedModels('certify-resume-picture')

const random = seededRandom(5)
const image: RgbImage = {
  data: Uint8Array.from({ length: 3 * 50 * 40 }, () => Math.floor(256 * random())),
  width: 50,
  height: 40,
}
const box = { box: [3, 4, 45, 36] as const }

// Four batches; a template of its own, because the card's is for more levels.
const coarse = { levels: 200, template: [] }

test('a run goes on from what an earlier one had counted, to the same certificate', async () => {
  const drawn = await certificationOf('cifar10-splitting', 'splitting-noise', coarse)
  const states: TallyState[] = []
  const all = await certifyPicture(drawn, image, 'digest', box, {
    signal,
    onBatch: (state) => states.push(JSON.parse(JSON.stringify(state)) as TallyState), // plain data
  })
  expect(states.map(({ next }) => next)).toEqual([64, 128, 192, 200])
  const [, state] = states
  if (state === undefined) throw new Error('nothing was told')
  const counted: number[] = []
  const rest = await certifyPicture(drawn, image, 'digest', box, {
    signal,
    state,
    onBatch: ({ next }) => counted.push(next),
  })
  expect(counted).toEqual([192, 200])
  expect(rest).toEqual(all)
})

test('a cancelled run ends between batches', async () => {
  const ending = new AbortController()
  const drawn = await certificationOf('cifar10-splitting', 'splitting-noise', coarse)
  let batches = 0
  const run = certifyPicture(
    drawn,
    image,
    'digest',
    {},
    {
      signal: ending.signal,
      onBatch: () => {
        batches++
        ending.abort(new Error('enough'))
      },
    },
  )
  await expect(run).rejects.toThrow('enough')
  expect(batches).toBe(1)
})
