import { describe, expect, test } from 'vitest'
import { filterFrom, idsFrom, withSelection } from '../../src/service/content-filter'
import { datasetContent } from '../../src/service/project-content'
import { runContent } from '../../src/service/run-content'
import { openRun } from '../../src/service/run-order'
import { runReport } from '../../src/service/run-report'
import { findRun } from '../../src/service/find-run'
import type { ImportRecord } from '../../src/shared/dataset'
import { encodeMask, rleToText } from '../../src/shared/vision'
import type { ImageFilter, Project } from '../../src/store'
import { importSample, newProject } from '../store/support'

/** Numbered out of order, as COCO files are: image 30 with a cat, image 7 with a dog and a patch. */
function* numbered(): Generator<ImportRecord> {
  yield { kind: 'category', category: { sourceId: '18', name: 'dog' } }
  yield { kind: 'category', category: { sourceId: '17', name: 'cat' } }
  for (const [sourceId, file] of [
    ['30', 'b.jpg'],
    ['7', 'a.jpg'],
  ] as const) {
    const size = { width: 100, height: 50, split: null, attributes: {} }
    yield { kind: 'image', image: { sourceId, file, ...size } }
  }
  const object = { sourceId: null, area: 12, isCrowd: false, attributes: {} }
  const box = [1, 2, 3, 4] as const
  yield { kind: 'object', imageId: '30', object: { ...object, categoryId: '17', box } }
  yield { kind: 'object', imageId: '7', object: { ...object, categoryId: '18', box } }
  const patch = { sourceId: null, box, name: 'frc1', target: 'apple', attributes: {} }
  yield { kind: 'patch', imageId: '7', patch }
}

async function numberedSet(project: Project) {
  const order = { name: 'numbered', importer: 'coco', root: '/pictures' }
  await project.datasets.import(order, numbered())
  return project.datasets.byName('numbered')
}

describe('a data set as content', () => {
  test('keeps the numbers of its source, sorted by them', async () => {
    await using project = await newProject()
    const content = datasetContent(project, await numberedSet(project))
    expect(content.categories.map(({ id, name }) => [id, name])).toEqual([
      [17, 'cat'],
      [18, 'dog'],
      [19, 'adversarial patch'],
    ])
    const images = [...content.images()]
    expect(images.map(({ id, file }) => [id, file])).toEqual([
      [7, 'a.jpg'],
      [30, 'b.jpg'],
    ])
    expect(
      images.map(({ objects }) => objects.map(({ id, categoryId }) => [id, categoryId])),
    ).toEqual([
      [
        [1, 18],
        [2, 19],
      ],
      [[3, 17]],
    ])
    expect(images[0]?.objects[1]).toMatchObject({
      isPatch: true,
      attributes: { patch_name: 'frc1', patch_target: 'apple' },
    })
    expect([...content.images()]).toEqual(images)
    expect(content.locate({ file: 'a.jpg' })).toBe('/pictures/a.jpg')
  })

  test('counts where its source has names; the second set of a project as the first', async () => {
    await using project = await newProject()
    await importSample(project, 'one')
    await importSample(project, 'two')
    const [one, two] = ['one', 'two'].map((name) => {
      const content = datasetContent(project, project.datasets.byName(name))
      return { categories: content.categories, images: [...content.images()] }
    })
    expect(one?.images.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, k) => k + 1))
    expect(two).toEqual(one)
  })

  test('leaves out rejected patches, and what a filter does not let through', async () => {
    await using project = await newProject()
    const dataset = await numberedSet(project)
    const [patch] = project.patches().rows
    project.edits.setPatchStatus([patch?.id ?? 0], 'rejected')
    expect(datasetContent(project, dataset).categories).toHaveLength(2)
    const content = datasetContent(project, dataset, filterFrom(['class=cat']))
    expect([...content.images()].map(({ file }) => file)).toEqual(['b.jpg'])
  })

  test('of a selection holds what was selected, within what a filter lets through', async () => {
    await using project = await newProject()
    const dataset = await numberedSet(project)
    const idOf = (file: string) =>
      project.images.list().rows.find((image) => image.file === file)?.id ?? 0
    const [a, b] = [idOf('a.jpg'), idOf('b.jpg')]
    const filesOf = (filter: ImageFilter) =>
      [...datasetContent(project, dataset, filter).images()].map(({ file }) => file)
    expect(filesOf(filterFrom([`id=${a}`]))).toEqual(['a.jpg'])
    expect(filesOf(withSelection({}, idsFrom(`${b}\n${a}-${a}\n999`)))).toEqual(['a.jpg', 'b.jpg'])
    expect(filesOf(withSelection(filterFrom(['class=cat']), [a, b]))).toEqual(['b.jpg'])
    expect(filesOf(withSelection(filterFrom([`id=${a}`]), [b]))).toEqual([])
    for (const wrong of ['', 'a', '1-', '1-9999999', '-3']) {
      expect(() => idsFrom(wrong)).toThrow(expect.objectContaining({ code: 'E_FILTER_INVALID' }))
    }
  })
})

describe('a run as content', () => {
  test('has the ids of its data set, whatever the order in which it was computed', async () => {
    await using project = await newProject()
    const dataset = await numberedSet(project)
    const run = openRun(project, {
      ...{ name: 'mine', kind: 'detect', determination: 'd', about: {}, dataset, files: [] },
      ...{ classNames: ['person', 'dog'], total: 2 },
    })
    const bits = new Uint8Array(100 * 50)
    bits.fill(1, 100, 110)
    const completed = rleToText(encodeMask({ width: 100, height: 50, bits }))
    const members = [...project.images.list().rows]
    for (const { id, file } of members) {
      await project.runs.storeResult(run.id, {
        ...{ key: file, memberId: id, file, width: 100, height: 50, sha256: 'f'.repeat(64) },
        detections: [{ box: [1, 2, 11, 22], score: 0.5, classId: 1 }],
        masks: file === 'a.jpg' ? { completed } : {},
        ...{ notes: {}, warnings: [], stages: [] },
      })
    }
    const content = runContent(project, run)
    expect(content.categories.map(({ id, name }) => [id, name])).toEqual([
      [17, 'cat'],
      [18, 'dog'],
      [19, 'person'],
      [20, 'adversarial patch'],
    ])
    const images = [...content.images()]
    expect(images.map(({ id }) => id)).toEqual([7, 30])
    expect(images[0]?.objects).toMatchObject([
      { id: 1, categoryId: 18, box: [1, 2, 10, 20], area: 200, score: 0.5 },
      { id: 2, categoryId: 20, box: [0, 1, 10, 1], area: 10, isPatch: true },
    ])
    const report = runReport(project, run)
    expect(report.images.map(({ id }) => id)).toEqual([7, 30])
    expect(report.categories).toEqual([
      { id: 19, name: 'person' },
      { id: 18, name: 'dog' },
    ])
    expect(findRun(project, 'mine').id).toBe(run.id)
    expect(findRun(project, String(run.id)).id).toBe(run.id)
    expect(() => findRun(project, 'other')).toThrow(
      expect.objectContaining({ code: 'E_RUN_UNKNOWN' }),
    )
  })

  test('of files is sorted by path and named from the folder that holds them all', async () => {
    await using project = await newProject()
    const files = ['/x/b/2.jpg', '/x/a/1.jpg']
    const run = openRun(project, {
      ...{ name: 'mine', kind: 'detect', determination: 'd', about: {}, dataset: null, files },
      ...{ classNames: ['dog'], total: 2 },
    })
    for (const file of files) {
      const result = { key: file, file, width: 9, height: 8, detections: [], masks: {} }
      await project.runs.storeResult(run.id, { ...result, notes: {}, warnings: [], stages: [] })
    }
    const content = runContent(project, run)
    expect([...content.images()].map(({ id, file }) => [id, file])).toEqual([
      [1, 'a/1.jpg'],
      [2, 'b/2.jpg'],
    ])
    expect(content.locate({ file: 'a/1.jpg' })).toBe('/x/a/1.jpg')
  })
})

test('the same order over the same pictures is the same run, and another name is made free', async () => {
  await using project = await newProject()
  const dataset = await numberedSet(project)
  const order = {
    ...{ name: 'mine', kind: 'detect', determination: 'd', about: {}, dataset, files: [] },
    ...{ classNames: [], total: 2 },
  }
  const first = openRun(project, order)
  expect(openRun(project, { ...order, name: 'other' }).id).toBe(first.id)
  const second = openRun(project, { ...order, determination: 'e' })
  expect(second.name).toBe('mine-2')
})

describe('filters', () => {
  test('are read from key=value', () => {
    expect(
      filterFrom(['class=cat,dog', 'patch=yes', 'status=reviewed', 'file=missing', 'text=night']),
    ).toEqual({
      class: ['cat', 'dog'],
      patch: true,
      status: ['reviewed'],
      file: ['missing'],
      text: 'night',
    })
  })

  test.each(['colour=red', 'patch=maybe', 'status=good', 'class', 'split='])(
    '%s is refused',
    (text) => {
      expect(() => filterFrom([text])).toThrow(
        expect.objectContaining({ code: 'E_FILTER_INVALID' }),
      )
    },
  )
})
