import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GrantRecord } from '../../src/main/core-messages'
import { Grants } from '../../src/main/grants'

// Rule 9: what the user picked becomes an opaque id; the real path stays on our side.

let folder: string
const drop = { origin: 'drop', writable: false } as const

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'grants-')))
  await mkdir(join(folder, 'photos'))
  await writeFile(join(folder, 'photos', 'a.jpg'), '')
  await symlink(join(folder, 'photos'), join(folder, 'shortcut'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a folder becomes an id that says nothing of its place; the core gets the real path', async () => {
  const told: GrantRecord[] = []
  const grants = new Grants((grant) => {
    told.push(grant)
    return Promise.resolve()
  })
  const grant = await grants.grant([join(folder, 'shortcut')], drop)
  expect(grant).toEqual({ id: grant.id, name: 'shortcut', kind: 'folder' })
  expect(grant.id).toMatch(/^[0-9a-f-]{36}$/)
  expect(JSON.stringify(grant)).not.toContain(folder)
  expect(told).toEqual([{ ...grant, paths: [join(folder, 'photos')], ...drop }])
  expect(grants.pathOf(grant.id)).toBe(join(folder, 'photos'))
  expect([...grants.all()]).toEqual(told)
})

test('the same place is the same grant, a writable one is another', async () => {
  const grants = new Grants(() => Promise.resolve())
  const path = join(folder, 'photos')
  const first = await grants.grant([path], drop)
  expect(await grants.grant([join(folder, 'shortcut', '..', 'photos')], drop)).toEqual(first)
  const writable = await grants.grant([path], { origin: 'dialog', writable: true })
  expect(writable.id).not.toBe(first.id)
})

test('whoever asks for the same place at once waits for the core, too', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const grants = new Grants(() => promise)
  let granted = 0
  const asked = [1, 2].map(async () => {
    await grants.grant([join(folder, 'photos')], drop)
    granted++
  })
  await new Promise((settle) => setTimeout(settle, 50))
  expect(granted).toBe(0)
  resolve(undefined)
  await Promise.all(asked)
  expect(granted).toBe(2)
})

test('a place that the user took from the core and chooses again is told again', async () => {
  const known = new Set<string>()
  const grants = new Grants(({ id }) => {
    known.add(id)
    return Promise.resolve()
  })
  const { id } = await grants.grant([join(folder, 'photos')], drop)
  known.delete(id)
  expect((await grants.grant([join(folder, 'photos')], drop)).id).toBe(id)
  expect(known.has(id)).toBe(true)
})

test('several files are one grant', async () => {
  const told: GrantRecord[] = []
  const grants = new Grants((grant) => {
    told.push(grant)
    return Promise.resolve()
  })
  const paths = [join(folder, 'photos', 'a.jpg'), join(folder, 'photos')]
  const grant = await grants.grant(paths, drop)
  expect(grant).toMatchObject({ kind: 'files', name: 'a.jpg + 1' })
  expect(told[0]?.paths).toEqual(paths)
})

test('a File that a script made has no path and is refused', async () => {
  const grants = new Grants(() => {
    throw new Error('nothing may be granted')
  })
  await expect(grants.grant([''], drop)).rejects.toMatchObject({ code: 'E_FILE_WITHOUT_PATH' })
  const withOne = [join(folder, 'photos', 'a.jpg'), '']
  await expect(grants.grant(withOne, drop)).rejects.toMatchObject({ code: 'E_FILE_WITHOUT_PATH' })
  await expect(grants.grant([], drop)).rejects.toMatchObject({ code: 'E_FILE_WITHOUT_PATH' })
})

test('what is gone, a device or a pipe is refused, and the error does not tell where it was', async () => {
  const grants = new Grants(() => Promise.resolve())
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const path of [
    join(folder, 'gone.jpg'),
    pipe,
    '/dev/null',
    join(folder, 'photos', 'a.jpg', 'x'),
    'a\0b',
  ]) {
    const refusal = await grants.grant([path], drop).catch((error: unknown) => error)
    expect(refusal, path).toMatchObject({ code: 'E_GRANT_REFUSED' })
    expect(String(refusal)).not.toContain(folder)
  }
})

test('an id that was never given leads nowhere', () => {
  const grants = new Grants(() => Promise.resolve())
  expect(() => grants.pathOf('3b1c1a70-0000-4000-8000-000000000000')).toThrow(
    expect.objectContaining({ code: 'E_GRANT_UNKNOWN' }),
  )
})
