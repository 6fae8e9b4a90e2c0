import { beforeAll, expect, test } from 'vitest'
import {
  type ImageFilter,
  itemStates,
  jobStates,
  patchAuthors,
  patchStatuses,
  type Project,
} from '../../src/store'
import { Db } from '../../src/store/db'
import { importSample, newProject } from './support'

const BIG = 1_000
const IMAGES = 1_200
let project: Project
let sizes: Map<string, number>
const plansSeen = new Set<string>()

/** Everything that is prepared is explained: whatever a list or filter asks for, its plan is looked at. */
const explained: string[] = []

beforeAll(async () => {
  project = await newProject()
  await importSample(project, 'big', { images: IMAGES, objectsEach: 2, patchEvery: 1 })
  const names = ['person', 'dog']
  const order = { kind: 'detect', manifest: {}, classNames: names, total: IMAGES }
  const [bare, defended] = [
    project.runs.start({ ...order, name: 'a' }),
    project.runs.start({ ...order, name: 'b' }),
  ]
  const stored: Promise<unknown>[] = []
  for (let id = 1; id <= IMAGES; id++) {
    for (const [run, score] of [
      [bare, 0.5],
      [defended, 0.5 + (id % 2) / 10],
    ] as const) {
      stored.push(
        project.runs.storeResult(run, {
          key: `${run}-${id}`,
          memberId: id,
          file: 'f',
          detections: [{ box: [0, 0, 9, 9], score, classId: id % 2 }],
          masks: {},
          notes: {},
          warnings: [],
          stages: [],
          certificates: [
            {
              method: 'm',
              statement: '',
              threat: '',
              certified: id % 2 === 0,
              unit: 'px',
              assumptions: [],
            },
          ],
        }),
      )
    }
  }
  await Promise.all(stored)
  await project.comparisons.compare(bare, defended)
  const job = project.jobs.create({ kind: 'run', name: 'j', manifest: {} })
  project.jobs.addItems(
    job,
    Array.from({ length: IMAGES }, (_, k) => ({ key: `k${k}`, payload: k })),
  )
  const problems = Array.from({ length: IMAGES }, () => ({
    kind: 'problem' as const,
    problem: { decision: 'skip-file' as const, code: 'E', file: 'f', message: 'm' },
  }))
  await project.datasets.import({ name: 'problems', importer: 't', root: '/p' }, problems)
  const db = new Db(`${project.folder}/project.sqlite`, { readonly: true })
  const tables = db.column<string>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'",
  )
  sizes = new Map(
    tables.map((name) => [name, db.value<number>(`SELECT count(*) FROM "${name}"`) ?? 0]),
  )
  db.close()
  watchStatements()
})

/** Asks for the plan of each statement that is run from now on. */
function watchStatements(): void {
  const prepare = Object.getOwnPropertyDescriptor(Db.prototype, 'prepare')?.value as Db['prepare'] // it is that one
  Db.prototype.prepare = function (this: Db, sql: string, pluck?: boolean) {
    if (/^\s*(SELECT|WITH)/.test(sql) && !explained.includes(sql)) explained.push(sql)
    return prepare.call(this, sql, pluck)
  }
}

/** Steps of a plan that read a big table from end to end, or sort what they read. */
function faults(db: Db, sql: string): string[] {
  const places = sql.match(/\?/g)?.length ?? 0
  const values = Array.from({ length: places }, () => 1)
  const plan = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
  const alias = new Map(
    [...sql.matchAll(/(?:FROM|JOIN)\s+(\w+)\s+AS\s+(\w+)/g)].map(([, table, as]) => [as, table]),
  )
  return plan
    .map(({ detail }) => detail)
    .filter((detail) => {
      plansSeen.add(detail)
      // What belongs to one result may be sorted: it is small.
      if (detail.startsWith('USE TEMP B-TREE FOR ORDER BY'))
        return !sql.includes('WHERE item_id = ?')
      const scanned = /^SCAN (\w+)(?! VIRTUAL)/.exec(detail)?.[1]
      if (scanned === undefined || detail.includes('VIRTUAL TABLE')) return false
      return (sizes.get(alias.get(scanned) ?? scanned) ?? 0) > BIG
    })
}

const PARTS: ImageFilter[] = [
  { dataset: 1 },
  { split: ['train'] },
  { split: ['train', 'val'] },
  { class: ['dog'] },
  { class: ['dog', 'person'] },
  { label: ['tench'] },
  { status: ['open'] },
  { file: ['unknown', 'missing'] },
  { patch: true },
  { patch: false },
  { patchStatus: ['imported', 'accepted'] },
  { certified: true },
  { found: { run: 1 } },
  { found: { run: 1, class: 'dog', minScore: 0.2, maxScore: 0.7 } },
  { changed: { base: 1, other: 2, min: 0.01 } },
  { tag: ['x'] },
  { ids: [3, 5, 9] },
  { text: 'dog' },
  { text: 'photo night' },
]

test('no list and no filter reads a big table from end to end, or sorts', () => {
  const pages = [{ limit: 2 }, { limit: 2, after: '5' }, { limit: 2, backward: true }]
  for (const page of pages) {
    project.images.list({}, page)
    for (const [k, first] of PARTS.entries()) {
      project.images.list(first, page)
      project.images.count(first)
      for (const second of PARTS.slice(k + 1)) project.images.list({ ...first, ...second }, page)
    }
    project.images.list(Object.assign({}, ...PARTS) as ImageFilter, page) // its parts are all of this type
    project.objects({}, page)
    project.objects({ member: 3 }, page)
    project.objects({ class: 'dog' }, page)
    project.objects({ class: 'dog', dataset: 1 }, page)
    for (const status of [undefined, ...patchStatuses]) {
      for (const author of [undefined, ...patchAuthors]) {
        for (const member of [undefined, 3]) {
          const filter = {
            ...(status ? { status } : {}),
            ...(author ? { author } : {}),
            ...(member ? { member } : {}),
          }
          project.patches(filter, page)
        }
      }
    }
    for (const state of [undefined, 'unknown', 'missing'] as const) project.files.list(state, page)
    for (const kind of [undefined, 'detect']) project.runs.list(kind, page)
    for (const state of [undefined, ...jobStates]) project.jobs.list(state, page)
    project.jobs.listOfKind('run', page)
    for (const state of [undefined, ...itemStates]) project.jobs.items(1, state, page)
    for (const which of ['all', 'failed'] as const) project.runs.items(1, which, page)
    for (const certified of [true, false]) project.certificates({ run: 1, certified }, page)
    project.certificatesOfImage(1, 7)
    project.datasets.problems(2, page)
    const ranked = page.after === undefined ? page : { ...page, after: '0.5:7' }
    project.detections({ run: 1 }, ranked)
    project.detections({ run: 1, class: 'dog', minScore: 0.1, maxScore: 0.9 }, ranked)
    project.comparisons.changes(1, 2, ranked)
    project.comparisons.marks(1, 2)
    project.comparisons.marksOf(1, 2, 3)
    project.runs.marks(1, 5, 3)
    project.runs.times(1)
    project.undoLog.imagesOf(1)
    project.runs.itemsByChange(1, ranked)
  }
  project.images.facets()
  project.images.facets(1)
  project.datasets.list()
  project.objectsOf(3)
  project.patchesOf(3)
  project.runs.ofImage(3)
  project.runs.itemOfImage(1, 3)
  project.runs.hasResult('x')
  project.runs.classes(1)
  project.files.withContent('x')
  project.undoLog.state()
  project.undoLog.list()

  const db = new Db(`${project.folder}/project.sqlite`, { readonly: true })
  const bad = explained.flatMap((sql) => faults(db, sql).map((detail) => `${detail}: ${sql}`))
  db.close()
  expect(bad).toEqual([])
  expect(explained.length).toBeGreaterThan(150)
})

test('the check itself sees a scan and a sort', () => {
  const db = new Db(`${project.folder}/project.sqlite`, { readonly: true })
  expect(faults(db, 'SELECT * FROM members WHERE width = ?')).toHaveLength(1)
  expect(faults(db, 'SELECT p.id FROM objects AS p WHERE area > ?')).toHaveLength(1)
  expect(faults(db, 'SELECT id FROM objects WHERE member_id > ? ORDER BY area')).not.toEqual([])
  db.close()
})
