import { beforeAll, expect, test } from 'vitest'
import { openProject, type Project } from '../../src/store'
import { Db } from '../../src/store/db'
import { allRows, newProject } from './support'

let project: Project

beforeAll(async () => {
  project = await newProject()
})

function newJob(items: number): number {
  const job = project.jobs.create({ kind: 'run', name: 'j', manifest: { detector: 'nano' } })
  const list = Array.from({ length: items }, (_, k) => ({
    key: `key ${k}`,
    payload: { file: `${k}.jpg` },
  }))
  expect(project.jobs.addItems(job, [...list, ...list])).toBe(items)
  return job
}

test('a job goes through its items, each claimed once, and counts', async () => {
  const { jobs } = project
  const job = newJob(5)
  expect(jobs.claim(job, 2)).toEqual([])
  jobs.setState(job, 'running')
  const first = jobs.claim(job, 2)
  expect(first).toMatchObject([
    { key: 'key 0', payload: { file: '0.jpg' }, state: 'running', attempts: 1 },
    { key: 'key 1' },
  ])
  expect(jobs.claim(job, 9).map(({ key }) => key)).toEqual(['key 2', 'key 3', 'key 4'])
  expect(jobs.claim(job, 9)).toEqual([])
  const error = { code: 'E_IMAGE_CORRUPT', message: 'm', hint: 'h' }
  await Promise.all([
    jobs.itemDone(job, 'key 0'),
    jobs.itemDone(job, 'key 0'),
    jobs.itemFailed(job, 'key 1', error),
    jobs.itemFailed(job, 'key 0', error),
  ])
  expect(jobs.get(job)).toMatchObject({
    state: 'running',
    total: 5,
    running: 3,
    done: 1,
    failed: 1,
  })
  expect(jobs.items(job, 'failed').rows).toMatchObject([{ key: 'key 1', error }])
  await expect(jobs.itemDone(job, 'no such key')).rejects.toMatchObject({ code: 'E_ROW_UNKNOWN' })
  expect(jobs.retryFailed(job)).toBe(1)
  expect(jobs.get(job)).toMatchObject({ failed: 0 })
  expect(allRows((page) => jobs.items(job, undefined, page), 2)).toHaveLength(5)
})

test('a paused job gives nothing out and holds nothing against its items', () => {
  const { jobs } = project
  const job = newJob(3)
  jobs.setState(job, 'running')
  jobs.claim(job, 2)
  jobs.setState(job, 'paused')
  expect(jobs.get(job)).toMatchObject({ state: 'paused', running: 0 })
  expect(jobs.claim(job, 1)).toEqual([])
  jobs.setState(job, 'running')
  expect(jobs.claim(job, 3).map(({ attempts }) => attempts)).toEqual([1, 1, 1])
  jobs.setState(job, 'cancelled')
  expect(() => {
    jobs.setState(job, 'running')
  }).toThrow(expect.objectContaining({ code: 'E_EDIT_INVALID' }))
  expect(jobs.list('cancelled').rows.map(({ id }) => id)).toEqual([job])
  expect(jobs.get(job).finishedMs).toBeGreaterThan(0)
})

test('what a dead process had under way waits again; what was under way at three deaths is given up', async () => {
  project = await newProject()
  const job = newJob(4)
  const lonely = newJob(1)
  for (let death = 1; death <= 3; death++) {
    const { jobs } = project
    jobs.setState(job, 'running')
    const claimed = jobs.claim(job, death === 1 ? 2 : 1)
    expect(claimed[0]).toMatchObject({ key: 'key 0', attempts: death })
    if (death === 1) await jobs.itemDone(job, 'key 1')
    expect(() => {
      jobs.remove(job)
    }).toThrow(expect.objectContaining({ code: 'E_EDIT_INVALID' }))
    await project.close()
    project = await openProject(project.folder)
    expect(project.recovery).toEqual(
      death < 3 ? { requeued: 1, givenUp: 0 } : { requeued: 0, givenUp: 1 },
    )
    expect(project.jobs.get(job).state).toBe('queued')
  }
  expect(project.jobs.get(job)).toMatchObject({ total: 4, running: 0, done: 1, failed: 1 })
  expect(project.jobs.items(job, 'failed').rows).toMatchObject([
    { error: { code: 'E_ITEM_ABANDONED' } },
  ])
  project.jobs.remove(lonely)
  expect(() => project.jobs.get(lonely)).toThrow(expect.objectContaining({ code: 'E_ROW_UNKNOWN' }))
  const db = new Db(`${project.folder}/project.sqlite`, { readonly: true })
  expect(db.value('SELECT count(*) FROM job_items WHERE job_id = ?', lonely)).toBe(0)
  db.close()
})
