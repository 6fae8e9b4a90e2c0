import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Jobs, type JobControl } from '../../src/service/jobs'
import { computeRun } from '../../src/service/run-job'
import { itemKey, openRun } from '../../src/service/run-order'
import type { RunSubject } from '../../src/service/run-subjects'
import { newProject } from '../store/support'
import { packageRoot } from '../support/program'

test('a run whose pictures are all known stops when it is asked to, and goes on where it was', async () => {
  await using project = await newProject()
  const subjects = Array.from({ length: 2_000 }, (_, index): RunSubject => {
    const file = `${index}.png`
    const contentId = index.toString(16).padStart(64, '0')
    const item = { index, path: file, source: file }
    return { index, file, contentId, item, needsPictures: false }
  })
  const runOf = (name: string) =>
    openRun(project, {
      ...{ name, kind: 'detect', determination: 'd', about: {}, dataset: null },
      ...{ files: [name], classNames: ['thing'], total: subjects.length },
    })
  const earlier = runOf('earlier')
  await Promise.all(
    subjects.map(({ file, contentId }) =>
      project.runs.storeResult(earlier.id, {
        ...{ key: itemKey('d', contentId ?? ''), file, detections: [], masks: {} },
        ...{ notes: {}, warnings: [], stages: [] },
      }),
    ),
  )
  const run = runOf('later')
  const locations = { packageRoot, projectDir: project.folder, cacheDir: project.folder }
  const start = () =>
    new Jobs(project).start(
      { kind: 'run', name: 'later', manifest: {}, runId: run.id },
      (control: JobControl) =>
        computeRun(
          project,
          {
            ...{ run, determination: 'd', subjects: () => subjects, total: subjects.length },
            ...{ workers: 1, workerEntry: join(packageRoot, 'test/support/flaky-worker.js') },
            job: {
              task: { kind: 'detect', detector: 'any', compare: false },
              ...{ locations, threads: 1, seed: 0 },
            },
          },
          control,
        ),
    )
  const job = start()
  job.onProgress(() => {
    setImmediate(() => {
      job.cancel()
    })
  })
  await expect(job.finished).rejects.toThrow('cancelled')
  const stored = project.runs.get(run.id)
  expect(stored.state).toBe('cancelled')
  expect(stored.done).toBeGreaterThan(0)
  expect(stored.done).toBeLessThan(subjects.length)
  const again = start()
  expect(await again.finished).toMatchObject({ computed: 0, known: 2_000, failed: 0 })
  expect(project.runs.get(run.id)).toMatchObject({ state: 'finished', done: 2_000 })
  expect(project.jobs.get(again.id)).toMatchObject({ total: 2_000, done: 2_000 })
})
