import { describe, expect, test } from 'vitest'
import { outputStems, reportNames } from '../../src/cli/file-names'

describe('names in reports', () => {
  test('are the way below a given folder, or the bare name of a given file', () => {
    expect(
      reportNames(['photos/a/1.jpg', 'photos/2.jpg', 'x/3.png'], ['photos/', 'x/3.png']),
    ).toEqual(['a/1.jpg', '2.jpg', '3.png'])
  })
  test('keep the given path where two would be the same', () => {
    expect(reportNames(['p/1.jpg', 'q/1.jpg', 'q/2.jpg'], ['p', './q'])).toEqual([
      'p/1.jpg',
      'q/1.jpg',
      '2.jpg',
    ])
  })
})

describe('names of written pictures', () => {
  test('stay apart where only the ending differs', () => {
    expect(outputStems(['a.jpg', 'a.png', 'b.jpg'])).toEqual(['a.jpg', 'a.png', 'b'])
  })
  test('never leave the folder', () => {
    expect(outputStems(['../../etc/x.jpg', '/abs/y.jpg', 'c:\\z.jpg'])).toEqual([
      '_/_/etc/x',
      'abs/y',
      'c__z',
    ])
  })
})
