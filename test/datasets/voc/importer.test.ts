import { encode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { encodePalettePng } from '../../../src/datasets/reading/mask-png'
import importer from '../../../src/datasets/voc/importer'
import { decodeRle } from '../../../src/shared/vision/rle'
import { memoryFiles } from '../../support/memory-files'
import { expectScene, fixtureFiles } from '../canonical-scene'
import { bitmap, hostileCases, hostileFile } from '../hostile-cases'
import { readAll } from '../read-all'

const object = (name: string, corners: readonly (number | string)[], more = '') =>
  `<object><name>${name}</name>${more}<bndbox>${['xmin', 'ymin', 'xmax', 'ymax']
    .map((key, i) => `<${key}>${corners[i] ?? ''}</${key}>`)
    .join('')}</bndbox></object>`
const annotation = (filename: string, objects: string, size = [48, 32]) =>
  `<annotation><folder>images</folder><filename>${filename}</filename><size><width>${size[0]}</width><height>${size[1]}</height></size>${objects}</annotation>`
const readOne = (text: string, params: { boxes?: 'auto' | 'inclusive-1' | 'exclusive-0' } = {}) =>
  readAll(importer, memoryFiles({ 'Annotations/a.xml': text }), params)

test('the scene', async () => {
  const files = memoryFiles({ ...fixtureFiles('voc'), ...fixtureFiles('images', 'images/') })
  const read = await readAll(importer, files, {})
  expectScene(read, 'voc', (name) => `images/${name}`)
  expect(read.problems).toEqual([])
  expect((await importer.recognizes(files)).certainty).toBe(0.9)
})

test.each(hostileCases('voc'))('hostile: $path', async (given) => {
  const files = memoryFiles({
    'Annotations/case.xml': hostileFile(given.path),
    'images/good.jpg': bitmap(48, 32),
  })
  if (given.decision === 'refuse-import') {
    await expect(readAll(importer, files, {})).rejects.toMatchObject({ code: given.code })
    return
  }
  const read = await readAll(importer, files, {})
  expect(read.verdicts).toEqual(given.code === null ? [] : [`${given.decision} ${given.code}`])
  const objects = read.images.flatMap((image) => image.objects)
  if (given.imported !== undefined) expect(objects).toHaveLength(given.imported)
  if (given.bbox_xywh !== undefined) expect(objects[0]?.box).toEqual(given.bbox_xywh)
  if (given.path === 'voc/latin1.xml') expect(read.categories[0]?.name).toBe('café')
  expect(read.images).toHaveLength(given.decision === 'skip-file' ? 0 : 1)
  for (const problem of read.problems) expect(problem.file).toBe('Annotations/case.xml')
  if (given.code === 'E_XML_SYNTAX') expect(read.problems[0]?.message).toContain('line 1')
})

test('one corner of 0 in any file decides for all, and is told', async () => {
  const files = memoryFiles({
    'Annotations/a.xml': annotation('a.jpg', object('cat', [5, 6, 10, 12])),
    'Annotations/b.xml': annotation('b.jpg', object('cat', [10, ' 0 ', 20, 20])),
    'Annotations/c.xml': '<broken',
  })
  const auto = await readAll(importer, files, {})
  expect(auto.images[0]?.objects[0]?.box).toEqual([5, 6, 5, 6])
  expect(auto.problems.map(({ code, file }) => `${code} ${file}`)).toEqual([
    'W_VOC_ZERO_BASED Annotations/b.xml',
    'E_XML_SYNTAX Annotations/c.xml',
  ])
  const exclusive = await readAll(importer, files, { boxes: 'exclusive-0' })
  expect(exclusive.images).toEqual(auto.images)
  expect(exclusive.verdicts).toEqual(['skip-file E_XML_SYNTAX'])
  const inclusive = await readAll(importer, files, { boxes: 'inclusive-1' })
  expect(inclusive.images[0]?.objects[0]?.box).toEqual([4, 5, 6, 7])
  expect(inclusive.verdicts[0]).toBe('accept-with-warning W_BBOX_OUTSIDE_IMAGE')
})

test('a maximum beyond the picture is told: width itself is inside when counting from 1', async () => {
  const inside = await readOne(annotation('a.jpg', object('cat', [1, 1, 48, 32])))
  expect(inside.problems).toEqual([])
  const beyond = await readOne(annotation('a.jpg', object('cat', [1, 1, 49, 32])))
  expect(beyond.verdicts).toEqual(['accept-with-warning W_BBOX_OUTSIDE_IMAGE'])
})

test('boxes of parts are not the object; words and missing numbers are no box; NaN is told apart', async () => {
  const part = '<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>'
  const read = await readOne(
    annotation(
      'a.jpg',
      object('cat', [5, 5, 9, 9], `${part}<difficult>1</difficult><pose>Left</pose>`) +
        object('cat', ['a', 5, 9, 9]) +
        object('cat', ['', 5, 9, 9]) +
        object('cat', [5, 'nan', 9, 9]) +
        object('', [5, 5, 9, 9]) +
        object('cat', [5, 5, 9, 1e300]),
    ),
  )
  expect(read.images[0]?.objects).toMatchObject([
    { box: [4, 4, 5, 5], area: 25, attributes: { difficult: true, pose: 'Left' } },
  ])
  expect(read.problems.map(({ code, record }) => [code, record])).toEqual([
    ['E_BBOX_MALFORMED', 1],
    ['E_BBOX_MALFORMED', 2],
    ['E_BBOX_NOT_FINITE', 3],
    ['E_ANN_CATEGORY_UNKNOWN', 4],
    ['E_BBOX_MALFORMED', 5],
  ])
})

test('the file name wins over the name of the annotation; pictures are found where they are', async () => {
  const files = memoryFiles({
    'set/Annotations/sub/x.xml': annotation('named.jpg', ''),
    'set/Annotations/y.xml': annotation('', ''),
    'set/Annotations/z.xml': annotation('absent.png', ''),
    'set/JPEGImages/sub/named.jpg': bitmap(1, 1),
    'set/elsewhere/y.PNG': bitmap(1, 1),
    'set/ImageSets/Main/train.txt': 'sub/x\nz\n',
    'set/ImageSets/Main/trainval.txt': 'sub/x\ny\nz\n',
    'set/ImageSets/Main/cat_train.txt': 'y  1\n',
    'set/ImageSets/Main/val.txt': 'y\r\n',
  })
  const { images } = await readAll(importer, files, {})
  expect(images.map(({ sourceId, file, split }) => [sourceId, file, split])).toEqual([
    ['set/Annotations/sub/x.xml', 'set/JPEGImages/sub/named.jpg', 'train'],
    ['set/Annotations/y.xml', 'set/elsewhere/y.PNG', 'val'],
    ['set/Annotations/z.xml', 'set/JPEGImages/absent.png', 'train'],
  ])
})

test('masks: the index of a pixel is the number of its object, 255 is a border', async () => {
  const indices = Uint8Array.from([1, 1, 255, 0, 3, 3])
  const colours = Array.from({ length: 256 }, (_, i) => [i, 0, 0] as const)
  const objects = [1, 2, 3].map(() => object('cat', [1, 1, 3, 2])).join('')
  const files = (width: number) => ({
    'Annotations/a.xml': annotation('a.jpg', objects, [width, 2]),
    'SegmentationObject/a.png': encodePalettePng(3, 2, indices, colours),
  })
  const { images, problems } = await readAll(importer, memoryFiles(files(3)), {})
  const bits = images[0]?.objects.map(({ shape }) => shape?.mask && [...decodeRle(shape.mask).bits])
  expect(bits).toEqual([[1, 1, 0, 0, 0, 0], undefined, [0, 0, 0, 0, 1, 1]])
  expect(images[0]?.objects.map(({ area }) => area)).toEqual([2, 6, 2])
  expect(problems).toEqual([])
  const wrong = await readAll(importer, memoryFiles(files(4)), {})
  expect(wrong.verdicts).toEqual(['skip-record E_MASK_SIZE_MISMATCH'])
  expect(wrong.images[0]?.objects).toHaveLength(3)
})

describe('pictures of classes where there are none of objects', () => {
  const colours = Array.from({ length: 256 }, (_, i) => [i, 0, 0] as const)
  // Two parts of class 1, a border, one part of class 2.
  const indices = Uint8Array.from([1, 1, 0, 0, 0, 1, 255, 0, 2, 2])
  const picture = encodePalettePng(5, 2, indices, colours)
  const readWith = (objects: string, more: Record<string, string | Uint8Array> = {}) =>
    readAll(
      importer,
      memoryFiles({
        'Annotations/a.xml': annotation('a.jpg', objects, [5, 2]),
        'SegmentationClass/a.png': picture,
        ...more,
      }),
      {},
    )
  const told = 'accept-with-warning W_MASK_BY_CLASS'

  test('each part becomes an object, which is told', async () => {
    const { images, verdicts } = await readWith('', { 'labels.txt': '_background_\nsky\nsea\n' })
    expect(verdicts).toEqual([told])
    expect(images[0]?.objects).toMatchObject([
      { categoryId: 'sky', box: [0, 0, 2, 2], area: 3 },
      { categoryId: 'sea', box: [3, 1, 2, 1], area: 2 },
    ])
  })

  test('numbers without a list are the classes of the published set', async () => {
    const { categories } = await readWith('')
    expect(categories.map(({ name }) => name)).toEqual(['aeroplane', 'bicycle'])
  })

  test('parts go to the smallest box of their class that holds them', async () => {
    const boxes = [
      ['bicycle', [3, 1, 5, 2]],
      ['bicycle', [1, 1, 5, 2]],
      ['person', [1, 1, 5, 2]],
    ] as const
    const { images } = await readWith(boxes.map(([name, box]) => object(name, box)).join(''))
    expect(images[0]?.objects).toMatchObject([
      { categoryId: 'bicycle', box: [2, 0, 3, 2], area: 2 },
      { categoryId: 'bicycle', box: [0, 0, 5, 2], area: 10 },
      { categoryId: 'person', area: 10 },
      { categoryId: 'aeroplane', box: [0, 0, 2, 2], area: 3 },
    ])
  })

  test('a picture of objects wins; one of another size or of mere colours is told', async () => {
    const masks = await readWith(object('cat', [1, 1, 2, 2]), {
      'SegmentationObject/a.png': picture,
    })
    expect(masks.verdicts).toEqual([])
    expect(masks.images[0]?.objects).toMatchObject([{ categoryId: 'cat', area: 3 }])
    const wide = encodePalettePng(10, 1, indices, colours)
    const wrong = await readWith('', { 'SegmentationClass/a.png': wide })
    expect(wrong.verdicts).toEqual(['skip-record E_MASK_SIZE_MISMATCH'])
    const pixels = Uint8Array.from([...indices].flatMap((index) => [index, 0, 7]))
    const colour = encode({ width: 5, height: 2, data: pixels, channels: 3, depth: 8 })
    const plain = await readWith('', { 'SegmentationClass/a.png': colour })
    expect(plain.verdicts).toEqual(['skip-record E_IMAGE_UNSUPPORTED'])
  })

  test('a speckled class becomes one object', async () => {
    const [width, height] = [80, 60]
    const speckles = new Uint8Array(width * height)
    for (let i = 0; i < speckles.length; i++) {
      speckles[i] = i % 2 === 0 && Math.floor(i / width) % 2 === 0 ? 1 : 0
    }
    const files = memoryFiles({
      'Annotations/a.xml': annotation('a.jpg', '', [width, height]),
      'SegmentationClass/a.png': encodePalettePng(width, height, speckles, colours),
    })
    const { images } = await readAll(importer, files, {})
    expect(images[0]?.objects).toMatchObject([{ area: 1200, box: [0, 0, 79, 59] }])
  })
})

test('other documents are left out, and two annotations of one picture are told', async () => {
  const files = memoryFiles({
    'Annotations/a.xml': annotation('a.jpg', ''),
    'Annotations/b.xml': annotation('a.jpg', ''),
    'Annotations/c.xml': '<other/>',
    'Annotations/d.xml': '',
    'Annotations/e.xml': annotation('http://example.org/a.jpg', ''),
  })
  expect((await readAll(importer, files, {})).verdicts).toEqual([
    'accept-with-warning W_DUPLICATE_FILE_NAME',
    'skip-file W_UNKNOWN_FIELD',
    'skip-file E_FILE_EMPTY',
    'skip-file E_PATH_IS_URL',
  ])
})

test('a list of labels gives classes without objects, in its order', async () => {
  const files = memoryFiles({
    'labels.txt': '_background_\nzebra\r\ncat\n',
    'Annotations/a.xml': annotation('a.jpg', object('dog', [5, 5, 9, 9])),
  })
  const { categories } = await readAll(importer, files, {})
  expect(categories.map(({ name }) => name)).toEqual(['zebra', 'cat', 'dog'])
})
