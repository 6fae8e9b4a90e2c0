import { expect, test } from 'vitest'
import importer from '../../../src/datasets/open-images/importer'
import { encodeMaskPng } from '../../../src/datasets/reading/mask-png'
import { rleBox } from '../../../src/shared/vision'
import { memoryFiles } from '../../support/memory-files'
import { expectScene, fixtureFiles } from '../canonical-scene'
import { expectSturdy } from '../fuzz-importer'
import { bitmap, hostileCases, hostileFile } from '../hostile-cases'
import { readAll } from '../read-all'

const boxes = 'annotations-bbox.csv'

test('reads the scene; groups are crowds, and pictures that no table names have no objects', async () => {
  const files = memoryFiles({
    ...fixtureFiles('open-images'),
    ...fixtureFiles('images', 'images/'),
  })
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0.95 })
  const read = await readAll(importer, files, {})
  expectScene(read, 'open-images', (name) => `images/${name}`)
  expect(read.problems).toEqual([])
  expect(read.images[0]?.objects.map(({ isCrowd }) => isCrowd)).toEqual([false, false, true])
  expect(read.images.map(({ sourceId }) => sourceId)).toEqual(['a', 'sub/b', 'images/none'])
})

test('without pictures boxes cannot be placed: each row is told', async () => {
  const read = await readAll(importer, memoryFiles(fixtureFiles('open-images')), {})
  expect(read.verdicts).toEqual(Array(5).fill('skip-record W_IMAGE_FILE_MISSING'))
  expect(read.problems[1]).toMatchObject({ file: boxes, line: 3, record: 1 })
})

test.each(hostileCases('csv').filter(({ path }) => path.endsWith('open-images.csv')))(
  'hostile: $path is $decision $code',
  async ({ path, code, image_size: size, bbox_xywh: wanted }) => {
    const [width = 0, height = 0] = size ?? []
    const files = { 'table.csv': hostileFile(path), 'good.bmp': bitmap(width, height) }
    const read = await readAll(importer, memoryFiles(files), {})
    expect(code).toBeNull()
    expect(read.problems).toEqual([])
    const [object] = read.images[0]?.objects ?? []
    object?.box.forEach((edge, i) => {
      expect(edge).toBeCloseTo(wanted?.[i] ?? NaN, 9)
    })
    expect(object).toMatchObject({ isCrowd: true, categoryId: '/m/00000' })
    expect(object?.score).toBeUndefined()
  },
)

test('the order of columns is read from the header; machines have scores; flags are kept', async () => {
  const read = await readTable(
    'LabelName,YMax,YMin,XMax,XMin,ImageID,Confidence,Source,IsOccluded,IsTruncated\n' +
      '/m/1,1,0.5,0.5,0,a,0.25,machine,1,-1\n/m/1,1,0.5,0.5,0,a,1,machine,0,0\n',
  )
  expect(read.images[0]?.objects).toMatchObject([
    { box: [0, 5, 10, 5], score: 0.25, attributes: { IsOccluded: 1, IsTruncated: -1 } },
    { score: 1, attributes: {} },
  ])
})

test('class descriptions with a header, and classes that have none', async () => {
  const read = await readTable('ImageID,LabelName,XMin,XMax,YMin,YMax\na,/m/9,0,1,0,1\n', {
    'classes.csv': 'LabelName,DisplayName\n/m/1,Cat\n/m/2,"Dog, big"\n',
  })
  expect(read.categories).toEqual([
    { sourceId: '/m/1', name: 'Cat' },
    { sourceId: '/m/2', name: 'Dog, big' },
    { sourceId: '/m/9', name: '/m/9' },
  ])
})

test('masks are enlarged to the picture; one without a box is an object of its own', async () => {
  const small = encodeMaskPng({ width: 2, height: 1, bits: Uint8Array.of(0, 1) })
  const header =
    'MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks\n'
  const read = await readTable(
    'ImageID,LabelName,XMin,XMax,YMin,YMax\na,/m/1,0.25,1,0,1\na,/m/1,0,1,0,1\n',
    {
      'segments.csv': `${header}m1.png,a,/m/1,x,0.25,1,0,1,,\nm2.png,a,/m/2,y,0,0.1,0,1,,\nm3.png,a,/m/2,z,0,0.2,0,1,,\n`,
      'masks/m1.png': small,
      'masks/m2.png': small,
    },
  )
  expect(read.verdicts).toEqual(['skip-file W_IMAGE_FILE_MISSING'])
  expect(read.images).toHaveLength(1)
  const objects = read.images[0]?.objects ?? []
  expect(objects.map(({ area, categoryId }) => [area, categoryId])).toEqual([
    [100, '/m/1'],
    [200, '/m/1'],
    [100, '/m/2'],
  ])
  expect(objects[0]?.shape?.mask && rleBox(objects[0].shape.mask)).toEqual([10, 0, 10, 10])
})

test('damaged and empty masks are told', async () => {
  const header = 'MaskPath,ImageID,LabelName\n'
  const read = await readTable('ImageID,LabelName,XMin,XMax,YMin,YMax\n', {
    'segments.csv': `${header}m1.png,a,/m/1\nm2.png,a,/m/1\n../x.png,a,/m/1\n`,
    'm1.png': 'no picture',
    'm2.png': encodeMaskPng({ width: 2, height: 1, bits: new Uint8Array(2) }),
  })
  expect(read.verdicts).toEqual([
    'skip-file E_IMAGE_UNKNOWN_FORMAT',
    'accept-with-warning W_MASK_EMPTY',
    'skip-file E_PATH_ESCAPES_ROOT',
  ])
})

test.each([
  ['a,/m/1,x,1,0,1', 'skip-record E_LABEL_NUMBER'],
  ['a,/m/1,"0,5",1,0,1', 'skip-record E_LABEL_NUMBER'],
  ['a,/m/1,nan,1,0,1', 'skip-record E_BBOX_NOT_FINITE'],
  ['a,/m/1,1,0,0,1', 'skip-record E_BBOX_NEGATIVE_SIZE'],
  ['a,/m/1,0,1,0', 'skip-record E_LABEL_COLUMNS'],
  ['a,/m/1,0,1.5,0,1', 'accept-with-warning W_BBOX_OUTSIDE_IMAGE'],
  ['a,/m/1,1,1,0,1', 'accept-with-warning W_BBOX_EMPTY'],
  ['a,=1+1,0,1,0,1', 'accept-with-warning W_CSV_FORMULA'],
])('%s: %s', async (row, verdict) => {
  const read = await readTable(`ImageID,LabelName,XMin,XMax,YMin,YMax\n${row}\n`)
  expect(read.verdicts).toEqual([verdict])
  expect(read.problems[0]).toMatchObject({ file: boxes, line: 2 })
  expect(read.images[0]?.objects ?? []).toHaveLength(verdict.startsWith('skip') ? 0 : 1)
})

test('images that lead out of the root are left out', async () => {
  const read = await readTable('ImageID,LabelName,XMin,XMax,YMin,YMax\n../a,/m/1,0,1,0,1\n')
  expect(read.verdicts[0]).toBe('skip-record E_PATH_ESCAPES_ROOT')
})

test('a folder without such tables is refused', async () => {
  const files = memoryFiles({ 'a.csv': 'x,y\n1,2\n' })
  expect(await importer.recognizes(files)).toMatchObject({ certainty: 0 })
  await expect(readAll(importer, files, {})).rejects.toMatchObject({ code: 'E_NO_ANNOTATIONS' })
})

test.each([boxes, 'class-descriptions.csv', 'images.csv', 'segments.csv', 'm.png'])(
  'fuzz: a damaged %s gives problems or an AppError, never anything else',
  async (name) => {
    const text = new TextEncoder()
    const files = {
      ...fixtureFiles('open-images'),
      'images.csv': text.encode(
        'ImageID,Subset,FileName,Width,Height\na,train,a.png,9,7\nsub/b,,b.png,8,8\n',
      ),
      'segments.csv': text.encode(
        'MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax\nm.png,a,/m/person,x,0.1,0.4,0.25,0.75\n',
      ),
      'm.png': encodeMaskPng({ width: 2, height: 2, bits: Uint8Array.of(0, 1, 1, 0) }),
    }
    await expectSturdy(importer, files, name)
  },
)

function readTable(table: string, more: Record<string, string | Uint8Array> = {}) {
  return readAll(importer, memoryFiles({ [boxes]: table, 'a.bmp': bitmap(20, 10), ...more }), {})
}

test('a table that was named brings its classes; another named file is not ours', async () => {
  const all = {
    ...fixtureFiles('open-images'),
    'other-bbox.csv': fixtureFiles('open-images')[boxes] ?? '',
    'x.json': '{}',
  }
  const named = await readAll(importer, memoryFiles(all, { entry: boxes }), {})
  expect(new Set(named.problems.map(({ file }) => file))).toEqual(new Set([boxes]))
  expect(named.categories.map(({ name }) => name)).toEqual(['person', 'adversarial patch'])
  const other = memoryFiles(all, { entry: 'x.json' })
  expect(await importer.recognizes(other)).toMatchObject({ certainty: 0 })
})
