import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { ImportRecord } from '../../src/shared/dataset'
import { AppError } from '../../src/shared/errors'
import { datasetContent } from '../../src/service/project-content'
import { openProject, type Project } from '../../src/store'
import { allRows, importSample, newProject, sampleRecords } from './support'

let project: Project

beforeAll(async () => {
  project = await newProject()
  await importSample(project, 'there before', { images: 5, objectsEach: 1, patchEvery: 2 })
})

function everything(): unknown {
  return {
    datasets: project.datasets.list(),
    images: project.images.list().rows,
    objects: project.objects().rows,
    patches: project.patches().rows,
    facets: project.images.facets(),
    files: project.files.list().rows,
  }
}

const category: ImportRecord = { kind: 'category', category: { sourceId: 'c', name: 'dog' } }
const image: ImportRecord = {
  kind: 'image',
  image: { sourceId: 'i', file: 'a.jpg', width: 1, height: 1, split: null, attributes: {} },
}
const object = (imageId: string, categoryId: string, x = 0): ImportRecord => ({
  kind: 'object',
  imageId,
  object: {
    sourceId: null,
    categoryId,
    box: [x, 0, 1, 1],
    area: 1,
    isCrowd: false,
    attributes: {},
  },
})

test.each<[string, ImportRecord[]]>([
  ['E_ANN_IMAGE_TWICE', [image, image]],
  ['E_ANN_CATEGORY_TWICE', [category, category]],
  ['E_ANN_CATEGORY_UNKNOWN', [category, image, object('i', 'd')]],
  ['E_ANN_IMAGE_UNKNOWN', [category, image, object('j', 'c')]],
  ['E_BBOX_NOT_FINITE', [category, image, object('i', 'c', Infinity)]],
])('%s refuses the whole import', async (code, records) => {
  const before = everything()
  const order = { name: 'refused', importer: 'test', root: '/elsewhere' }
  await expect(project.datasets.import(order, records)).rejects.toMatchObject({ code })
  expect(everything()).toEqual(before)
})

test('an import that fails late or is cancelled leaves the project as before, and can be done again', async () => {
  const before = everything()
  const order = { name: 'late', importer: 'test', root: '/elsewhere' }
  const size = { images: 400, objectsEach: 2, patchEvery: 3 }
  async function* broken(): AsyncGenerator<ImportRecord> {
    yield* sampleRecords(size)
    await Promise.resolve()
    throw new AppError('E_JSON_SYNTAX', 'line 7', 'correct it')
  }
  await expect(project.datasets.import(order, broken())).rejects.toMatchObject({
    code: 'E_JSON_SYNTAX',
  })
  expect(everything()).toEqual(before)

  const stop = new AbortController()
  const cancelled = project.datasets.import(order, sampleRecords(size), {
    signal: stop.signal,
    progress: ({ images }) => {
      // Nobody sees half of it, nobody writes between, reading goes on.
      expect(everything()).toEqual(before)
      expect(() => {
        project.settings.set('a', 1)
      }).toThrow(expect.objectContaining({ code: 'E_PROJECT_BUSY' }))
      if (images > 100) stop.abort()
    },
  })
  await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' })
  expect(everything()).toEqual(before)

  expect(await project.datasets.import(order, sampleRecords(size))).toMatchObject({
    images: 400,
    objects: 800,
    patches: 134,
    problems: 0,
  })
  await expect(project.datasets.import(order, [])).rejects.toMatchObject({
    code: 'E_DATASET_EXISTS',
  })
  await project.datasets.remove(project.datasets.byName('late').id)
  expect(everything()).toMatchObject({ datasets: [{ name: 'there before' }] })
  expect(project.images.facets().images).toBe(5)
})

test('a data set is removed in turns: it is whole until it is gone, and nothing else is written', async () => {
  const before = everything()
  await importSample(project, 'large', { images: 1_000, objectsEach: 1, patchEvery: 2 })
  const { id } = project.datasets.byName('large')
  let turns = 0
  const removal = project.datasets.remove(id).then(() => (turns = -turns))
  while (turns >= 0) {
    turns++
    await setImmediate()
    if (turns <= 0) break
    expect(project.images.facets().images).toBe(1_005)
    expect(() => {
      project.datasets.rename(id, 'other')
    }).toThrow(expect.objectContaining({ code: 'E_PROJECT_BUSY' }))
  }
  await removal
  expect(turns).toBeLessThan(-3)
  expect(everything()).toEqual(before)
})

test('results that are handed in during an import are stored after it', async () => {
  const run = project.runs.start({
    name: 'r',
    kind: 'detect',
    manifest: {},
    classNames: [],
    total: 1,
  })
  const result = {
    key: 'meanwhile',
    file: 'f',
    detections: [],
    masks: {},
    notes: {},
    warnings: [],
    stages: [],
  }
  const stored: Promise<unknown>[] = []
  const order = { name: 'meanwhile', importer: 'test', root: '/elsewhere' }
  await project.datasets.import(
    order,
    sampleRecords({ images: 300, objectsEach: 3, patchEvery: 2 }),
    {
      progress: () => {
        stored.push(project.runs.storeResult(run, result))
      },
    },
  )
  expect((await Promise.all(stored)).filter((outcome) => outcome === 'stored')).toHaveLength(1)
  expect(project.runs.get(run).done).toBe(1)
})

test('closing waits for an import that is under way, and for the results behind it', async () => {
  const own = await newProject()
  const run = own.runs.start({ name: 'r', kind: 'detect', manifest: {}, classNames: [], total: 1 })
  const imported = importSample(own)
  const result = {
    key: 'k',
    file: 'f',
    detections: [],
    masks: {},
    notes: {},
    warnings: [],
    stages: [],
  }
  const stored = own.runs.storeResult(run, result)
  await own.close()
  expect(await stored).toBe('stored')
  await imported
  await using again = await openProject(own.folder, { readonly: true })
  expect(again.images.facets().images).toBe(60)
  expect(again.runs.hasResult('k')).toBe(true)
})

test('problems are kept as a report', async () => {
  const problems = Array.from({ length: 20 }, (_, record): ImportRecord => ({
    kind: 'problem',
    problem: {
      decision: 'skip-record',
      code: 'E_BBOX_NEGATIVE',
      file: 'a.json',
      record,
      message: 'no',
    },
  }))
  const order = { name: 'problems', importer: 'test', root: '/p' }
  const { datasetId, problems: count } = await project.datasets.import(order, problems)
  expect(count).toBe(20)
  const listed = allRows((page) => project.datasets.problems(datasetId, page))
  expect(listed.map(({ record }) => record)).toEqual(problems.map((_, k) => k))
  project.datasets.rename(datasetId, 'renamed')
  expect(() => {
    project.datasets.rename(datasetId, 'there before')
  }).toThrow(expect.objectContaining({ code: 'E_DATASET_EXISTS' }))
})

const attributeName = fc.oneof({ arbitrary: fc.string(), weight: 4 }, fc.constant('__proto__'))
const json = fc.dictionary(attributeName, fc.jsonValue() as fc.Arbitrary<null>, { maxKeys: 3 }) // any JSON will do
const number = fc.double({ noNaN: true, noDefaultInfinity: true })
const shape = fc.option(
  fc.record({
    polygons: fc.array(fc.array(number, { minLength: 6, maxLength: 8 }), { maxLength: 2 }),
  }),
  { nil: undefined },
)
const mask = fc.constant({ mask: { height: 2, width: 3, counts: Uint32Array.of(1, 2, 3) } })
const anyBox = fc.tuple(number, number, number, number)
const recordSet = fc.record({
  names: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }),
  images: fc.array(
    fc.record({
      file: fc.string({ minLength: 1 }),
      split: fc.option(fc.string()),
      label: fc.option(fc.record({ index: fc.option(fc.nat()), name: fc.string() }), {
        nil: undefined,
      }),
      pixels: fc.option(
        fc.record({ kind: fc.constant('hdf5' as const), dataset: fc.string(), index: fc.nat() }),
        { nil: undefined },
      ),
      attributes: json,
      objects: fc.array(
        fc.record({
          category: fc.nat(3),
          box: anyBox,
          shape: fc.oneof(shape, mask),
          score: fc.option(number, { nil: undefined }),
        }),
        { maxLength: 3 },
      ),
      patches: fc.array(fc.record({ box: anyBox, name: fc.option(fc.string()) }), { maxLength: 2 }),
    }),
    { maxLength: 6 },
  ),
})

test('what was imported comes back, field by field', async () => {
  let round = 0
  await fc.assert(
    fc.asyncProperty(recordSet, async ({ names, images }) => {
      const categoryOf = (k: number): string => String(k % names.length)
      const records: ImportRecord[] = names.map((name, k) => ({
        kind: 'category',
        category: { sourceId: String(k), name },
      }))
      for (const [k, { objects, patches, label, pixels, ...rest }] of images.entries()) {
        const imageId = `i${k}`
        records.push({
          kind: 'image',
          image: {
            sourceId: imageId,
            width: 3,
            height: 2,
            ...rest,
            ...(label ? { label } : {}),
            ...(pixels ? { pixels } : {}),
          },
        })
        for (const { category: c, box, shape: s, score } of objects) {
          const extra = { ...(s ? { shape: s } : {}), ...(score === undefined ? {} : { score }) }
          records.push({
            kind: 'object',
            imageId,
            object: {
              sourceId: null,
              categoryId: categoryOf(c),
              box,
              area: 6,
              isCrowd: false,
              attributes: {},
              ...extra,
            },
          })
        }
        for (const { box, name } of patches) {
          records.push({
            kind: 'patch',
            imageId,
            patch: { sourceId: null, box, name, target: null, attributes: {} },
          })
        }
      }
      const order = { name: `any ${++round}`, importer: 'test', root: `/any/${round}` }
      const { datasetId } = await project.datasets.import(order, records)
      const content = datasetContent(project, project.datasets.byId(datasetId))
      const nameOf = new Map(content.categories.map(({ id, name }) => [id, name]))
      const back = [...content.images()]
      expect(back.length).toBe(images.length)
      for (const [k, { file, split, label, pixels, attributes, objects }] of back.entries()) {
        const given = images[k]
        expect({ file, split, label, pixels, attributes }).toEqual({
          file: given?.file,
          split: given?.split,
          label: given?.label,
          pixels: given?.pixels,
          attributes: positive(given?.attributes),
        })
        const own = objects.filter(({ isPatch }) => !isPatch)
        expect(
          own.map(({ box, shape: s, score, categoryId }) => ({
            box,
            shape: s,
            score,
            name: nameOf.get(categoryId),
          })),
        ).toEqual(
          given?.objects.map(({ box, shape: s, score, category: c }) => ({
            box: positive(box),
            shape: s && positive(s),
            score: score && score + 0,
            name: names[c % names.length],
          })),
        )
        expect(objects.filter(({ isPatch }) => isPatch).map(({ box }) => box)).toEqual(
          given?.patches.map(({ box }) => positive(box)),
        )
      }
    }),
    { numRuns: 30 },
  )
})

/** SQLite keeps whole numbers as such, and JSON has one zero: minus zero becomes zero. */
function positive<T>(value: T): T {
  if (typeof value === 'number') return (value + 0) as T & number
  if (Array.isArray(value)) return value.map(positive) as T & unknown[]
  if (value instanceof Uint32Array || value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, positive(each)]),
  ) as T & object
}

test('pages join to the whole list while pictures are added', async () => {
  const own = await newProject()
  await importSample(own, 'start', { images: 40, objectsEach: 2, patchEvery: 3 })
  let added = 0
  const filters = [
    {},
    { class: ['dog'] },
    { patch: true },
    { text: 'day' },
    { split: ['train', 'val'] },
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...filters),
      fc.integer({ min: 1, max: 13 }),
      fc.boolean(),
      async (filter, limit, add) => {
        const before = allRows((page) => own.images.list(filter, page), 100)
        const seen = []
        let after: string | null = null
        let grown = !add
        do {
          const page = own.images.list(filter, { after, limit })
          seen.push(...page.rows)
          after = page.next
          if (!grown) {
            grown = true
            await importSample(own, `more ${++added}`, { images: 3, objectsEach: 1, patchEvery: 2 })
          }
        } while (after !== null)
        expect(seen.slice(0, before.length)).toEqual(before)
        expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
        const now = allRows((page) => own.images.list(filter, page), 100)
        expect(now.slice(0, seen.length)).toEqual(seen)
      },
    ),
    { numRuns: 20 },
  )
})
