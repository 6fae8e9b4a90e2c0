import { beforeAll, describe, expect, test } from 'vitest'
import { type ImageFilter, type Project, type RunResult, openProject } from '../../src/store'
import { allRows, importSample, newProject } from './support'

const CLASS_NAMES = ['person', 'dog', 'kite']
let project: Project
let bare: number
let defended: number

/** The result of picture `memberId` by rule: `shift` moves score and box (200 times as far) of every fourth one. */
function resultOf(run: string, memberId: number, shift: number): RunResult {
  const score = 0.2 + (memberId % 7) / 10
  const right = memberId % 4 === 0 ? 200 * shift : 0
  return {
    key: `${run}:${memberId}`,
    memberId,
    file: `photo_${memberId}.jpg`,
    sha256: 'a'.repeat(64),
    width: 640,
    height: 480,
    detections: [
      {
        box: [10 + right, 10, 60 + right, 60],
        score: memberId % 4 === 0 ? score + shift : score,
        classId: memberId % 3,
      },
      ...(memberId % 5 === 0 ? [{ box: [200, 10, 260, 60] as const, score: 0.1, classId: 0 }] : []),
    ],
    masks: { raw: '0', completed: '12' },
    notes: { rung: 2, kept: null },
    warnings: memberId === 1 ? ['W_ICC_LOST colours'] : [],
    stages: [{ name: 'segment', ms: 1.5 }],
    certificates:
      memberId % 10 === 0
        ? [
            {
              method: 'object-seeker',
              statement: 'found under any patch',
              threat: 'one patch of 32x32',
              certified: memberId % 20 === 0,
              unit: 'px',
              radius: memberId,
              assumptions: ['one patch'],
            },
          ]
        : [],
  }
}

async function fill(run: number, name: string, shift: number): Promise<void> {
  const done = project.images
    .list({}, { limit: 1000 })
    .rows.map(({ id }) => project.runs.storeResult(run, resultOf(name, id, shift)))
  expect(new Set(await Promise.all(done))).toEqual(new Set(['stored']))
}

beforeAll(async () => {
  project = await newProject()
  await importSample(project)
  const order = {
    kind: 'detect',
    manifest: { detector: 'nano' },
    classNames: CLASS_NAMES,
    total: 60,
  }
  bare = project.runs.start({ ...order, name: 'bare' })
  defended = project.runs.start({ ...order, name: 'defended' })
  await fill(bare, 'bare', 0)
  await fill(defended, 'defended', 0.05)
})

test('a result comes back as it was stored', () => {
  const given = resultOf('bare', 10, 0)
  const item = project.runs.itemOfImage(bare, 10)
  expect(item).toMatchObject({
    key: 'bare:10',
    memberId: 10,
    width: 640,
    detections: 2,
    error: null,
    change: null,
    masks: given.masks,
    notes: given.notes,
    stages: given.stages,
    certificates: given.certificates,
  })
  expect(item?.found.map(({ class: _, ...rest }) => rest)).toEqual(
    given.detections.toSorted((a, b) => b.score - a.score),
  )
  expect(project.runs.resultFor('bare:10')).toEqual(item)
})

test('storing a second time changes nothing, whatever the second says', async () => {
  const before = project.runs.itemOfImage(bare, 3)
  const counts = project.runs.get(bare)
  const other = { ...resultOf('bare', 3, 0), detections: [] }
  expect(await project.runs.storeResult(bare, other)).toBe('known')
  const twice = [0, 1].map(() =>
    project.runs.storeResult(bare, { ...resultOf('new', 3, 0), key: 'new', file: 'x' }),
  )
  expect(project.runs.hasResult('new')).toBe(true)
  expect((await Promise.all(twice)).toSorted()).toEqual(['known', 'stored'])
  expect(project.runs.itemOfImage(bare, 3)?.key).toBe('new')
  expect(project.runs.item(before?.id ?? 0)).toEqual(before)
  expect(project.runs.get(bare).done).toBe(counts.done + 1)
  expect(project.runs.hasResult('never')).toBe(false)
})

test('a failure is listed until a result takes its place', async () => {
  const run = project.runs.start({
    name: 'r',
    kind: 'detect',
    manifest: {},
    classNames: [],
    total: 1,
  })
  const error = { code: 'E_IMAGE_CORRUPT', message: 'broken', hint: 'leave it out' }
  expect(await project.runs.storeFailure(run, { key: 'k', file: 'f', error })).toBe('stored')
  expect(await project.runs.storeFailure(run, { key: 'k', file: 'f', error })).toBe('known')
  expect(project.runs.get(run)).toMatchObject({ done: 0, failed: 1 })
  expect(project.runs.items(run, 'failed').rows).toMatchObject([{ key: 'k', error }])
  expect(project.runs.hasResult('k')).toBe(false)
  const result = {
    key: 'k',
    file: 'f',
    detections: [],
    masks: {},
    notes: {},
    warnings: [],
    stages: [],
  }
  expect(await project.runs.storeResult(run, result)).toBe('stored')
  expect(await project.runs.storeFailure(run, { key: 'k', file: 'f', error })).toBe('known')
  expect(project.runs.items(run, 'failed').rows).toEqual([])
  expect(project.runs.get(run)).toMatchObject({ done: 1, failed: 0 })
  project.runs.finish(run, 'finished')
  expect(project.runs.get(run).state).toBe('finished')
  project.runs.remove(run)
  expect(() => project.runs.get(run)).toThrow(expect.objectContaining({ code: 'E_ROW_UNKNOWN' }))
  expect(project.runs.hasResult('k')).toBe(false)
})

test('detections are listed best score first, also within a class and a range', () => {
  const all = allRows((page) => project.detections({ run: defended }, page))
  expect(all).toHaveLength(60 + 12)
  expect(all.map(({ score }) => score)).toEqual(
    all.map(({ score }) => score).toSorted((a, b) => b - a),
  )
  const filter = { run: defended, class: 'dog', minScore: 0.3, maxScore: 0.61 }
  const some = all.filter((d) => d.class === 'dog' && d.score >= 0.3 && d.score <= 0.61)
  expect(some.length).toBeGreaterThan(5)
  expect(allRows((page) => project.detections(filter, page), 3)).toEqual(some)
  const backward = allRows((page) => project.detections(filter, { ...page, backward: true }), 3)
  expect(backward).toEqual(some.toReversed())
  expect(() => project.detections({ run: 1 }, { after: 'x:1' })).toThrow(
    expect.objectContaining({ code: 'E_CURSOR_INVALID' }),
  )
})

test('certificates are listed by outcome', () => {
  const given = allRows((page) => project.certificates({ run: bare, certified: true }, page), 2)
  expect(given.map(({ memberId }) => memberId)).toEqual([20, 40, 60])
  expect(project.certificates({ run: bare, certified: false }).rows).toHaveLength(3)
})

describe('pictures are found by their results', () => {
  const shared: [string, ImageFilter, (id: number) => boolean][] = [
    ['class', { found: { run: 2, class: 'dog' } }, (id) => id % 3 === 1],
    ['unknown class', { found: { run: 2, class: 'unicorn' } }, () => false],
    [
      'two classes in one',
      { found: { run: 2, class: 'person' } },
      (id) => id % 3 === 0 || id % 5 === 0,
    ],
    ['score', { found: { run: 2, minScore: 0.7 } }, (id) => scoresOf(id).some((s) => s >= 0.7)],
    ['low score', { found: { run: 2, maxScore: 0.15 } }, (id) => id % 5 === 0],
    [
      'range between two scores',
      { found: { run: 2, minScore: 0.12, maxScore: 0.35 } },
      (id) => scoresOf(id).some((s) => s >= 0.12 && s <= 0.35),
    ],
    ['certified', { certified: true }, (id) => id % 20 === 0],
    ['not certified', { certified: false }, (id) => id % 20 === 10],
    [
      'results and annotations',
      { found: { run: 2, class: 'dog' }, split: ['train'], patch: false },
      (id) => id % 3 === 1 && (id - 1) % 5 !== 0,
    ],
  ]
  const scoresOf = (id: number): number[] =>
    resultOf('defended', id, 0.05).detections.map(({ score }) => score)
  test.each(shared)('%s', (_, filter, holds) => {
    const expected = Array.from({ length: 60 }, (_, k) => k + 1).filter(holds)
    const found = allRows((page) => project.images.ids(filter, page)).map(({ id }) => id)
    expect(found).toEqual(expected)
  })
})

test('two runs are compared, most changed first, and again after one went on', async () => {
  const { comparisons } = project
  expect(() => comparisons.changes(bare, defended)).toThrow(
    expect.objectContaining({ code: 'E_FILTER_INVALID' }),
  )
  expect(await comparisons.compare(bare, defended)).toEqual({ images: 60, changed: 15 })
  const changes = allRows((page) => comparisons.changes(bare, defended, page))
  expect(changes).toHaveLength(60)
  const sizes = changes.map(({ change }) => change)
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  // Boxes of 50 pixels that move by 10 keep two thirds of what both cover.
  expect(changes[0]?.change).toBeCloseTo(1 / 3, 9)
  expect(comparisons.marksOf(bare, defended, 4)).toMatchObject({ moved: 1, gained: 0, lost: 0 })
  expect(comparisons.marks(bare, defended).filter(({ moved }) => moved > 0)).toHaveLength(15)
  const ids = allRows((page) =>
    project.images.ids({ changed: { base: bare, other: defended } }, page),
  )
  expect(ids.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, k) => 4 * (k + 1)))
  const both = { changed: { base: bare, other: defended }, text: 'night' }
  expect(project.images.count(both).count).toBe(
    ids.filter(({ id }) => project.images.get(id).file.startsWith('night')).length,
  )

  await importSample(project, 'more', { images: 8, objectsEach: 0, patchEvery: 1 })
  for (const [run, name, shift] of [
    [bare, 'bare', 0],
    [defended, 'defended', 0.05],
  ] as const) {
    for (let id = 61; id <= 68; id++) void project.runs.storeResult(run, resultOf(name, id, shift))
  }
  expect(await comparisons.compare(bare, defended)).toEqual({ images: 68, changed: 17 })
})

test('what a detection may not be is refused before it is stored', async () => {
  const bad = (detection: RunResult['detections'][number]): Promise<unknown> =>
    project.runs.storeResult(bare, { ...resultOf('bad', 1, 0), detections: [detection] })
  const box = [0, 0, 1, 1] as const
  await expect(bad({ box, score: NaN, classId: 0 })).rejects.toMatchObject({
    code: 'E_EDIT_INVALID',
  })
  await expect(bad({ box, score: 1, classId: 3 })).rejects.toMatchObject({ code: 'E_EDIT_INVALID' })
  await expect(project.runs.storeResult(999, resultOf('bad', 1, 0))).rejects.toMatchObject({
    code: 'E_ROW_UNKNOWN',
  })
})

test('one bad result does not take its neighbours with it', async () => {
  const run = project.runs.start({
    name: 'n',
    kind: 'detect',
    manifest: {},
    classNames: CLASS_NAMES,
    total: 2,
  })
  const good = project.runs.storeResult(run, resultOf('neighbour', 1, 0))
  // A picture that is not there breaks a rule of the database.
  const bad = project.runs.storeResult(run, { ...resultOf('neighbour', 2, 0), memberId: 12_345 })
  await expect(bad).rejects.toThrow()
  expect(await good).toBe('stored')
  expect(project.runs.get(run).done).toBe(1)
})

test('closing stores what was still gathered, and a removed data set leaves results', async () => {
  const run = project.runs.start({
    name: 'last',
    kind: 'detect',
    manifest: {},
    classNames: CLASS_NAMES,
    total: 2,
  })
  const stored = project.runs.storeResult(run, resultOf('last', 1, 0))
  await project.close()
  expect(await stored).toBe('stored')
  project = await openProject(project.folder)
  expect(project.runs.get(run).done).toBe(1)
  await project.datasets.remove(1)
  expect(project.images.facets()).toMatchObject({ images: 8, certified: { yes: 0, no: 0 } })
  expect(project.runs.get(run).done).toBe(1)
  expect(project.runs.items(run).rows).toMatchObject([{ memberId: null, file: 'photo_1.jpg' }])
  expect(project.images.ids({ found: { run } }).rows).toEqual([])
})
