import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openProject } from '../../src/store'
import { Db } from '../../src/store/db'
import { isStale, type LockHolder } from '../../src/store/lock'
import { migrate, requireCurrent } from '../../src/store/migrate'
import { migrations } from '../../src/store/migrations'
import { folderWarning, networkMountOf } from '../../src/store/network-folder'
import { startOfProcess } from '../../src/store/process-identity'
import { temporaryFolder } from '../engine/temporary-folder'
import { importSample, newProject } from './support'

test('a project is made, closed, and is the same when it is opened again', async () => {
  const folder = join(temporaryFolder(), 'a', 'b')
  await expect(openProject(folder, { create: false })).rejects.toMatchObject({
    code: 'E_PROJECT_NOT_FOUND',
  })
  await expect(openProject(folder, { readonly: true })).rejects.toMatchObject({
    code: 'E_PROJECT_NOT_FOUND',
  })
  const project = await openProject(folder)
  await importSample(project)
  project.settings.set('grid', { columns: 5 })
  const before = [project.datasets.list(), project.images.list(), project.images.facets()]
  await project.close()
  await project.close() // once is enough, twice does no harm
  await using again = await openProject(folder)
  expect([again.datasets.list(), again.images.list(), again.images.facets()]).toEqual(before)
  expect(again.settings.get('grid')).toEqual({ columns: 5 })
  again.settings.set('grid', undefined)
  expect(again.settings.get('grid')).toBeUndefined()
  expect(again.notes).toMatchObject({ takenOverFrom: null, copyBeforeMigration: null })
})

test('one process writes; others read beside it', async () => {
  await using project = await newProject()
  await importSample(project)
  const locked = {
    code: 'E_PROJECT_LOCKED',
    message: expect.stringContaining(`process ${process.pid}`) as string,
  }
  await expect(openProject(project.folder)).rejects.toMatchObject(locked)
  await using reader = await openProject(project.folder, { readonly: true })
  expect(reader.isReadOnly).toBe(true)
  expect(reader.images.list()).toEqual(project.images.list())
  project.edits.drawPatch(1, { box: [0, 0, 5, 5] })
  expect(reader.patches({ author: 'drawn' }).rows).toHaveLength(1)
  const refused = expect.objectContaining({ code: 'E_PROJECT_READ_ONLY' }) as Error
  expect(() => reader.edits.drawPatch(1, { box: [0, 0, 5, 5] })).toThrow(refused)
  expect(() => {
    reader.settings.set('a', 1)
  }).toThrow(refused)
  await expect(importSample(reader, 'x')).rejects.toMatchObject({ code: 'E_PROJECT_READ_ONLY' })
})

test('the lock of a process that died is taken over', async () => {
  const project = await newProject()
  await project.close()
  const child = fork('-e', ['0'], { execArgv: [], stdio: 'ignore' })
  const dead = child.pid ?? 0
  await new Promise((resolve) => child.on('exit', resolve))
  const db = new Db(join(project.folder, 'project.sqlite'))
  db.run(
    'INSERT INTO writer_lock VALUES (1, ?, ?, ?, ?, ?)',
    dead,
    '1',
    hostname(),
    't',
    Date.now(),
  )
  db.close()
  await using again = await openProject(project.folder)
  expect(again.notes.takenOverFrom).toMatchObject({ pid: dead })
})

test('a writer that was taken for dead notices it and writes no more', async () => {
  await using project = await newProject()
  await importSample(project)
  const db = new Db(join(project.folder, 'project.sqlite'))
  db.run("UPDATE writer_lock SET token = 'another'")
  const lost = expect.objectContaining({ code: 'E_PROJECT_LOCKED' }) as Error
  expect(() => project.edits.drawPatch(1, { box: [0, 0, 5, 5] })).toThrow(lost)
  await expect(importSample(project, 'x')).rejects.toThrow(lost)
  expect(project.patches({ author: 'drawn' }).rows).toEqual([])
  db.close()
})

describe('who is taken for dead', () => {
  const alive: LockHolder = {
    pid: process.pid,
    started: startOfProcess(process.pid),
    host: hostname(),
    token: '',
    heartbeatMs: Date.now(),
  }
  const long = { heartbeatMs: Date.now() - 61_000 }
  test.each<[string, Partial<LockHolder>, boolean]>([
    ['a living process', {}, false],
    ['a process number that nobody has', { pid: 2 ** 22 + 5 }, true],
    ['another host that gives signs', { host: 'elsewhere', pid: 1 }, false],
    ['another host that has been silent', { host: 'elsewhere', pid: 1, ...long }, true],
    ['a silent process whose start is not known', { started: '', ...long }, true],
    ['a process whose start is not known', { started: '' }, false],
  ])('%s', (_, change, stale) => {
    expect(isStale({ ...alive, ...change })).toBe(stale)
  })
  test.runIf(process.platform === 'linux')(
    'a number that was given out again; a long silence of the same process',
    () => {
      expect(isStale({ ...alive, started: '1' })).toBe(true)
      expect(isStale({ ...alive, ...long })).toBe(false)
    },
  )
})

describe('files that cannot be used', () => {
  const refused = async (bytes: string | Buffer, code: string, hint: RegExp): Promise<void> => {
    const folder = temporaryFolder()
    const path = join(folder, 'project.sqlite')
    writeFileSync(path, bytes)
    for (const readonly of [false, true]) {
      await expect(openProject(folder, { readonly })).rejects.toMatchObject({
        code,
        hint: expect.stringMatching(hint) as string,
      })
    }
    expect(readFileSync(path)).toEqual(Buffer.from(bytes))
  }
  const database = (sql: string): Buffer => {
    const db = new Sqlite(':memory:')
    db.exec(sql)
    const bytes = db.serialize()
    db.close()
    return bytes
  }
  test('no database', () =>
    refused(
      'not a database at all, but long enough to look'.repeat(50),
      'E_PROJECT_DAMAGED',
      /doctor/,
    ))
  test('of another program', () =>
    refused(database('CREATE TABLE songs (name)'), 'E_PROJECT_DAMAGED', /doctor/))
  test('of a newer version', () =>
    refused(
      database('CREATE TABLE t (a); PRAGMA application_id = 0x50574152; PRAGMA user_version = 999'),
      'E_PROJECT_NEWER',
      /Update/,
    ))
  test('a folder where the file should be', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'project.sqlite'))
    await expect(openProject(folder)).rejects.toMatchObject({ code: 'E_PROJECT_UNREADABLE' })
  })
  test('a file where the folder should be', async () => {
    const path = join(temporaryFolder(), 'file')
    writeFileSync(path, '')
    await expect(openProject(join(path, 'project'))).rejects.toMatchObject({
      code: 'E_WRITE_FAILED',
    })
  })
})

describe('migrations', () => {
  const later = [
    ...migrations,
    { version: migrations.length + 1, sql: 'ALTER TABLE images ADD COLUMN colour TEXT' },
  ]

  test('keep a copy of the file as it was, and what is in it', async () => {
    const project = await newProject()
    await importSample(project)
    await project.close()
    const path = join(project.folder, 'project.sqlite')
    const db = new Db(path)
    expect(() => {
      requireCurrent(db, later)
    }).toThrow(expect.objectContaining({ code: 'E_PROJECT_OLDER' }))
    const { copy, from, to } = await migrate(db, later)
    expect([from, to]).toEqual([migrations.length, later.length])
    expect(db.value('SELECT count(*) FROM members')).toBe(60)
    expect(db.value('SELECT count(colour) FROM images')).toBe(0)
    const old = new Db(copy ?? '', { readonly: true })
    expect(Number(old.pragma('user_version'))).toBe(migrations.length)
    expect(old.value('SELECT count(*) FROM members')).toBe(60)
    old.close()
    expect(await migrate(db, later)).toMatchObject({ copy: null })
    db.close()
    await expect(openProject(project.folder)).rejects.toMatchObject({ code: 'E_PROJECT_NEWER' })
  })

  test.each([
    ['fails', 'ALTER TABLE images ADD COLUMN colour TEXT; CREATE TABLE images (a)'],
    ['breaks a reference', 'PRAGMA defer_foreign_keys = ON; DELETE FROM folders'],
  ])('a step that %s leaves the file as before', async (_, sql) => {
    const project = await newProject()
    await importSample(project)
    await project.close()
    const db = new Db(join(project.folder, 'project.sqlite'))
    await expect(
      migrate(db, [...migrations, { version: migrations.length + 1, sql }]),
    ).rejects.toThrow()
    expect(Number(db.pragma('user_version'))).toBe(migrations.length)
    db.close()
    await using again = await openProject(project.folder)
    expect(again.images.list().rows).toHaveLength(60)
  })
})

test('network drives and folders of sync programs are pointed out', () => {
  const mounts =
    'a / ext4 rw 0 0\nhost:/x /mnt/my\\040share nfs4 rw 0 0\nr /home/u/cloud fuse.rclone rw 0 0\n'
  expect(networkMountOf('/mnt/my share/project', mounts)).toBe('nfs4')
  expect(networkMountOf('/home/u/cloud', mounts)).toBe('rclone')
  expect(networkMountOf('/home/u/cloudy', mounts)).toBeNull()
  const folder = join(temporaryFolder(), 'Dropbox', 'project')
  mkdirSync(folder, { recursive: true })
  expect(folderWarning(folder)).toMatchObject({ code: 'W_PROJECT_IN_SYNC_FOLDER' })
  expect(folderWarning(temporaryFolder())).toBeNull()
})

test('a backup is a whole project, made while it is in use', async () => {
  await using project = await newProject()
  await importSample(project)
  const target = join(temporaryFolder(), 'copy', 'project.sqlite')
  await project.backup(target)
  await expect(project.backup(target)).rejects.toMatchObject({ code: 'E_FILE_EXISTS' })
  await using copy = await openProject(join(target, '..'))
  expect(copy.images.list()).toEqual(project.images.list())
  expect(copy.notes.takenOverFrom).toBeNull()
  expect(existsSync(`${target}.unfinished`)).toBe(false)
})
