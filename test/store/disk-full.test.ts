import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctor, openProject } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'
import { importSample } from './support'

// A real disk that is full: a small one in memory, where the system lets us have it.
const disk = join(temporaryFolder(), 'disk')
const ballast = join(disk, 'ballast')
let isMounted = false

beforeAll(() => {
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk], { stdio: 'ignore' })
    isMounted = true
  } catch {
    console.warn('A small disk could not be mounted: full disks are not tested here.')
  }
})

afterAll(() => {
  if (isMounted) execFileSync('umount', [disk])
})

/** Leaves no byte. */
function fillDisk(): void {
  for (const size of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // Full, as wanted.
    }
  }
}

const full = expect.objectContaining({ code: 'E_DISK_FULL' }) as Error

test('a full disk refuses every kind of write plainly, loses nothing, and is no lasting harm', async ({
  skip,
}) => {
  if (!isMounted) skip()
  let project = await openProject(join(disk, 'project'))
  await importSample(project)
  project.edits.drawPatch(1, { box: [0, 0, 5, 5], name: 'before' })
  const run = project.runs.start({
    name: 'r',
    kind: 'detect',
    manifest: {},
    classNames: ['a'],
    total: 9,
  })
  const result = (key: string) => ({
    key,
    file: key,
    detections: [{ box: [0, 0, 1, 1] as const, score: 0.5, classId: 0 }],
    masks: { raw: '0'.repeat(60_000) },
    notes: {},
    warnings: [],
    stages: [],
  })
  await project.runs.storeResult(run, result('before'))
  const state = () => ({
    datasets: project.datasets.list(),
    patches: project.patches().rows,
    items: project.runs.items(run).rows,
    facets: project.images.facets(),
    undo: project.undoLog.state(),
  })
  const before = state()

  fillDisk()
  const drawn = { box: [1, 1, 5, 5] as const, attributes: { text: 'x'.repeat(200_000) } }
  expect(() => project.edits.drawPatch(2, drawn)).toThrow(full)
  const results = ['a', 'b'].map((key) => project.runs.storeResult(run, result(key)))
  for (const each of await Promise.allSettled(results)) expect(each).toMatchObject({ reason: full })
  await expect(
    importSample(project, 'more', { images: 3000, objectsEach: 2, patchEvery: 2 }),
  ).rejects.toThrow(full)
  await expect(project.backup(join(disk, 'backup.sqlite'))).rejects.toThrow(full)
  expect(state()).toEqual(before)

  rmSync(ballast)
  expect(state()).toEqual(before)
  project.edits.drawPatch(2, { box: [1, 1, 5, 5], name: 'after' })
  expect(await project.runs.storeResult(run, result('a'))).toBe('stored')
  await importSample(project, 'more', { images: 300, objectsEach: 1, patchEvery: 2 })
  await project.backup(join(disk, 'backup.sqlite'))
  const after = state()
  await project.close()
  project = await openProject(join(disk, 'project'))
  expect(state()).toEqual(after)
  await project.close()
  expect(await doctor(join(disk, 'project'))).toEqual([])
})

test('a project on a full disk can be read', async ({ skip }) => {
  if (!isMounted) skip()
  const folder = join(disk, 'second')
  const project = await openProject(folder)
  await importSample(project)
  await project.close()
  fillDisk()
  await expect(openProject(folder)).rejects.toThrow(full)
  rmSync(ballast)
  await using again = await openProject(folder)
  expect(again.images.list().rows).toHaveLength(60)
})
