import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { Jobs, type JobControl } from '../../src/service/jobs'
import { computeRun } from '../../src/service/run-job'
import { itemKey, openRun } from '../../src/service/run-order'
import { RunPartials } from '../../src/service/run-partials'
import type { RunSubject } from '../../src/service/run-subjects'
import { temporaryFolder } from '../engine/temporary-folder'
import { packageRoot } from '../support/program'
import { newProject } from '../store/support'

const partial = { sha256: 'abc', certificates: [], subject: 1, state: { next: 7, votes: [3, 4] } }

test('what a picture was cut off with is kept until it is done; what cannot be read is none', () => {
  const folder = temporaryFolder()
  const partials = new RunPartials(folder)
  expect(partials.read('a')).toBeUndefined()
  partials.keep('a', { ...partial, subject: 0 })
  partials.keep('a', partial)
  partials.keep('b', partial)
  expect(new RunPartials(folder).read('a')).toEqual(partial)
  partials.forget('a')
  expect(partials.read('a')).toBeUndefined()
  writeFileSync(join(folder, '.partial/b.json'), '{"sha256": "abc"')
  expect(partials.read('b')).toBeUndefined()
  writeFileSync(join(folder, '.partial/b.json'), '{"sha256": "abc"}')
  expect(partials.read('b')).toBeUndefined()
  partials.forget('b')
  partials.forget('b')
  expect(existsSync(join(folder, '.partial'))).toBe(false)
})

test('a folder that takes nothing does not stop a run', () => {
  const file = join(temporaryFolder(), 'file')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  const partials = new RunPartials(file)
  partials.keep('a', partial)
  expect(partials.read('a')).toBeUndefined()
  partials.forget('a')
})

test('a run that is paused inside a picture goes on inside it', async () => {
  await using project = await newProject()
  const content = 'c'.repeat(64)
  const item = { index: 0, path: 'long.png', source: 'long.png' }
  const subject: RunSubject = {
    index: 0,
    file: 'long.png',
    contentId: content,
    item,
    needsPictures: false,
  }
  const run = openRun(project, {
    ...{ name: 'r', kind: 'certify', determination: 'd', about: {}, dataset: null },
    ...{ files: ['long.png'], classNames: ['thing'], total: 1 },
  })
  const locations = { packageRoot, projectDir: project.folder, cacheDir: project.folder }
  const task = { kind: 'detect' as const, detector: 'any', compare: false }
  const told: number[] = []
  const key = itemKey('d', content)
  const partials = new RunPartials(project.folder)
  const begin = () =>
    new Jobs(project).start(
      { kind: 'run', name: 'r', manifest: {}, runId: run.id },
      (control: JobControl) =>
        computeRun(
          project,
          {
            ...{ run, determination: 'd', subjects: () => [subject], total: 1, workers: 1 },
            // It stops at 7 of 10 of a picture called "long", and says from where it went on.
            workerEntry: join(packageRoot, 'test/support/flaky-worker.js'),
            job: { locations, task, threads: 1, seed: 0 },
            onPicture(_, { done }) {
              told.push(done)
              job.pause()
              job.resume()
            },
          },
          control,
        ),
    )
  const job = begin()
  expect(await job.finished).toMatchObject({ computed: 1, failed: 0 })
  expect(told).toEqual([7])
  const [done] = project.runs.items(run.id, 'all').rows
  expect(project.runs.item(done?.id ?? 0).notes).toEqual({ wentOnFrom: 7 })
  expect(partials.read(key)).toBeUndefined()
})
