import { expect, test } from 'vitest'
import importer from '../../../src/datasets/box-table/importer'
import csvReport from '../../../src/datasets/csv'
import { memoryFiles } from '../../support/memory-files'
import { expectSturdy } from '../fuzz-importer'
import { hostileCases, hostileFile } from '../hostile-cases'
import { readAll } from '../read-all'

const cases = hostileCases('csv').filter(({ path }) => !path.endsWith('open-images.csv'))

test('all hostile tables are here', () => {
  expect(cases.map(({ path }) => path)).toEqual([
    'csv/formula.csv',
    'csv/ragged.csv',
    'csv/unclosed.csv',
  ])
})

test.each(cases)(
  'hostile: $path is $decision $code',
  async ({ path, decision, code, imported }) => {
    const files = memoryFiles({ 'table.csv': hostileFile(path), 'good.jpg': 'x' })
    expect(await importer.recognizes(files)).toMatchObject({ certainty: 0.6 })
    if (decision === 'refuse-import') {
      await expect(readAll(importer, files, {})).rejects.toMatchObject({
        code,
        message: expect.stringContaining('table.csv: line 2') as string,
      })
      return
    }
    const read = await readAll(importer, files, {})
    expect(new Set(read.verdicts)).toEqual(new Set([`${decision} ${code ?? ''}`]))
    expect(read.problems[0]).toMatchObject({ file: 'table.csv', line: 2, record: 0 })
    if (imported !== undefined) expect(read.images[0]?.objects).toHaveLength(imported)
  },
)

test('labels that a spreadsheet would run are kept as text', async () => {
  const files = memoryFiles({ 'table.csv': hostileFile('csv/formula.csv') })
  const read = await readAll(importer, files, {})
  expect(read.categories.map(({ name }) => name)).toEqual(['=1+1', '@x'])
  expect(read.images[0]?.objects[0]).toMatchObject({ box: [4, 4, 17, 17], area: 289 })
})

test('reads the report that we write', async () => {
  let text = ''
  const image = { id: 1, width: 50, height: 40, sha256: 'x', masks: {}, notes: {}, warnings: [] }
  const detections = [{ box: [1, 2, 11.5, 22] as const, score: 0.25, classId: 0 }]
  csvReport.write(
    {
      categories: [{ id: 1, name: '=a' }],
      manifest: {},
      images: [
        { ...image, file: 'a.png', detections },
        { ...image, id: 2, file: 'b.png', detections: [] },
      ],
    },
    { write: (piece) => (text += piece) },
    csvReport.params.parse({}),
  )
  const read = await readAll(importer, memoryFiles({ 'run.csv': text }), {})
  expect(read.problems).toEqual([])
  expect(read.images).toMatchObject([
    {
      file: 'a.png',
      width: 50,
      height: 40,
      objects: [{ categoryId: '=a', score: 0.25, box: [1, 2, 10.5, 20] }],
    },
    { file: 'b.png', objects: [] },
  ])
})

test.each([
  ['x,a,1,2,3,b', 'skip-record E_LABEL_NUMBER'],
  ['x,a,5,2,3,4', 'skip-record E_BBOX_NEGATIVE_SIZE'],
  ['../x,a,1,2,3,4', 'skip-record E_PATH_ESCAPES_ROOT'],
  ['http://x/y,a,1,2,3,4', 'skip-record E_PATH_IS_URL'],
])('%s: %s', async (row, verdict) => {
  const table = `image,label,xmin,ymin,xmax,ymax\n${row}\n`
  const read = await readAll(importer, memoryFiles({ 'a.csv': table }), {})
  expect(read.verdicts).toEqual([verdict])
})

test('fuzz: damaged tables give problems or an AppError, never anything else', async () => {
  const table = 'file,label,x1,y1,x2,y2,score\na.png,"x, y",1,2,3,4,0.5\nb.png,z,0,0,9,9,1\n'
  await expectSturdy(importer, { 'a.csv': new TextEncoder().encode(table) }, 'a.csv')
})
