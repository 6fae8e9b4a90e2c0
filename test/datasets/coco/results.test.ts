import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readCocoResults } from '../../../src/datasets/coco/results'
import { canonicalMask } from '../canonical-scene'
import { collected } from '../reading/json-support'

async function read(text: string) {
  async function* chunks() {
    yield await Promise.resolve(new TextEncoder().encode(text))
  }
  return await collected(readCocoResults(chunks(), 'results.json'))
}

test('the detections of the scene', async () => {
  const text = readFileSync(
    new URL('../../fixtures/formats/coco/results.json', import.meta.url),
    'utf8',
  )
  const results = await read(text)
  expect(results).toEqual([
    result({ imageId: '1', categoryId: '1', box: [11.5, 19, 29, 41], score: 0.875 }),
    result({ imageId: '1', categoryId: '12', box: [60, 10, 30, 40], score: 0.5 }),
    result({
      imageId: '2',
      categoryId: '12',
      box: [10, 20, 30, 30],
      score: 0.25,
      shape: { mask: canonicalMask(4) },
    }),
  ])
})

test('masks need no box, and ids may be text', async () => {
  const record = {
    image_id: 'a',
    category_id: 2,
    score: 1,
    segmentation: { size: [1, 2], counts: [1, 1] },
  }
  const [first] = await read(JSON.stringify([record]))
  expect(first).toMatchObject({ kind: 'result', result: { imageId: 'a', categoryId: '2' } })
  expect(first).not.toHaveProperty('result.box')
})

test.each([
  [{ score: null }, 'E_SCORE_NOT_FINITE'],
  [{ image_id: null }, 'E_ID_OUT_OF_RANGE'],
  [{ bbox: [1, 2, 3] }, 'E_BBOX_MALFORMED'],
  [{ bbox: [] }, 'E_BBOX_MALFORMED'],
  [{ segmentation: { size: [1, 2], counts: 'zz' } }, 'E_RLE_MALFORMED'],
])('%j is left out, the others stay', async (fields, code) => {
  const good = { image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }
  const records = await read(JSON.stringify([{ ...good, ...fields }, good]))
  expect(records).toMatchObject([
    {
      kind: 'problem',
      problem: { decision: 'skip-record', code, record: 0, file: 'results.json' },
    },
    { kind: 'result' },
  ])
})

test('anything but a list is refused', async () => {
  await expect(read('{"images": [1]}')).rejects.toMatchObject({ code: 'E_NOT_RESULTS' })
  await expect(read('{}')).rejects.toMatchObject({ code: 'E_NOT_RESULTS' })
  expect(await read('[]')).toEqual([])
})

const result = (value: object) => ({ kind: 'result', result: value })
