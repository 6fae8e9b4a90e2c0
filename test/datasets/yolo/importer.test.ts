import { expect, test } from 'vitest'
import importer from '../../../src/datasets/yolo/importer'
import { memoryFiles } from '../../support/memory-files'
import { expectScene, fixtureFiles } from '../canonical-scene'
import { bitmap, hostileCases, hostileFile } from '../hostile-cases'
import { readAll } from '../read-all'

const names = 'names: [first, second]\n'

const readLabels = (text: string | Uint8Array, params: { predictions?: boolean } = {}) =>
  readAll(
    importer,
    memoryFiles({ 'data.yaml': names, 'images/x.bmp': bitmap(48, 32), 'labels/x.txt': text }),
    params,
  )

for (const format of ['yolo-detect', 'yolo-segment']) {
  test(`the scene in ${format}`, async () => {
    const files = memoryFiles({
      ...fixtureFiles(format),
      ...fixtureFiles('images', 'images/train/'),
    })
    const read = await readAll(importer, files, {})
    expectScene(read, format, (name) => `images/train/${name}`)
    expect(read.problems).toEqual([])
    expect(read.images.map(({ split }) => split)).toEqual(['train', 'train', 'train'])
    expect(read.images.map(({ attributes }) => attributes)).toEqual([
      {},
      { label_file: 'empty' },
      {},
    ])
    expect((await importer.recognizes(files)).certainty).toBeGreaterThan(0.8)
  })
}

test('polygons of the scene are kept as drawn, and their areas counted in pixels', async () => {
  const files = memoryFiles({
    ...fixtureFiles('yolo-segment'),
    ...fixtureFiles('images', 'images/train/'),
  })
  const patch = (await readAll(importer, files, {})).images[0]?.objects[1]
  const points = patch?.shape?.polygons?.[0]?.map((value) => Math.round(value * 1e6) / 1e6)
  expect(points).toEqual([60, 10, 90, 10, 90, 40, 75, 50, 60, 40])
  expect(patch?.area).toBe(1050)
})

test.each(hostileCases('yolo'))('hostile: $path', async (given) => {
  const [width, height] = given.image_size ?? [0, 0]
  const files = memoryFiles({
    'data.yaml': names,
    'images/x.bmp': bitmap(width, height),
    'labels/x.txt': hostileFile(given.path),
  })
  const read = await readAll(importer, files, {})
  expect(read.verdicts).toEqual(given.code === null ? [] : [`${given.decision} ${given.code}`])
  expect(read.images.flatMap(({ objects }) => objects)).toHaveLength(given.imported ?? 0)
  for (const problem of read.problems) {
    expect(problem.file).toBe('labels/x.txt')
    expect(problem.line !== undefined).toBe(given.decision !== 'skip-file')
  }
})

test('runs: the last column is the score, of boxes and polygons; labels may lack it', async () => {
  const text = '0 0.5 0.5 0.25 0.5 0.875\n1 0 0 1 0 1 1 0.5\n1 0.5 0.5 0.5 0.5\n0 .5 .5 .1 .1 1.5\n'
  const { images, verdicts } = await readLabels(text, { predictions: true })
  expect(images[0]?.objects.map(({ score, box }) => ({ score, box }))).toEqual([
    { score: 0.875, box: [18, 8, 12, 16] },
    { score: 0.5, box: [0, 0, 48, 32] },
    { score: undefined, box: [12, 8, 24, 16] },
  ])
  expect(verdicts).toEqual(['skip-record E_LABEL_NUMBER'])
})

test('a score in a label is kept aside', async () => {
  const { images } = await readLabels('0 0.5 0.5 0.25 0.25 0.87')
  expect(images[0]?.objects[0]).toMatchObject({ attributes: { score: 0.87 } })
  expect(images[0]?.objects[0]).not.toHaveProperty('score')
})

test('one value above 2 in any line leaves the file out; the class is no coordinate', async () => {
  const file = await readLabels('0 0.5 0.5 0.25 0.25\n0 0.5 0.5 0.25 2.01\n')
  expect(file.verdicts).toEqual(['skip-file E_LABEL_NOT_NORMALISED'])
  expect(file.images[0]?.objects).toEqual([])
  const many = await readAll(
    importer,
    memoryFiles({ 'images/x.bmp': bitmap(48, 32), 'labels/x.txt': '90 0.5 0.5 0.25 0.25' }),
    {},
  )
  expect(many.categories).toEqual([{ sourceId: '90', name: 'class 90' }])
  expect(many.problems).toEqual([])
})

test('faults of a line: negative size, words, fractions of a class', async () => {
  const { verdicts, problems } = await readLabels(
    [
      '0 0.5 0.5 -0.1 0.1',
      'x 0.5 0.5 0.1 0.1',
      '0.5 0.5 0.5 0.1 0.1',
      '0 0.5 0.5 0 0.1',
      '0',
      '0 -1e300 0.5 0.1 0.1',
    ].join('\r\n'),
  )
  expect(verdicts).toEqual([
    'skip-record E_BBOX_NEGATIVE_SIZE',
    'skip-record E_LABEL_NUMBER',
    'skip-record E_ANN_CATEGORY_UNKNOWN',
    'accept-with-warning W_BBOX_EMPTY',
    'skip-record E_LABEL_COLUMNS',
    'skip-record E_BBOX_MALFORMED',
  ])
  expect(problems.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6])
})

test('missing and empty label files are told apart; labels without picture are named', async () => {
  const files = memoryFiles({
    'images/a.bmp': bitmap(8, 8),
    'images/b.bmp': bitmap(8, 8),
    'images/c.bmp': 'no picture at all, whatever its name says',
    'labels/b.txt': '',
    'labels/c.txt': '0 0.5 0.5 1 1',
    'labels/d.txt': '0 0.5 0.5 1 1',
    'labels/classes.txt': 'thing\n',
  })
  const { images, problems } = await readAll(importer, files, {})
  expect(images.map(({ attributes }) => attributes)).toEqual([
    { label_file: 'missing' },
    { label_file: 'empty' },
    {},
  ])
  expect(images[2]).toMatchObject({ width: null, height: null, objects: [] })
  expect(problems.map(({ code, file }) => [code, file])).toEqual([
    ['E_IMAGE_UNKNOWN_FORMAT', 'labels/c.txt'],
    ['W_IMAGE_FILE_MISSING', 'labels/d.txt'],
  ])
})

test('only the last folder called images is exchanged; labels may lie beside pictures', async () => {
  const files = memoryFiles({
    'images/set/images/a.bmp': bitmap(8, 8),
    'images/set/labels/a.txt': '0 0.5 0.5 1 1',
    'flat/b.bmp': bitmap(8, 8),
    'flat/b.txt': '0 0.5 0.5 1 1',
    'predict/c.bmp': bitmap(8, 8),
    'predict/labels/c.txt': '0 0.5 0.5 1 1',
    'flat/notes.txt': 'bring milk',
  })
  const { images, problems } = await readAll(importer, files, {})
  expect(images.map(({ file, objects }) => [file, objects.length])).toEqual([
    ['flat/b.bmp', 1],
    ['images/set/images/a.bmp', 1],
    ['predict/c.bmp', 1],
  ])
  expect(problems).toEqual([])
})

test('splits come from folders and list files of data.yaml, else from the names of folders', async () => {
  const files = memoryFiles({
    'sub/data.yaml':
      'path: /somewhere/else\ntrain: ../images/first\nval:\n  - second.txt\n  - ../../../etc\n# test:\nnames:\n- a\n',
    'sub/second.txt': '/absolute/x.bmp\n../images/first/b.bmp\nhttp://example.org/x.png\n',
    'images/first/a.bmp': bitmap(8, 8),
    'images/first/b.bmp': bitmap(8, 8),
    'images/Valid/c.bmp': bitmap(8, 8),
    'images/d.bmp': bitmap(8, 8),
  })
  const { images } = await readAll(importer, files, {})
  expect(images.map(({ file, split }) => [file.slice(7), split])).toEqual([
    ['Valid/c.bmp', 'val'],
    ['d.bmp', null],
    ['first/a.bmp', 'train'],
    ['first/b.bmp', 'val'],
  ])
})

test('folders that hold something else are not recognised', async () => {
  const others = [
    {},
    { 'a.png': bitmap(1, 1) },
    { 'labels/a.txt': 'hello world, these are no labels' },
    { 'readme.txt': '0 0.5 0.5 1 1' },
  ]
  for (const files of others) {
    expect((await importer.recognizes(memoryFiles(files))).certainty).toBe(0)
  }
})
