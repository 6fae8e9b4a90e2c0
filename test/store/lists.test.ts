import { beforeAll, describe, expect, test } from 'vitest'
import type { ImageFilter, Project, ProjectImage } from '../../src/store'
import { allRows, CLASSES, importSample, newProject } from './support'

const IMAGES = 60
let project: Project
let images: ProjectImage[]

beforeAll(async () => {
  project = await newProject()
  await importSample(project, 'first')
  await importSample(project, 'second', { images: 20, objectsEach: 1, patchEvery: 4 })
  images = allRows((page) => project.images.list({}, page))
})

test('pages join to all pictures in the order of import', () => {
  expect(images).toHaveLength(IMAGES + 20)
  expect(images.map((image) => image.id)).toEqual(images.map((_, k) => k + 1))
  const backward = allRows((page) => project.images.list({}, { ...page, backward: true }))
  expect(backward).toEqual(images.toReversed())
})

test('a picture is as it was imported', () => {
  expect(images[0]).toEqual({
    id: 1,
    datasetId: 1,
    sourceId: 'image-0',
    folder: '/pictures/first',
    file: 'night/photo_0.jpg',
    fileId: 1,
    fileState: 'unknown',
    width: 640,
    height: 480,
    orientation: null,
    split: 'train',
    label: { index: 0, name: 'tench' },
    status: 'open',
    tags: [],
    attributes: { weather: 'rain', count: 0 },
    imageId: null,
    sha256: null,
  })
})

describe('filters give what looking at every picture gives', () => {
  const classesOf = (image: ProjectImage): string[] =>
    project.objectsOf(image.id).map((object) => object.class)
  const patches = (image: ProjectImage): number => project.patchesOf(image.id).length
  const cases: [string, ImageFilter, (image: ProjectImage) => boolean][] = [
    ['data set', { dataset: 2 }, (image) => image.datasetId === 2],
    ['split', { split: ['val'] }, (image) => image.split === 'val'],
    ['two splits', { split: ['val', 'train'] }, (image) => image.split !== null],
    ['split that is not there', { split: ['nowhere'] }, () => false],
    ['class', { class: ['dog'] }, (image) => classesOf(image).includes('dog')],
    [
      'classes',
      { class: ['dog', 'person'] },
      (image) => classesOf(image).some((name) => name === 'dog' || name === 'person'),
    ],
    ['label', { label: ['tench'] }, (image) => image.label?.name === 'tench'],
    ['patch', { patch: true }, (image) => patches(image) > 0],
    ['no patch', { patch: false }, (image) => patches(image) === 0],
    ['patch status', { patchStatus: ['imported'] }, (image) => patches(image) > 0],
    ['file', { file: ['unknown', 'missing'] }, () => true],
    ['status', { status: ['reviewed'] }, () => false],
    ['text in a folder', { text: 'nig' }, (image) => image.file.startsWith('night')],
    ['text in a number', { text: 'PHOTO 12' }, (image) => image.file.includes('photo_12')],
    ['text in a class', { text: 'traffic' }, (image) => classesOf(image).includes('traffic light')],
    [
      'text in class and file',
      { text: 'dog night' },
      (image) => classesOf(image).includes('dog') && image.file.startsWith('night'),
    ],
    ['text in a label', { text: 'goldf' }, (image) => image.label?.name === 'goldfish'],
    ['text without words', { text: ' "*:( ' }, () => true],
    [
      'much at once',
      { dataset: 1, split: ['train'], class: ['dog', 'Ampel'], patch: false, text: 'day' },
      (image) =>
        image.datasetId === 1 &&
        image.split === 'train' &&
        classesOf(image).some((name) => name === 'dog' || name === 'Ampel') &&
        patches(image) === 0 &&
        image.file.startsWith('day'),
    ],
  ]
  test.each(cases)('%s', (_, filter, holds) => {
    const expected = images.filter(holds)
    expect(allRows((page) => project.images.list(filter, page))).toEqual(expected)
    expect(project.images.count(filter)).toEqual({ count: expected.length, isExact: true })
    const backward = allRows((page) => project.images.list(filter, { ...page, backward: true }))
    expect(backward).toEqual(expected.toReversed())
  })
})

test('facets count what the filters find', () => {
  for (const dataset of [undefined, 1, 2]) {
    const facets = project.images.facets(dataset)
    const within = dataset === undefined ? {} : { dataset }
    const count = (filter: ImageFilter): number =>
      project.images.count({ ...within, ...filter }).count
    expect(facets.images).toBe(count({}))
    for (const { value, images: n } of facets.split) expect(n).toBe(count({ split: [value] }))
    for (const { value, images: n } of facets.class) expect(n).toBe(count({ class: [value] }))
    for (const { value, images: n } of facets.label) expect(n).toBe(count({ label: [value] }))
    expect(facets.patch).toEqual({ with: count({ patch: true }), without: count({ patch: false }) })
    expect(facets.class.map(({ value }) => value)).toEqual(CLASSES.toSorted())
    const objects = allRows((page) => project.objects({}, page)).filter(
      ({ memberId }) => dataset === undefined || project.images.get(memberId).datasetId === dataset,
    )
    expect(facets.class.reduce((sum, each) => sum + each.objects, 0)).toBe(objects.length)
  }
})

test('objects are listed by class, over data sets and within one', () => {
  const all = allRows((page) => project.objects({}, page))
  expect(all).toHaveLength(IMAGES * 3 + 20)
  const dogs = all.filter((object) => object.class === 'dog')
  expect(allRows((page) => project.objects({ class: 'dog' }, page))).toEqual(dogs)
  expect(allRows((page) => project.objects({ class: 'dog', dataset: 2 }, page))).toEqual(
    dogs.filter(({ memberId }) => memberId > IMAGES),
  )
  expect(allRows((page) => project.objects({ member: 7 }, page))).toEqual(project.objectsOf(7))
  expect(project.objects({ class: 'unicorn' }).rows).toEqual([])
})

test('patches are listed by picture, status and author', () => {
  const all = allRows((page) => project.patches({}, page))
  expect(all).toHaveLength(12 + 5)
  expect(allRows((page) => project.patches({ status: 'imported' }, page))).toEqual(all)
  expect(project.patches({ status: 'imported', author: 'drawn' }).rows).toEqual([])
  expect(project.patches({ member: 1 }).rows).toEqual(project.patchesOf(1))
})

test.each([
  ['E_CURSOR_INVALID', () => project.images.list({}, { after: '1; DROP TABLE members' })],
  ['E_CURSOR_INVALID', () => project.images.list({}, { after: '99999999999999999999' })],
  [
    'E_FILTER_INVALID',
    () =>
      project.images.list({
        class: Array.from({ length: 101 }, () => 'dog').map((_, k) => CLASSES[k % 5] ?? ''),
        patchStatus: [],
        file: [],
        changed: { base: 1, other: 2 },
      }),
  ],
  ['E_FILTER_INVALID', () => project.objects({ dataset: 1 })],
  ['E_FILTER_INVALID', () => project.objects({ member: 1, class: 'dog' })],
  ['E_ROW_UNKNOWN', () => project.images.get(10_000)],
  ['E_DATASET_UNKNOWN', () => project.datasets.byName('third')],
  ['E_ROW_UNKNOWN', () => project.datasets.byId(3)],
])('%s is said', (code, act) => {
  expect(act).toThrow(expect.objectContaining({ code }))
})
