import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

// The first program, from its first line to its last.

let electron: typeof import('../support/fake-electron')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'main-'))
  vi.resetModules()
  electron = await import('../support/fake-electron')
  electron.fakeElectron.app.folder = folder
  // Electron sets it; Node does not.
  Object.assign(process, { resourcesPath: folder })
})
afterEach(async () => {
  electron.resetElectron()
  await rm(folder, { recursive: true, force: true })
})

test('prepares schemes and sandbox before the app is ready, opens a window after, and quits in order', async () => {
  const { fakeElectron } = electron
  await import('../../src/main/main')
  expect(fakeElectron.schemes.map(({ scheme }) => scheme)).toEqual(['app', 'image'])
  expect(fakeElectron.app).toMatchObject({ sandboxEnabled: true, name: 'Patchwarden' })
  expect(fakeElectron.windows).toEqual([])

  fakeElectron.app.becomeReady()
  await vi.waitFor(() => {
    expect(fakeElectron.windows).toHaveLength(1)
  })
  expect(fakeElectron.utilities[0]?.serviceName).toBe('Patchwarden core')

  fakeElectron.app.emit('second-instance', {}, ['electron', '.', '--flag'], folder)
  await vi.waitFor(() => {
    expect(fakeElectron.windows[0]?.focused).toBe(1)
  })

  fakeElectron.windows[0]?.close()
  if (process.platform === 'darwin') fakeElectron.app.quit()
  await vi.waitFor(() => {
    expect(fakeElectron.app.quits).toBe(1)
  }, 10_000)
})

test('a second start does nothing but go', async () => {
  const { fakeElectron } = electron
  fakeElectron.app.hasLock = false
  await import('../../src/main/main')
  expect(fakeElectron.app.quits).toBe(1)
  fakeElectron.app.becomeReady()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(fakeElectron.windows).toEqual([])
})
