import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { MenuItemConstructorOptions } from 'electron'
import { menuCommands, type UpdateState } from '../../src/shared/desktop'
import { openLog, redact } from '../../src/main/log'
import { installMenu } from '../../src/main/menu'
import { openPreferences } from '../../src/main/preferences'
import { pathsOf, takeSingleInstance } from '../../src/main/single-instance'
import { Updates, type Updater } from '../../src/main/updates'
import { fakeElectron, resetElectron } from '../support/fake-electron'

let folder: string
beforeEach(async () => {
  resetElectron()
  folder = await mkdtemp(join(tmpdir(), 'shell-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('rule 10: one instance', () => {
  test('a second start hands over and is told to go', () => {
    fakeElectron.app.hasLock = false
    expect(takeSingleInstance(() => undefined)).toBe(false)
  })

  test('paths of a second start and of the system are handed on', () => {
    const opened: (readonly string[])[] = []
    expect(takeSingleInstance((paths) => opened.push(paths))).toBe(true)
    fakeElectron.app.isPackaged = true
    fakeElectron.app.emit('second-instance', {}, ['/usr/bin/patchwarden', 'photos'], '/home/ann')
    let prevented = false
    const event = { preventDefault: () => (prevented = true) }
    fakeElectron.app.emit('open-file', event, '/home/ann/model.onnx')
    expect(opened).toEqual([['/home/ann/photos'], ['/home/ann/model.onnx']])
    expect(prevented).toBe(true)
  })

  test('a command line is untrusted: options, addresses, control characters and excess are left out', () => {
    const argv = [
      'exe',
      '--inspect',
      '-x',
      '',
      'a\nb',
      'a\0b',
      'http://example.org/',
      'patchwarden://x',
      '/a',
      'x'.repeat(5_000),
      'b',
    ]
    expect(pathsOf(argv, '/w', true)).toEqual(['/a', '/w/b'])
    expect(pathsOf(['electron', '.', 'b'], '/w', false)).toEqual(['/w/b'])
    const many = Array.from({ length: 500 }, (_, k) => `f${k}`)
    expect(pathsOf(['exe', ...many], '/w', true)).toHaveLength(100)
  })
})

describe('rule 15: the log', () => {
  test.each([
    ['cannot read /home/ann/My Pictures/cat.jpg: gone', 'cannot read <path>: gone'],
    ['at file:///home/ann/x.js:5:2', 'at <path>:5:2'],
    ['C:\\Users\\Ann Lee\\cat.jpg', '<path>'],
    ['\\\\server\\share\\cat.jpg', '<path>'],
    ["ENOENT: no such file, open '/home/ann/cat (1).jpg'", 'ENOENT: no such file, open <path>'],
    ['open "photos/ann/cat.jpg" failed', 'open <path> failed'],
    ['~/photos', '<path>'],
    ['data:image/png;base64,iVBORw0KGgo= was bad', '<data> was bad'],
    ['request refused: grants:files', 'request refused: grants:files'],
    ['12 of 30 images, 4/5 done', '12 of 30 images, 4/5 done'],
  ])('%s', (text, redacted) => {
    expect(redact(text)).toBe(redacted)
  })

  test('is a line a message, kept short, in two files at most', async () => {
    const path = join(folder, 'main.log')
    await writeFile(path, 'x'.repeat(1_000_001))
    const log = openLog(path)
    log('first')
    log('y'.repeat(10_000))
    await vi.waitFor(async () => {
      expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3)
    })
    const [first, second] = (await readFile(path, 'utf8')).split('\n')
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z first$/)
    expect(second?.length).toBeLessThan(2_100)
    expect(await readFile(`${path}.1`, 'utf8')).toHaveLength(1_000_001)
  })

  test('a folder that is missing is no fault', async () => {
    openLog(join(folder, 'none', 'main.log'))('hello')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await expect(readFile(join(folder, 'none', 'main.log'))).rejects.toThrow('ENOENT')
  })
})

describe('the menu', () => {
  const items = (menu: unknown): MenuItemConstructorOptions[] =>
    (menu as MenuItemConstructorOptions[]).flatMap((item) => [
      item,
      ...(Array.isArray(item.submenu) ? items(item.submenu) : []),
    ])

  test('offers every command once, and takes no key away from the page', () => {
    const sent: string[] = []
    const opened: string[] = []
    installMenu({
      send: (command) => sent.push(command),
      openRecent: (id) => opened.push(id),
      recent: [
        { id: 'one', name: 'Cats & dogs' },
        { id: 'two', name: 'Street' },
      ],
      isPackaged: true,
    })
    const labels = items(fakeElectron.menu).map(({ label }) => label)
    expect(labels).toEqual(expect.arrayContaining(['Cats && dogs', 'Street']))
    for (const item of items(fakeElectron.menu)) {
      if (item.accelerator) expect(item.registerAccelerator).toBe(false)
      // Called as Electron calls it, whose arguments nobody uses.
      ;(item.click as (() => void) | undefined)?.()
    }
    expect([...sent].sort()).toEqual([...menuCommands].sort())
    expect(opened).toEqual(['one', 'two'])
  })

  test('shows developer tools in development only', () => {
    const roles = (isPackaged: boolean) => {
      const [send, openRecent] = [() => undefined, () => undefined]
      installMenu({ send, openRecent, recent: [], isPackaged })
      return items(fakeElectron.menu).map(({ role }) => role)
    }
    expect(roles(true)).not.toContain('toggleDevTools')
    expect(roles(true)).not.toContain('reload')
    expect(roles(false)).toContain('toggleDevTools')
  })
})

test('preferences outlive a restart, and a damaged file counts as none', async () => {
  const path = join(folder, 'preferences.json')
  const usual = { appearance: 'system', updatesWanted: false, lastFolders: {} }
  const preferences = openPreferences(path)
  expect(preferences.value).toEqual(usual)
  preferences.set({ ...preferences.value, appearance: 'light' })
  await preferences.settled()
  expect(openPreferences(path).value.appearance).toBe('light')
  await writeFile(path, '{"appearance":"pink","updatesWanted":true,"lastFolders":{}}')
  expect(openPreferences(path).value).toEqual(usual)
})

describe('updates', () => {
  let loads: number
  let wanted: boolean
  let states: UpdateState[]
  let found: { isUpdateAvailable: boolean; updateInfo: { version: string } } | Error
  let installed: number
  let updater: Updater

  beforeEach(() => {
    loads = installed = 0
    wanted = false
    states = []
    found = { isUpdateAvailable: true, updateInfo: { version: '1.2.0' } }
    updater = {
      autoDownload: true,
      autoInstallOnAppQuit: true,
      allowDowngrade: true,
      allowPrerelease: true,
      on: () => undefined,
      checkForUpdates: () =>
        found instanceof Error ? Promise.reject(found) : Promise.resolve(found),
      downloadUpdate: () => Promise.resolve([]),
      quitAndInstall: () => installed++,
    }
  })
  const updates = (isSupported = true) =>
    new Updates({
      isSupported,
      load: () => {
        loads++
        return Promise.resolve(updater)
      },
      isWanted: () => wanted,
      setWanted: (value) => (wanted = value),
      changed: (state) => states.push(state),
      log: () => undefined,
    })

  test('are off until asked for: not even the updater is loaded', async () => {
    const off = updates()
    expect(await off.check()).toEqual({ wanted: false, status: 'off' })
    await off.install()
    expect([loads, installed, states]).toEqual([0, 0, []])
  })

  test('are fetched when wanted, never down-grade, and installed when the user says so', async () => {
    const on = updates()
    on.setWanted(true)
    expect(await on.check()).toEqual({ wanted: true, status: 'ready', version: '1.2.0' })
    expect(updater).toMatchObject({
      autoDownload: false,
      autoInstallOnAppQuit: false,
      allowDowngrade: false,
      allowPrerelease: false,
    })
    expect(states.map(({ status }) => status)).toEqual(['idle', 'checking', 'downloading', 'ready'])
    expect(installed).toBe(0)
    await on.install()
    expect(installed).toBe(1)
    expect(on.setWanted(false)).toEqual({ wanted: false, status: 'off' })
  })

  test('are looked for again where their program could not be loaded', async () => {
    let isBroken = true
    const on = new Updates({
      isSupported: true,
      load: () => (isBroken ? Promise.reject(new Error('damaged')) : Promise.resolve(updater)),
      isWanted: () => true,
      setWanted: () => undefined,
      changed: () => undefined,
      log: () => undefined,
    })
    expect(await on.check()).toMatchObject({ status: 'failed', error: { code: 'E_UPDATE_FAILED' } })
    isBroken = false
    expect(await on.check()).toMatchObject({ status: 'ready' })
  })

  test('of a build that has none are not looked for, wanted or not', async () => {
    const none = updates(false)
    none.setWanted(true)
    expect(await none.check()).toEqual({ wanted: true, status: 'unsupported' })
    expect(loads).toBe(0)
  })

  test('say what went wrong, and can be tried again', async () => {
    const on = updates()
    on.setWanted(true)
    found = new Error('net::ERR_INTERNET_DISCONNECTED')
    expect(await on.check()).toMatchObject({ status: 'failed', error: { code: 'E_UPDATE_FAILED' } })
    found = { isUpdateAvailable: true, updateInfo: { version: '<img src=x>' } }
    expect(await on.check()).toMatchObject({ status: 'failed' })
    found = { isUpdateAvailable: false, updateInfo: { version: '0.1.0' } }
    expect(await on.check()).toEqual({ wanted: true, status: 'none' })
    expect(loads).toBe(1)
  })
})
