import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { datasetContent } from '../../src/service/project-content'
import type { ImportedObject } from '../../src/shared/dataset'
import { doctor, openProject, type Project } from '../../src/store'
import type { StoredRecord } from '../../src/store/import-writer'
import { newProject, sampleRecords } from './support'

const size = { images: 30, objectsEach: 2, patchEvery: 5 }
const origin = { importer: 'test', root: '/pictures/sample' }

async function withSample(project: Project): Promise<number> {
  const { datasetId } = await project.datasets.import(
    { name: 'sample', ...origin },
    sampleRecords(size),
  )
  return datasetId
}

const sums = (project: Project) => {
  const { images, class: classes, patch } = project.images.facets()
  return { images, objects: classes.reduce((sum, { objects }) => sum + objects, 0), patch }
}

const image = (sourceId: string, file: string, sha256?: string): StoredRecord => ({
  kind: 'image',
  image: { sourceId, file, width: 640, height: 480, split: null, attributes: {} },
  ...(sha256 === undefined
    ? {}
    : {
        content: {
          ...{ sha256, sizeBytes: 9, storedWidth: 640, storedHeight: 480, width: 640, height: 480 },
          ...{ orientation: 1, format: 'jpeg', modifiedMs: 1 },
        },
      }),
})
const category = (sourceId: string, name: string): StoredRecord => ({
  kind: 'category',
  category: { sourceId, name },
})
const object = (imageId: string, categoryId: string, x = 1): StoredRecord => ({
  kind: 'object',
  imageId,
  object: { ...plain, categoryId, box: [x, 2, 3, 4] },
})
const plain: Omit<ImportedObject, 'categoryId' | 'box'> = {
  ...{ sourceId: null, area: 12, isCrowd: false, attributes: {} },
}

test('the same again adds nothing, whatever was edited meanwhile stays', async () => {
  await using project = await newProject()
  const into = await withSample(project)
  const before = sums(project)
  const [first] = project.images.list({}, { limit: 1 }).rows
  project.edits.drawPatch(first?.id ?? 0, { box: [1, 1, 9, 9], name: 'mine' })
  const outcome = await project.datasets.import({ into, ...origin }, sampleRecords(size))
  expect(outcome).toMatchObject({
    ...{ datasetId: into, images: 0, objects: 0, patches: 0 },
    there: { images: 30, objects: 60, patches: 6 },
  })
  expect(sums(project)).toEqual(before)
  expect(project.patches({ author: 'drawn' }).rows).toMatchObject([{ name: 'mine' }])
  expect(project.undoLog.undo()).toBe('Draw a patch')
  expect(project.datasets.list()).toHaveLength(1)
  await project.close()
  expect(await doctor(project.folder)).toEqual([])
})

test('more of it is added: pictures, annotations, classes, counters and search', async () => {
  await using project = await newProject()
  const into = await withSample(project)
  const more = { images: 40, objectsEach: 3, patchEvery: 5 }
  expect(await project.datasets.import({ into, ...origin }, sampleRecords(more))).toMatchObject({
    ...{ images: 10, objects: 60, patches: 2 },
    there: { images: 30, objects: 60, patches: 6 },
  })
  await using other = await newProject()
  await other.datasets.import({ name: 'sample', ...origin }, sampleRecords(more))
  expect(sums(project)).toEqual(sums(other))
  expect(project.images.count({ text: 'photo_39' }).count).toBe(1)
  await project.close()
  expect(await doctor(project.folder)).toEqual([])
})

test('a picture is known by its file, or by name and content; numbers go on', async () => {
  await using project = await newProject()
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
  const { datasetId: into } = await project.datasets.import({ name: 'set', ...origin }, [
    ...[category('1', 'dog'), image('1', 'x.jpg', a), object('1', '1')],
    image('2', 'y.jpg'),
  ])
  const elsewhere = { importer: 'test', root: '/pictures/copy' }
  const outcome = await project.datasets.import({ into, ...elsewhere }, [
    ...[category('1', 'cat'), category('7', 'dog')],
    // The same name and content as x.jpg; another content under that name; and y.jpg, which nobody has looked at.
    ...[image('1', 'x.jpg', a), object('1', '7'), object('1', '1'), object('1', '7', 5)],
    ...[image('2', 'sub/x.jpg', a), image('3', 'x.jpg', b), image('name', 'y.jpg', b)],
    object('name', '1'),
  ])
  expect(outcome).toMatchObject({ images: 3, objects: 3, there: { images: 1, objects: 1 } })
  const classes = project.datasets.categories(into).map(({ sourceId, name }) => [sourceId, name])
  expect(classes).toEqual([
    ['1', 'dog'],
    ['2', 'cat'],
  ])
  const rows = project.images.list().rows
  expect(rows.map(({ sourceId, folder, file }) => [sourceId, folder, file])).toEqual([
    ['1', '/pictures/sample', 'x.jpg'],
    ['2', '/pictures/sample', 'y.jpg'],
    ['3', '/pictures/copy', 'sub/x.jpg'],
    ['4', '/pictures/copy', 'x.jpg'],
    ['5', '/pictures/copy', 'y.jpg'],
  ])
  const content = datasetContent(project, project.datasets.byId(into))
  const files = [...content.images()].map(({ file }) => file)
  expect(files).toEqual(['x.jpg', 'y.jpg', 'copy/sub/x.jpg', 'copy/x.jpg', 'copy/y.jpg'])
  expect(files.map((file) => content.locate({ file }))).toEqual(
    rows.map(({ folder, file }) => `${folder}/${file}`),
  )
  expect(project.datasets.folders(into)).toEqual(['/pictures/sample', '/pictures/copy'])
})

test('what is refused or cancelled leaves the data set as it was; problems come behind the old ones', async () => {
  await using project = await newProject()
  const into = await withSample(project)
  const before = sums(project)
  const twice = [image('n', 'new.jpg'), image('n', 'other.jpg')]
  await expect(project.datasets.import({ into, ...origin }, twice)).rejects.toMatchObject({
    code: 'E_ANN_IMAGE_TWICE',
  })
  await expect(project.datasets.import({ into: 99, ...origin }, twice)).rejects.toMatchObject({
    code: 'E_ROW_UNKNOWN',
  })
  expect(sums(project)).toEqual(before)
  const problem = (record: number): StoredRecord => ({
    kind: 'problem',
    problem: { decision: 'skip-record', code: 'E_X', file: 'a.json', record, message: 'no' },
  })
  const told = (from: number) => Array.from({ length: 5 }, (_, k) => problem(from + k))
  await project.datasets.import({ into, ...origin }, [image('p', 'p.jpg'), ...told(0)])
  await project.datasets.import({ name: 'between', ...origin }, [image('q', 'q.jpg'), ...told(50)])
  await project.datasets.import({ into, ...origin }, told(5))
  const records: (number | undefined)[] = []
  for (let after: string | null = null; ;) {
    const page = project.datasets.problems(into, { limit: 3, after })
    records.push(...page.rows.map(({ record }) => record))
    if (page.next === null) break
    after = page.next
  }
  expect(records).toEqual(Array.from({ length: 10 }, (_, k) => k))
  const [newest] = project.datasets.problems(into, { limit: 1, backward: true }).rows
  expect(newest?.record).toBe(9)
})

test('records that do not fit into memory wait in a file, which is gone afterwards', async () => {
  await using project = await newProject()
  const seen: string[][] = []
  const long = { note: 'x'.repeat(20_000) }
  function* records(): Generator<StoredRecord> {
    for (let k = 0; k < 2_500; k++) {
      if (k === 2_400) seen.push(readdirSync(project.folder))
      const { image: plainImage } = image(String(k), `${k}.jpg`) as Extract<
        StoredRecord,
        { kind: 'image' }
      > // as made above
      yield { kind: 'image', image: { ...plainImage, attributes: { ...long, k } } }
    }
  }
  await project.datasets.import({ name: 'long', ...origin }, records())
  expect(seen[0]?.filter((name) => name.startsWith('importing-'))).toHaveLength(1)
  expect(readdirSync(project.folder).filter((name) => name.startsWith('importing-'))).toEqual([])
  const rows = project.images.list({}, { limit: 1, backward: true }).rows
  expect(rows[0]?.attributes).toEqual({ ...long, k: 2_499 })
})

test('what a killed import has left goes when the project is opened', async () => {
  const project = await newProject()
  await project.close()
  const left = join(project.folder, 'importing-0000.tmp')
  writeFileSync(left, 'half')
  await using beside = await openProject(project.folder, { readonly: true })
  expect(readdirSync(project.folder)).toContain('importing-0000.tmp')
  await beside.close()
  await using again = await openProject(project.folder)
  expect(readdirSync(again.folder)).not.toContain('importing-0000.tmp')
})
