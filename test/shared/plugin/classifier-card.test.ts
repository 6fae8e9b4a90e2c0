import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/shared/errors'
import { modelCardSchema, tensorChannels } from '../../../src/shared/model-card'
import { parseClassifierCard } from '../../../src/shared/plugin/classifier-card'

function card(input: object, smoothing: object | undefined) {
  return modelCardSchema.parse({
    id: 'mine',
    task: 'classify',
    file: 'model.onnx',
    sha256: '0'.repeat(64),
    licence: 'MIT',
    origin: 'test',
    input: {
      name: 'image',
      width: 4,
      height: 2,
      range: 1,
      channelOrder: 'rgb',
      resize: 'stretch',
      ...input,
    },
    output: { family: 'classifier', names: ['logits'], smoothing },
    classes: ['cat', 'dog'],
  })
}

const columns = { method: 'derandomized-smoothing', ablation: 'columns', band: 2, theta: 0.3 }
const splitting = { method: 'splitting-noise', sigma: 0.5, levels: 441 }
const template = Array.from({ length: 24 }, (_, i) => i)
const pair = { encoding: 'pair' }

describe('the card of a classifier', () => {
  test.each([
    ['no smoothing', {}, undefined],
    ['columns', pair, columns],
    ['pixels', pair, { method: 'randomized-ablation', retained: 8 }],
    ['splitting noise', {}, { ...splitting, template }],
    ['splitting noise, grey', { channels: 1 }, { ...splitting, template: template.slice(16) }],
    ['Gaussian noise', {}, { method: 'gaussian-smoothing', sigma: 0.25 }],
  ])('is accepted: %s', (_, input, smoothing) => {
    expect(parseClassifierCard(card(input, smoothing)).output.smoothing).toEqual(smoothing)
  })

  test.each([
    ['a wider band than the picture', pair, { ...columns, band: 5 }, 'band: 5 columns of 4'],
    ['ablation without its encoding', {}, columns, 'input.encoding'],
    ['noise with the encoding', pair, { method: 'gaussian-smoothing', sigma: 1 }, 'input.encoding'],
    ['a threshold above 1', pair, { ...columns, theta: 1.5 }, 'output.smoothing.theta'],
    ['a method that does not exist', {}, { method: 'prayer' }, 'output.smoothing'],
    [
      'more pixels than there are',
      pair,
      { method: 'randomized-ablation', retained: 9 },
      '9 pixels of 8',
    ],
    [
      'a short template',
      {},
      { ...splitting, template: template.slice(1) },
      'template: 23 values for 24',
    ],
    [
      'an offset of as much as the levels',
      {},
      { ...splitting, template: [...template.slice(1), 441] },
      'template: 441 is not below',
    ],
  ])('is refused: %s', (_, input, smoothing, reason) => {
    const error = attempt(() => parseClassifierCard(card(input, smoothing)))
    expect(error).toMatchObject({ code: 'E_MODEL_CARD_INVALID' })
    expect(error.message).toContain(reason)
  })

  test('the encoding pair takes twice the channels', () => {
    expect(tensorChannels({ channels: 3, encoding: 'plain' })).toBe(3)
    expect(tensorChannels({ channels: 1, encoding: 'pair' })).toBe(2)
  })
})

function attempt(action: () => unknown): AppError {
  try {
    action()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('nothing was wrong')
}
