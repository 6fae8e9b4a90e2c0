import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorCodes, packageRoot, patchwarden } from '../support/program'

const miniature = (name: string) => join(packageRoot, 'test/fixtures/miniatures', name)

describe('study', () => {
  test('d3s: one JSON document, every share with its count', async () => {
    const { code, stdout } = await patchwarden([
      ...['study', 'd3s', miniature('d3s'), '--model', 'patchwarden-nano'],
      ...['--map', 'tabby=cat', '--with-rejected', '--epochs', '2', '--json'],
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      dataset: 'd3s',
      model: { id: 'patchwarden-nano' },
      accuracy: { pictures: 10 },
      probes: { trainingPictures: 6 },
      failed: 0,
    })
  })

  test('d3s: tables, and what is our reading', async () => {
    const args = ['study', 'd3s', miniature('d3s'), '--epochs', '2', '--with-rejected']
    const { code, stdout } = await patchwarden(args)
    expect(code).toBe(0)
    expect(stdout).toContain('colour and gradient statistics')
    expect(stdout).toContain('our reading: usual background')
  })

  test('om-imagenet', async () => {
    const args = ['study', 'om-imagenet', miniature('om-imagenet'), '--model', 'cifar10-columns']
    const { code, stdout } = await patchwarden([...args, '--map', 'car=automobile'])
    expect(code).toBe(0)
    expect(stdout).toContain('exact sign test')
    expect(stdout).toContain('nearest class mean of latents')
  })

  test.each([
    ['a class that is in no list', ['d3s', miniature('d3s'), '--map', 'x=y'], 'E_CLASS_UNKNOWN'],
    ['a map of one name', ['d3s', miniature('d3s'), '--map', 'x'], 'E_USAGE'],
    ['no model', ['om-imagenet', miniature('om-imagenet')], 'E_USAGE'],
    [
      'a segmenter',
      ['om-imagenet', miniature('om-imagenet'), '--model', 'sac-lite'],
      'E_MODEL_TASK',
    ],
    ['another data set', ['d3s', miniature('om-imagenet')], 'E_NO_ANNOTATIONS'],
    ['a folder that is not there', ['d3s', miniature('nowhere')], 'E_FILE_NOT_FOUND'],
  ])('%s', async (_, args, code) => {
    const ended = await patchwarden(['study', ...args])
    expect(ended.code).toBe(2)
    expect(errorCodes(ended.stderr)).toEqual([code])
  })
})
