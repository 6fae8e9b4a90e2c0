import { expect, test } from 'vitest'
import importer from '../../../src/datasets/folder/importer'
import { memoryFiles } from '../../support/memory-files'
import { readAll } from '../read-all'

const pictures = (...names: string[]) =>
  memoryFiles(Object.fromEntries(names.map((name) => [name, 'x'])))

test('takes every picture below the root and nothing else, sub-folders kept', async () => {
  const files = pictures('b/c/d.JPG', 'a.png', 'notes.txt', 'b/labels.json', 'b/e.webp')
  const read = await readAll(importer, files, {})
  expect(read.images.map(({ file, split, width }) => [file, split, width])).toEqual([
    ['a.png', null, null],
    ['b/c/d.JPG', null, null],
    ['b/e.webp', null, null],
  ])
  expect(read.images.every(({ label }) => label === undefined)).toBe(true)
})

test('is sure of little, so that formats which know more go first', async () => {
  expect(await importer.recognizes(pictures('a.png'))).toEqual({
    certainty: 0.1,
    summary: 'A folder with 1 picture',
  })
  expect(await importer.recognizes(pictures('a.txt'))).toMatchObject({ certainty: 0 })
})

test('a picture that was named is taken alone', async () => {
  const files = memoryFiles({ 'a.png': 'x', 'b.png': 'x' }, { entry: 'b.png' })
  expect((await readAll(importer, files, {})).images.map(({ file }) => file)).toEqual(['b.png'])
})

test('folders become classes on request, with or without splits', async () => {
  const files = pictures('train/dog/1.png', 'train/cat/2.png', 'val/dog/3.png')
  const read = await readAll(importer, files, { labels: 'folders' })
  expect(read.images.map(({ file, split, label }) => [file, split, label])).toEqual([
    ['train/cat/2.png', 'train', { index: 0, name: 'cat' }],
    ['train/dog/1.png', 'train', { index: 1, name: 'dog' }],
    ['val/dog/3.png', 'val', { index: 1, name: 'dog' }],
  ])
  const flat = await readAll(importer, pictures('train/1.png', 'x/2.png'), { labels: 'folders' })
  expect(flat.images.map(({ split, label }) => [split, label?.name])).toEqual([
    [null, 'train'],
    [null, 'x'],
  ])
})

test.each([['a.png'], ['dog/deep/a.png']])('%s is in no class folder', async (name) => {
  const files = pictures('cat/1.png', name)
  await expect(readAll(importer, files, { labels: 'folders' })).rejects.toMatchObject({
    code: 'E_CLASS_FROM_NAME',
    message: expect.stringContaining(name) as string,
  })
})
