import { createHash } from 'node:crypto'
import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { doctor, openProject, rebuild, ThumbnailCache, type Project } from '../../src/store'
import { Db } from '../../src/store/db'
import { temporaryFolder } from '../engine/temporary-folder'
import { allRows, importSample, newProject } from './support'

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const hashFile = (path: string): Promise<string | null> =>
  Promise.resolve(existsSync(path) ? sha256Of(readFileSync(path)) : null)

/** A project with annotations, a run, a job and edits. */
async function filled(): Promise<Project> {
  const project = await newProject()
  await importSample(project, 'sample', { images: 300, objectsEach: 3, patchEvery: 4 })
  const order = { name: 'r', kind: 'detect', manifest: {}, classNames: ['dog', 'cat'], total: 50 }
  const run = project.runs.start(order)
  const stored = project.images.list({}, { limit: 50 }).rows.map(({ id }) =>
    project.runs.storeResult(run, {
      key: `k${id}`,
      memberId: id,
      file: 'f',
      detections: [{ box: [0, 0, 9, 9], score: 0.5, classId: id % 2 }],
      masks: { raw: '0'.repeat(100) },
      notes: {},
      warnings: [],
      stages: [],
      certificates: [
        { method: 'm', statement: '', threat: '', certified: true, unit: 'px', assumptions: [] },
      ],
    }),
  )
  await Promise.all(stored)
  const job = project.jobs.create({ kind: 'run', name: 'j', manifest: {} })
  project.jobs.addItems(job, [{ key: 'a', payload: 1 }])
  project.edits.drawPatch(1, { box: [0, 0, 5, 5] })
  return project
}

function contents(project: Project) {
  return {
    datasets: project.datasets.list(),
    images: allRows((page) => project.images.list({}, page), 500),
    objects: allRows((page) => project.objects({}, page), 500),
    patches: allRows((page) => project.patches({}, page), 500),
    facets: project.images.facets(),
    items: project.runs.items(1).rows.map(({ id }) => project.runs.item(id)),
    classes: project.runs.classes(1),
    runs: project.runs.list(),
    jobs: project.jobs.list(),
    undo: project.undoLog.list(),
    found: project.images.ids({ found: { run: 1, class: 'dog' } }),
    text: project.images.ids({ text: 'night' }),
  }
}

test('a sound project has no findings, in use or not', async () => {
  const project = await filled()
  expect(await doctor(project.folder)).toEqual([])
  await expect(doctor(project.folder, { repair: true })).rejects.toMatchObject({
    code: 'E_PROJECT_LOCKED',
  })
  await project.close()
  expect(await doctor(project.folder)).toEqual([])
  expect(await doctor(temporaryFolder())).toMatchObject([
    { code: 'E_PROJECT_NOT_FOUND', repaired: false },
  ])
})

test.each([
  [
    'E_FACETS_WRONG',
    'DROP TRIGGER facet_removed; DELETE FROM member_facets WHERE facet = 3 AND member_id < 9',
  ],
  ['E_FACETS_WRONG', 'UPDATE member_facets SET n = 7 WHERE facet = 3 AND member_id = 4'],
  ['E_COUNTERS_WRONG', 'UPDATE facet_counts SET images = images + 1 WHERE facet = 1'],
  ['E_COUNTERS_WRONG', 'UPDATE runs SET done = 3, detections = 0'],
  ['E_COUNTERS_WRONG', 'UPDATE run_classes SET images = 0'],
  ['E_FACETS_WRONG', 'DELETE FROM run_postings WHERE member_id = 7'],
  ['E_COUNTERS_WRONG', 'UPDATE jobs SET total = 99'],
  [
    'E_SEARCH_WRONG',
    "INSERT INTO member_search (member_search, rowid, name) VALUES ('delete', 3, 'day/photo_2.jpg')",
  ],
])('%s is found and made right: %s', async (code, sql) => {
  const project = await filled()
  const before = contents(project)
  await project.close()
  const db = new Db(join(project.folder, 'project.sqlite'))
  const trigger = db.value<string>("SELECT sql FROM sqlite_schema WHERE name = 'facet_removed'")
  db.exec(sql)
  if (sql.includes('DROP TRIGGER')) db.exec(trigger ?? '')
  db.close()
  const seen = await doctor(project.folder)
  expect(seen.map((finding) => finding.code)).toContain(code)
  expect(seen.every(({ repaired }) => !repaired)).toBe(true)
  const mended = await doctor(project.folder, { repair: true })
  expect(mended.every(({ repaired }) => repaired)).toBe(true)
  expect(await doctor(project.folder)).toEqual([])
  await using again = await openProject(project.folder)
  expect(contents(again)).toEqual(before)
})

test('originals that are missing or changed, thumbnails of nothing, and a stale lock', async () => {
  const project = await newProject()
  const pictures = temporaryFolder()
  await project.datasets.import(
    { name: 's', importer: 't', root: pictures },
    ['a', 'b', 'c'].map((name) => ({
      kind: 'image',
      image: {
        sourceId: name,
        file: `${name}.jpg`,
        width: null,
        height: null,
        split: null,
        attributes: {},
      },
    })),
  )
  for (const { id, path } of project.files.list().rows) {
    writeFileSync(join(pictures, path), path)
    const content = {
      sha256: sha256Of(Buffer.from(path)),
      sizeBytes: 5,
      storedWidth: 4,
      storedHeight: 6,
      width: 6,
      height: 4,
      orientation: 6,
      format: 'jpeg',
    }
    project.files.record([{ fileId: id, state: 'present', content, modifiedMs: 1 }])
  }
  expect(project.images.get(1)).toMatchObject({ width: 6, height: 4, fileState: 'present' })
  expect(project.files.withContent(sha256Of(Buffer.from('b.jpg')))).toMatchObject([
    { path: 'b.jpg' },
  ])
  {
    using cache = new ThumbnailCache(project.folder)
    cache.put(sha256Of(Buffer.from('a.jpg')), 64, Buffer.from('thumb'))
    cache.put('f'.repeat(64), 64, Buffer.from('nobody'))
  }
  await project.close()
  const db = new Db(join(project.folder, 'project.sqlite'))
  db.run("INSERT INTO writer_lock VALUES (1, 4194309, '1', ?, 't', 0)", 'gone')
  db.close()
  rmSync(join(pictures, 'a.jpg'))
  writeFileSync(join(pictures, 'b.jpg'), 'other')
  const codes = ['W_LOCK_STALE', 'E_ORIGINAL_MISSING', 'E_ORIGINAL_CHANGED', 'W_CACHE_ORPHANS']
  expect((await doctor(project.folder, { hashFile })).map(({ code }) => code)).toEqual(codes)
  const mended = await doctor(project.folder, { hashFile, repair: true })
  expect(mended.map(({ code, repaired }) => [code, repaired])).toEqual([
    ['W_LOCK_STALE', true],
    ['E_ORIGINAL_MISSING', false],
    ['E_ORIGINAL_CHANGED', false],
    ['W_CACHE_ORPHANS', true],
  ])
  await using again = await openProject(project.folder)
  expect(again.images.facets().file.map(({ images }) => images)).toEqual([0, 1, 1, 1])
  expect(again.images.list({ file: ['missing'] }).rows).toMatchObject([{ file: 'a.jpg' }])
  expect(() => {
    again.files.record([{ fileId: 99, state: 'missing' }])
  }).toThrow(expect.objectContaining({ code: 'E_ROW_UNKNOWN' }))
  again.files.moveFolder(pictures, '/moved')
  expect(again.images.get(1).folder).toBe('/moved')
})

/** Overwrites the middle page of a table, so that some of its rows cannot be read. */
function damage(folder: string, table: string): void {
  const path = join(folder, 'project.sqlite')
  const db = new Db(path)
  db.pragma('wal_checkpoint(TRUNCATE)')
  const pages = db.column<number>(
    "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno",
    table,
  )
  db.close()
  const page = pages[Math.floor(pages.length / 2)] ?? 0
  expect(page).toBeGreaterThan(1)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, (page - 1) * 4096)
  closeSync(file)
}

test('of a damaged file all is recovered but what stood in the damaged place', async () => {
  const project = await filled()
  const before = contents(project)
  await project.close()
  damage(project.folder, 'objects')
  const found = await doctor(project.folder)
  expect(found).toMatchObject([{ code: 'E_PROJECT_DAMAGED', repaired: false }])
  const bytes = readFileSync(join(project.folder, 'project.sqlite'))
  const mended = await doctor(project.folder, { repair: true })
  expect(mended).toMatchObject([{ code: 'E_PROJECT_DAMAGED', repaired: true }])
  expect(readFileSync(join(project.folder, 'project.damaged-1.sqlite'))).toEqual(bytes)
  expect(await doctor(project.folder)).toEqual([])
  await using again = await openProject(project.folder)
  const { objects, facets, ...rest } = contents(again)
  const { objects: allObjects, ...others } = before
  expect({ ...rest, facets: others.facets }).toEqual(others)
  expect(objects.length).toBeGreaterThan(allObjects.length * 0.7)
  expect(objects.length).toBeLessThan(allObjects.length)
  expect(allObjects).toEqual(expect.arrayContaining(objects.slice(0, 50)))
  expect(facets.class.reduce((sum, each) => sum + each.objects, 0)).toBe(objects.length)
})

test('rows that speak of lost ones are dropped with them', async () => {
  const project = await filled()
  await project.close()
  damage(project.folder, 'members')
  const { lost, kept } = await rebuild(project.folder)
  expect(lost).toBeGreaterThan(0)
  expect(existsSync(join(project.folder, kept))).toBe(true)
  expect(await doctor(project.folder)).toEqual([])
  await using again = await openProject(project.folder)
  const members = allRows((page) => again.images.ids({}, page), 500).map(({ id }) => id)
  expect(members.length).toBeGreaterThan(100)
  expect(members.length).toBeLessThan(300)
  const objects = allRows((page) => again.objects({}, page), 500)
  expect(objects).toHaveLength(members.length * 3)
})

test.each([
  ['opening it', async (folder: string) => (await openProject(folder)).close()],
  ['the doctor', (folder: string) => doctor(folder, { repair: true })],
])('a rebuild that was killed in its last step is ended by %s', async (_, recover) => {
  const project = await filled()
  const before = contents(project)
  const path = join(project.folder, 'project.sqlite')
  // The old file has been moved away, its log not yet; the new one is whole.
  await project.backup(join(project.folder, 'project.rebuilding.sqlite'))
  await project.close()
  renameSync(path, join(project.folder, 'project.damaged-1.sqlite'))
  writeFileSync(`${path}-wal`, 'log of the old file')
  expect(await doctor(project.folder)).toMatchObject([{ code: 'E_REBUILD_CUT_OFF' }])
  expect(existsSync(path)).toBe(false)
  await recover(project.folder)
  expect(await doctor(project.folder)).toEqual([])
  await using again = await openProject(project.folder)
  expect(contents(again)).toEqual(before)
  expect(existsSync(join(project.folder, 'project.rebuilding.sqlite'))).toBe(false)
})

test('where nothing can be read, nothing is touched', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'project.sqlite')
  writeFileSync(path, 'x'.repeat(10_000))
  const findings = await doctor(folder, { repair: true })
  expect(findings).toMatchObject([{ code: 'E_PROJECT_DAMAGED', repaired: false }])
  await expect(rebuild(folder)).rejects.toMatchObject({ code: 'E_PROJECT_DAMAGED' })
  expect(readdirSync(folder)).toEqual(['project.sqlite'])
  expect(statSync(path).size).toBe(10_000)
})
