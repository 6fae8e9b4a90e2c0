import { expect, test } from 'vitest'
import { z } from 'zod'
import { preview } from '../../../src/engine/import/preview'
import { chooseImporter, recognize } from '../../../src/engine/import/recognize'
import type { ImportRecord } from '../../../src/shared/dataset/records'
import { AppError } from '../../../src/shared/errors'
import { defineImporter } from '../../../src/shared/plugin'
import { memoryFiles } from '../../support/memory-files'

async function* endOfRecords(): AsyncGenerator<ImportRecord> {
  yield* await Promise.resolve([])
}

const files = memoryFiles({ 'a.txt': 'a' })

const importer = (
  id: string,
  certainty: number | Error,
  read: () => AsyncGenerator<ImportRecord> = () => endOfRecords(),
) =>
  defineImporter({
    id,
    name: id,
    summary: id,
    params: z.object({}),
    recognizes: () =>
      certainty instanceof Error
        ? Promise.reject(certainty)
        : Promise.resolve({ certainty, summary: `${id} it is` }),
    read,
  })
const mapOf = (...list: readonly ReturnType<typeof importer>[]) =>
  new Map(list.map((one) => [one.id, one]))

test('the most certain first; what fails last; what is not there not at all', async () => {
  const broken = importer('broken', new Error('no'))
  const all = mapOf(importer('a', 0.2), broken, importer('c', 0), importer('d', 0.9))
  const found = await recognize(files, all)
  expect(found.map(({ importer: { id } }) => id)).toEqual(['d', 'a', 'broken'])
  expect((await chooseImporter(files, null, all)).id).toBe('d')
  expect((await chooseImporter(files, 'c', all)).id).toBe('c')
  await expect(chooseImporter(files, 'x', all)).rejects.toMatchObject({ code: 'E_FORMAT_UNKNOWN' })
  const none = chooseImporter(files, null, mapOf(broken))
  await expect(none).rejects.toMatchObject({ code: 'E_FORMAT_NOT_RECOGNIZED' })
})

test('an empty folder is called empty, and what could be imported is said', async () => {
  await expect(chooseImporter(memoryFiles({}), null)).rejects.toMatchObject({
    code: 'E_FORMAT_NOT_RECOGNIZED',
    message: expect.stringMatching(/^There is no file in /) as string,
    hint: expect.stringContaining('JPEG') as string,
  })
})

const image = (i: number, split: string | null): ImportRecord => ({
  kind: 'image',
  image: { sourceId: `${i}`, file: `${i}.jpg`, width: null, height: null, split, attributes: {} },
})

test('a named file that holds no data is no data set, whatever lies beside it', async () => {
  const all = mapOf(importer('a', 0.9))
  const named = (entry: string) => memoryFiles({ 'a.json': '[]', 'README.md': '#' }, { entry })
  expect(await recognize(named('README.md'), all)).toEqual([])
  await expect(chooseImporter(named('README.md'), null, all)).rejects.toThrow(
    expect.objectContaining({
      code: 'E_FORMAT_NOT_RECOGNIZED',
      message: expect.stringContaining('README.md') as string,
    }),
  )
  expect((await chooseImporter(named('a.json'), null, all)).id).toBe('a')
  expect((await chooseImporter(named('README.md'), 'a', all)).id).toBe('a')
})

test('counts what an import would bring', async () => {
  const look = await preview(
    files,
    importer('a', 1, async function* () {
      yield { kind: 'category', category: { sourceId: '1', name: 'cat' } }
      yield { kind: 'category', category: { sourceId: '2', name: 'adversarial patch' } }
      yield image(1, 'train')
      yield image(2, null)
      for (const categoryId of ['1', '1', '2']) {
        const object = { sourceId: null, categoryId, box: [0, 0, 1, 1], area: 1 } as const
        yield {
          kind: 'object',
          imageId: '1',
          object: { ...object, isCrowd: false, attributes: {} },
        }
      }
      await Promise.resolve()
    }),
    {},
  )
  expect(look).toMatchObject({ complete: true, images: 2, objects: 2, patches: 1, refusal: null })
  expect(look.categories).toEqual(['cat'])
  expect([...look.splits]).toEqual([
    ['train', 1],
    ['', 1],
  ])
})

test('says why an import would be refused', async () => {
  const refusing = importer('a', 1, async function* () {
    yield image(1, null)
    throw await Promise.resolve(new AppError('E_JSON_SYNTAX', 'line 3', 'mend it'))
  })
  expect(await preview(files, refusing, {})).toMatchObject({
    images: 1,
    refusal: { code: 'E_JSON_SYNTAX' },
  })
})

test.each([
  ['goes on and on', () => Promise.resolve()],
  ['waits for ever', () => new Promise<void>(() => undefined)],
])('ends in time with an importer that %s', async (_what, wait) => {
  const endless = importer('a', 1, async function* () {
    for (let i = 0; ; i++) {
      yield image(i, null)
      await wait()
    }
  })
  const start = performance.now()
  const look = await preview(files, endless, {}, { milliseconds: 150, records: 1e12 })
  expect(performance.now() - start).toBeLessThan(1_500)
  expect(look.complete).toBe(false)
  expect(look.images).toBeGreaterThan(0)
})
