import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { errorCodes, expectPlainMessages, patchwarden, temporaryFolder } from '../support/program'
import { cocoFolder, manyPictures, withProject } from '../support/project-program'
import { folderWithPhotos } from '../support/scene-photos'

const { photos } = folderWithPhotos(6)

const runList = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    state: z.string(),
    done: z.number(),
    failed: z.number(),
    detections: z.number(),
  }),
)
const outcome = z.object({ computed: z.number(), known: z.number(), failed: z.number() })

test('a stored run says what the same command writes to files, and is computed once', async () => {
  const root = temporaryFolder()
  const { run, json } = withProject(join(root, 'project'))
  await json(['import', photos, '--dataset', 'photos'])
  const plain = join(root, 'plain.jsonl')
  expect((await patchwarden(['defend', photos, '--out', plain])).code).toBe(0)

  const stored = join(root, 'stored.jsonl')
  const command = ['defend', '--dataset', 'photos', '--store']
  expect(outcome.parse(await json([...command, '--out', stored]))).toMatchObject({
    computed: 6,
    known: 0,
  })
  expect(readFileSync(stored, 'utf8')).toBe(readFileSync(plain, 'utf8'))

  const again = await run(command)
  expect(again.code).toBe(0)
  expectPlainMessages(again.stderr)
  expect(again.stderr).toContain('nothing to compute, 6 pictures known from before')
  const exported = join(root, 'exported.jsonl')
  await json(['export', '--run', 'photos-defended', '--format', 'jsonl', '--out', exported])
  expect(readFileSync(exported)).toEqual(readFileSync(plain))
  expect(runList.parse(await json(['runs']))).toMatchObject([{ state: 'finished', done: 6 }])

  // Files with the content of pictures of the project: known, whatever they are called.
  const copies = join(root, 'copies')
  cpSync(photos, copies, { recursive: true })
  expect(outcome.parse(await json(['defend', copies, '--store']))).toMatchObject({
    computed: 0,
    known: 6,
  })

  await json(['detect', '--dataset', 'photos', '--store'])
  const comparison = z
    .object({
      images: z.number(),
      changed: z.number(),
      changes: z.array(z.object({ change: z.number() })),
    })
    .parse(await json(['runs', 'compare', 'photos-detected', 'photos-defended']))
  expect(comparison.images).toBe(6)
  expect(comparison.changed).toBeGreaterThan(0)
  const changes = comparison.changes.map(({ change }) => change)
  expect(changes).toEqual(changes.toSorted((a, b) => b - a))

  const asPatches = join(root, 'run.json')
  await json(['export', '--run', 'photos-defended', '--format', 'coco', '--out', asPatches])
  expect(readFileSync(asPatches, 'utf8')).toContain('adversarial patch')
}, 180_000)

test('pictures of equal content are computed once', async () => {
  const root = temporaryFolder()
  const { json } = withProject(join(root, 'project'))
  await json(['import', manyPictures(join(root, 'many'), 20), '--dataset', 'many'])
  const command = ['detect', '--dataset', 'many', '--store']
  expect(outcome.parse(await json(command))).toMatchObject({ computed: 1, known: 19 })
  expect(runList.parse(await json(['runs']))).toMatchObject([{ state: 'finished', done: 20 }])
  expect(outcome.parse(await json(command))).toMatchObject({ computed: 0, known: 20 })
}, 120_000)

test('an interrupted run keeps what is done, and the same command goes on with it', async () => {
  const root = temporaryFolder()
  const { run, json } = withProject(join(root, 'project'))
  await json(['import', photos, '--dataset', 'photos'])
  const command = ['detect', '--dataset', 'photos', '--store', '--workers', '1', '--threads', '1']
  const ended = await run(command, { interruptOn: 'detect [' })
  expect(ended.code).toBe(130)
  expect(ended.stderr).toMatch(/interrupted: \d of 6 pictures of run 1/)
  const [cut] = runList.parse(await json(['runs']))
  const rest = outcome.parse(await json(command))
  expect(rest.known).toBe(cut?.done)
  expect(rest.computed + rest.known).toBe(6)
  expect(runList.parse(await json(['runs']))).toMatchObject([{ state: 'finished', done: 6 }])
}, 120_000)

test('pictures that cannot be used fail alone, and are tried again', async () => {
  const root = temporaryFolder()
  const { run, json } = withProject(join(root, 'project'))
  const folder = join(root, 'photos')
  cpSync(photos, folder, { recursive: true })
  await json(['import', folder, '--dataset', 'photos'])
  const [name = ''] = readdirSync(folder)
  const path = join(folder, name)
  const bytes = readFileSync(path)
  rmSync(path)
  const command = ['detect', '--dataset', 'photos', '--store']
  const ended = await run(command)
  expect(ended.code).toBe(1)
  expect(errorCodes(ended.stderr)).toEqual(['E_FILE_NOT_FOUND'])
  expect(runList.parse(await json(['runs']))).toMatchObject([{ done: 5, failed: 1 }])
  const doctor = await run(['doctor', '--originals'])
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toContain('E_ORIGINAL_MISSING')
  writeFileSync(path, bytes)
  expect(outcome.parse(await json(command))).toMatchObject({ computed: 1, known: 5, failed: 0 })
  expect(runList.parse(await json(['runs']))).toMatchObject([{ done: 6, failed: 0 }])
}, 120_000)

test('doctor checks and copies; runs are removed only when that is meant', async () => {
  const root = temporaryFolder()
  const project = join(root, 'project')
  const { run, json } = withProject(project)
  const set = cocoFolder(join(root, 'set'))
  await json(['import', set, '--dataset', 'street'])
  const well = await run(['doctor', '--originals'])
  expect(well.code).toBe(0)
  expect(well.stderr).toContain('all is well')

  const copy = join(root, 'copy/project.sqlite')
  expect((await run(['doctor', '--backup', copy])).code).toBe(0)
  const [dataset] = z
    .array(z.object({ name: z.string() }))
    .parse(await withProject(join(root, 'copy')).json(['datasets']))
  expect(dataset?.name).toBe('street')
  expect(errorCodes((await run(['doctor', '--backup', copy])).stderr)).toEqual(['E_FILE_EXISTS'])

  const results = join(root, 'results.json')
  writeFileSync(
    results,
    JSON.stringify([{ image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }]),
  )
  await run(['import', results, '--as-run', 'theirs', '--dataset', 'street'])
  const unsure = await run(['runs', 'remove', 'theirs'])
  expect(errorCodes(unsure.stderr)).toEqual(['E_NOT_CONFIRMED'])
  expect(runList.parse(await json(['runs']))).toHaveLength(1)
  expect((await run(['runs', 'remove', 'theirs', '--yes'])).code).toBe(0)
  expect(runList.parse(await json(['runs']))).toEqual([])

  expect((await run(['doctor', '--rebuild'])).code).toBe(0)
  expect((await run(['datasets'])).stdout).toContain('street')

  writeFileSync(
    join(project, 'project.sqlite'),
    'this is no database, but long enough to be one'.repeat(50),
  )
  const damaged = await run(['doctor'])
  expect(damaged.code).toBe(1)
  expect(damaged.stdout).toContain('E_PROJECT_DAMAGED')
}, 180_000)
