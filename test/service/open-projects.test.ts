import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import type { EventData } from '../../src/shared/api'
import type { Service } from '../../src/service/create-service'
import { openProject } from '../../src/store'
import { temporaryFolder } from '../engine/temporary-folder'
import { ask, openService, refusal } from './api/open-service'

const opened: Service[] = []
afterEach(async () => {
  for (const service of opened.splice(0)) await service.close()
})

async function started(...order: Parameters<typeof openService>) {
  const service = await openService(...order)
  opened.push(service)
  return service
}

const openedNow = async (service: Service) => (await ask(service, 'project.info', {})).name
const grantOf = (service: Service, path: string) => service.grant(path, 'dialog').id

/** Work that goes on until it is stopped. */
function work(service: Service) {
  return service.context.tasks.start({
    order: { kind: 'import', name: 'Long import', manifest: {} },
    work: ({ signal }) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error)
        })
      }),
    outcome: () => ({ summary: null, datasetId: null, result: null }),
    canPause: false,
  })
}

test('a project that is opened takes the place of the other, which is let go', async () => {
  const service = await started()
  const { context: first } = service
  const told: EventData<'project'>[] = []
  service.subscribe('project', (data) => told.push(data))
  const [dialog, upload] = (['dialog', 'upload'] as const).map(
    (origin) => service.grant(service.folder, origin).id,
  )
  const { name } = await ask(service, 'project.create', { grant: dialog ?? '', name: 'Zwei 2' })
  expect(name).toBe('Zwei 2')
  expect(await openedNow(service)).toBe('Zwei 2')
  expect(told).toEqual([{ key: service.context.key, name: 'Zwei 2' }])
  // Uploads lie in the project that was left; everything else that was granted holds.
  const { grants } = await ask(service, 'grants.list', {})
  expect(grants.map(({ id }) => id)).toEqual([dialog])
  expect(await refusal(service, 'import.preview', { grant: upload })).toBe('E_GRANT_UNKNOWN')
  // The other one is free for others, and what happens there is told no more.
  await using elsewhere = await openProject(first.project.folder, { create: false })
  expect(elsewhere.notes.takenOverFrom).toBeNull()
  let heard = 0
  service.subscribe('changed', () => heard++)
  first.events.emit('changed', { what: 'runs', ids: null })
  expect(heard).toBe(0)
  service.context.changed('runs')
  expect(heard).toBe(1)
})

test('what cannot be opened is told, and the present project stays', async () => {
  const service = await started()
  const { folder } = service
  const open = (path: string) =>
    refusal(service, 'project.open', { from: { grant: grantOf(service, path) } })
  const sub = (name: string) => {
    mkdirSync(join(folder, name))
    return join(folder, name)
  }
  expect(await open(sub('empty'))).toBe('E_PROJECT_NOT_FOUND')

  await (await openProject(join(folder, 'newer'))).close()
  const newer = new Database(join(folder, 'newer', 'project.sqlite'))
  newer.pragma('user_version = 9999')
  newer.close()
  expect(await open(join(folder, 'newer'))).toBe('E_PROJECT_NEWER')

  const damaged = sub('damaged')
  writeFileSync(join(damaged, 'project.sqlite'), 'this is no database'.repeat(100))
  expect(await open(damaged)).toBe('E_PROJECT_DAMAGED')

  await using other = await openProject(join(folder, 'locked'))
  expect(await open(other.folder)).toBe('E_PROJECT_LOCKED')

  const file = join(folder, 'a.txt')
  writeFileSync(file, '')
  expect(await open(file)).toBe('E_GRANT_REFUSED')
  const dropped = service.grant(other.folder, 'upload').id
  expect(await refusal(service, 'project.open', { from: { grant: dropped } })).toBe(
    'E_GRANT_REFUSED',
  )
  expect(await refusal(service, 'project.open', { from: { grant: 'x' } })).toBe('E_GRANT_UNKNOWN')
  expect(await refusal(service, 'project.open', { from: { recent: 'x' } })).toBe('E_ROW_UNKNOWN')

  const create = (grant: string, name: string) =>
    refusal(service, 'project.create', { grant, name })
  const here = grantOf(service, folder)
  expect(await create(here, 'newer')).toBe('E_TARGET_EXISTS')
  for (const name of ['../out', '.hidden', 'a/b', 'nul', 'end.', ' ', 'a\0b']) {
    expect(await create(here, name), name).toBe('E_TARGET_INVALID')
  }
  // Nobody can make a folder there, not even root.
  if (process.platform === 'linux') {
    expect(await create(grantOf(service, '/proc/self'), 'no')).toMatch(/^E_WRITE_/)
  }

  expect(await openedNow(service)).toBe('project')
  expect(await ask(service, 'undo.state', {})).toEqual({ undo: null, redo: null })
  expect((await ask(service, 'project.recent', {})).projects).toEqual([])
})

test('work that is under way is not ended unless that is said', async () => {
  const service = await started()
  const grant = grantOf(service, service.folder)
  const job = work(service)
  const answer = await service.call('project.create', { grant, name: 'next' })
  expect(answer).toMatchObject({ ok: false, error: { code: 'E_JOBS_UNDER_WAY' } })
  expect(JSON.stringify(answer)).toContain('Long import')
  expect(job.state).toBe('running')
  await ask(service, 'project.create', { grant, name: 'next', stopJobs: true })
  expect(job.state).toBe('cancelled')
  expect((await ask(service, 'jobs.list', {})).rows).toEqual([])
  // Two at once: one after the other, and the last one holds.
  const [recent] = (await ask(service, 'project.recent', {})).projects.slice(1)
  await Promise.all([
    ask(service, 'project.open', { from: { recent: recent?.id ?? '' } }),
    ask(service, 'project.create', { grant, name: 'third' }),
  ])
  expect(await openedNow(service)).toBe('third')
  const { projects } = await ask(service, 'project.recent', {})
  expect(projects.map(({ name }) => name)).toEqual(['third', 'project', 'next'])
})

test('the list of recent projects outlives the start, and damage', async () => {
  const folder = temporaryFolder()
  const first = await openService(folder)
  await ask(first, 'project.create', { grant: grantOf(first, folder), name: 'last' })
  await first.close()
  // As it is asked for: the last one, or the usual one.
  const again = await openService(folder, [], { reopensLast: true })
  expect(await openedNow(again)).toBe('last')
  await again.close()
  const usual = await openService(folder)
  expect(await openedNow(usual)).toBe('project')
  await usual.close()

  const list = join(folder, 'recent-projects.json')
  const text = readFileSync(list, 'utf8')
  writeFileSync(join(folder, 'last', 'project.sqlite'), 'gone wrong')
  const fallen = await openService(folder, [], { reopensLast: true })
  expect(await ask(fallen, 'project.info', {})).toMatchObject({
    name: 'project',
    notes: [
      { code: 'W_LAST_PROJECT', message: expect.stringContaining('E_PROJECT_DAMAGED') as string },
    ],
  })
  await fallen.close()
  for (const damage of ['', '{"projects":[{"folder":7}]}', text.slice(0, -20)]) {
    writeFileSync(list, damage)
    const service = await started(folder, [], { reopensLast: true })
    expect(await openedNow(service)).toBe('project')
    expect((await ask(service, 'project.recent', {})).projects).toEqual([])
    await service.close()
  }
})

test('over a carrier, nothing is opened that was not granted at its start or opened since', async () => {
  const folder = temporaryFolder()
  const desktop = await openService(folder)
  for (const name of ['granted/one', 'elsewhere/two']) {
    const [place = '', own = ''] = name.split('/')
    mkdirSync(join(folder, place))
    const grant = grantOf(desktop, join(folder, place))
    await ask(desktop, 'project.create', { grant, name: own })
  }
  const all = (await ask(desktop, 'project.recent', {})).projects
  expect(all.map(({ name }) => name)).toEqual(['two', 'one', 'project'])
  await desktop.close()

  const service = await started(folder, [join(folder, 'granted')], { opensAnyRecent: false })
  const { projects } = await ask(service, 'project.recent', {})
  expect(projects.map(({ name }) => name)).toEqual(['one', 'project'])
  const recent = all.find(({ name }) => name === 'two')?.id
  expect(await refusal(service, 'project.open', { from: { recent } })).toBe('E_ROW_UNKNOWN')
  await ask(service, 'project.open', { from: { recent: projects[0]?.id ?? '' } })
  expect(await openedNow(service)).toBe('one')
})
