import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { besides } from '../../src/engine/export/export-target'
import { spawnNodeWorker, type SpawnWorker } from '../../src/engine/spawn-worker'
import { recoverExports } from '../../src/service/export-recovery'
import { exportOrder } from '../../src/service/export-start'
import { clearUp, exportAside } from '../../src/service/export-process'
import { Jobs } from '../../src/service/jobs'
import { openProject } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'
import { newProject } from '../store/support'

/** Number of a process that is over. */
const { pid: dead } = spawnSync(process.execPath, ['-e', ''])

const folderWith = (path: string, content: string): void => {
  mkdirSync(path)
  writeFileSync(join(path, 'annotations.json'), content)
}
const contentOf = (path: string) => readFileSync(join(path, 'annotations.json'), 'utf8')
const freshTarget = () => join(temporaryFolder(), 'street-yolo')

describe('an export that replaces a folder, killed', () => {
  test('before the first step: the old one is there, the new one goes', () => {
    const out = freshTarget()
    folderWith(out, 'old')
    folderWith(besides(out, 'new', dead), 'new')
    expect(clearUp(out)).toBe(false)
    expect(contentOf(out)).toBe('old')
    expect(readdirSync(dirname(out))).toEqual(['street-yolo'])
  })

  test('between the steps: the old one comes back', () => {
    const out = freshTarget()
    folderWith(besides(out, 'old', dead), 'old')
    folderWith(besides(out, 'new', dead), 'new')
    expect(clearUp(out)).toBe(true)
    expect(contentOf(out)).toBe('old')
    expect(readdirSync(dirname(out))).toEqual(['street-yolo'])
    expect(clearUp(out)).toBe(false)
  })

  test('behind the second step: the new one stays, the old one goes', () => {
    const out = freshTarget()
    folderWith(out, 'new')
    folderWith(besides(out, 'old', dead), 'old')
    expect(clearUp(out)).toBe(false)
    expect(contentOf(out)).toBe('new')
    expect(readdirSync(dirname(out))).toEqual(['street-yolo'])
  })

  test('what belongs to another target, or to a process that is alive, is left alone', () => {
    const out = freshTarget()
    const others = [
      besides(join(dirname(out), 'other'), 'old', dead),
      besides(out, 'old', process.pid),
    ]
    for (const path of others) folderWith(path, 'not ours')
    expect(clearUp(out)).toBe(false)
    expect(existsSync(out)).toBe(false)
    expect(others.map(contentOf)).toEqual(['not ours', 'not ours'])
  })
})

test('a place that cannot be cleared up is told before there is a process for it', async () => {
  const out = join(temporaryFolder(), 'x'.repeat(300))
  folderWith(besides(out, 'old', dead), 'old')
  let started = 0
  const spawn: SpawnWorker = (...asked) => {
    started++
    return spawnNodeWorker(...asked)
  }
  await using project = await newProject()
  const order = { kind: 'export', name: 'street', manifest: {} }
  const job = new Jobs(project).start(order, (control) =>
    exportAside(
      project.folder,
      {
        ...{ subject: { dataset: 1 }, filter: {}, format: 'yolo', params: {}, out },
        ...{ copyImages: false, replace: true },
      },
      { onLosses: () => undefined },
      control,
      spawn,
    ),
  )
  await expect(job.finished).rejects.toMatchObject({ code: 'E_WRITE_FAILED' })
  expect(started).toBe(0)
})

test('opening the project puts back what its exports had moved away', async () => {
  const out = freshTarget()
  const request = {
    ...{ subject: { dataset: 1 }, filter: {}, format: 'yolo', params: {}, out },
    ...{ copyImages: false, replace: true },
  }
  const before = await newProject()
  before.jobs.setState(before.jobs.create(exportOrder('street', request)), 'running')
  await before.close()
  folderWith(besides(out, 'old', dead), 'old')
  await using project = await openProject(before.folder)
  expect(recoverExports(project)).toEqual([out])
  expect(contentOf(out)).toBe('old')
  expect(recoverExports(project)).toEqual([])
})
