import { expect, onTestFinished, test, vi } from 'vitest'
import { Jobs, type JobControl } from '../../src/service/jobs'
import { AppError } from '../../src/shared/errors'
import { openProject } from '../../src/store'
import { importSample, newProject } from '../store/support'

const order = { kind: 'export', name: 'a job', manifest: { what: 'this' } }

/** Counts to 1,000 in slow steps; `counted` says how far it is. */
function counting() {
  const counted = { done: 0 }
  const work = async ({ checkpoint, report }: JobControl) => {
    while (counted.done < 1_000) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      await checkpoint()
      report({ done: ++counted.done, total: 1_000 })
    }
    return 'counted'
  }
  return { counted, work }
}

const soon = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms))

test('a job has a row that says what became of it', async () => {
  await using project = await newProject()
  const jobs = new Jobs(project)
  const job = jobs.start(order, ({ report }) => {
    report({ done: 2, total: 4, failed: 1 })
    return Promise.resolve(7)
  })
  expect(await job.finished).toBe(7)
  expect(job.progress).toMatchObject({ done: 2, failed: 1, total: 4 })
  expect(project.jobs.get(job.id)).toMatchObject({ kind: 'export', state: 'done', error: null })

  const fault = new AppError('E_SOME', 'It went wrong.', 'Do better.')
  const failing = jobs.start(order, () => Promise.reject(fault))
  await expect(failing.finished).rejects.toBe(fault)
  expect(project.jobs.get(failing.id)).toMatchObject({
    state: 'failed',
    error: { code: 'E_SOME', message: 'It went wrong.' },
  })
  expect(jobs.running.size).toBe(0)
})

test('waits and pauses do not count in the time that is left', async () => {
  await using project = await newProject()
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => {
    clock.mockRestore()
  })
  const { promise: turn, resolve: begin } = Promise.withResolvers<undefined>()
  const { promise: rest, resolve: end } = Promise.withResolvers<undefined>()
  let tell: JobControl['report'] = () => undefined
  const job = new Jobs(project).start(order, async (control) => {
    tell = control.report
    await turn
    control.begin()
    await rest
  })
  now = 3_600_000
  begin(undefined)
  await turn
  await Promise.resolve()
  now += 2_000
  tell({ done: 10, before: 6, total: 20 })
  expect(job.progress).toMatchObject({ perSecond: 2, etaMs: 5_000 })
  job.pause()
  now += 3_600_000
  job.resume()
  now += 1_500
  tell({ done: 13, before: 6 })
  expect(job.progress).toMatchObject({ perSecond: 2, etaMs: 3_500 })
  end(undefined)
  await job.finished
})

test('pauses between items and goes on', async () => {
  await using project = await newProject()
  const { counted, work } = counting()
  const job = new Jobs(project).start(order, work)
  await soon()
  job.pause()
  await soon(10)
  const atPause = counted.done
  expect(atPause).toBeGreaterThan(0)
  expect(project.jobs.get(job.id).state).toBe('paused')
  await soon()
  expect(counted.done).toBe(atPause)
  job.resume()
  expect(project.jobs.get(job.id).state).toBe('running')
  await soon()
  expect(counted.done).toBeGreaterThan(atPause)
  job.cancel()
  await expect(job.finished).rejects.toThrow('cancelled')
})

test.each([false, true])('cancels within a second (paused: %s)', async (paused) => {
  await using project = await newProject()
  const { work } = counting()
  const job = new Jobs(project).start(order, work)
  await soon()
  if (paused) job.pause()
  const start = performance.now()
  job.cancel()
  expect(performance.now() - start).toBeLessThan(100)
  await expect(job.finished).rejects.toThrow('cancelled')
  expect(performance.now() - start).toBeLessThan(1_000)
  expect(project.jobs.get(job.id).state).toBe('cancelled')
})

test('a job that a dead process left is found, and gone on with by the same order', async () => {
  const project = await newProject()
  const { folder } = project
  const id = project.jobs.create(order)
  project.jobs.setState(id, 'running')
  await project.close()
  await using again = await openProject(folder)
  const jobs = new Jobs(again)
  expect(jobs.interrupted().map((job) => job.id)).toEqual([id])
  const other = jobs.start({ ...order, manifest: { what: 'that' } }, () => Promise.resolve())
  expect(other.id).not.toBe(id)
  const job = jobs.start(order, () => Promise.resolve())
  expect(job.id).toBe(id)
  await Promise.all([job.finished, other.finished])
  expect(jobs.interrupted()).toEqual([])
  // More than a page of them: the oldest is still found.
  const oldest = again.jobs.create({ ...order, manifest: { what: 'oldest' } })
  for (let k = 0; k < 101; k++) again.jobs.create({ ...order, manifest: { what: k } })
  expect(jobs.interrupted()).toHaveLength(102)
  const found = jobs.start({ ...order, manifest: { what: 'oldest' } }, () => Promise.resolve())
  expect(found.id).toBe(oldest)
  await found.finished
})

test('may be paused and cancelled while an import keeps the project from being written', async () => {
  await using project = await newProject()
  const jobs = new Jobs(project)
  const { work } = counting()
  const counter = jobs.start({ ...order, name: 'counter', manifest: {} }, work)
  const job = jobs.start(order, async (control) => {
    const id = importSample(project, 'sample', { images: 4_000, objectsEach: 1, patchEvery: 9 })
    await soon(1)
    counter.pause()
    counter.resume()
    control.report({ done: 1 })
    return id
  })
  expect(await job.finished).toBeGreaterThan(0)
  counter.cancel()
  await expect(counter.finished).rejects.toThrow('cancelled')
  expect(project.jobs.get(counter.id).state).toBe('cancelled')
})
