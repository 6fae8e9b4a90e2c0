import { expect, test } from 'vitest'
import { PictureIndex } from '../../../src/datasets/reading/pictures'
import { memoryFiles } from '../../support/memory-files'

const names = ['a.png', 'A.jpg', 'x/a.png', 'x/sub/b.v2.png', 'y/sub/b.v2.jpeg', 'y/a.txt']
const index = PictureIndex.of(memoryFiles(Object.fromEntries(names.map((name) => [name, '1']))))

test.each([
  ['a.png', 'a.png'],
  ['a', 'a.png'],
  ['A', 'A.jpg'],
  ['x/a', 'x/a.png'],
  ['./x/a.png', 'x/a.png'],
  ['X\\A.PNG', 'x/a.png'],
  ['sub/b.v2', 'x/sub/b.v2.png'],
  ['b.v2.jpeg', 'y/sub/b.v2.jpeg'],
  ['ub/b.v2', null],
  ['y/a', null],
  ['y/a.txt', null],
  ['', null],
  ['../a.png', null],
])('%j is %j', async (reference, name) => {
  expect((await index).find(reference)).toBe(name)
})

test('all pictures come sorted', async () => {
  expect((await index).all()).toEqual([
    'A.jpg',
    'a.png',
    'x/a.png',
    'x/sub/b.v2.png',
    'y/sub/b.v2.jpeg',
  ])
})
