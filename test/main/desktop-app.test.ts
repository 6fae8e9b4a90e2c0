import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MenuItemConstructorOptions } from 'electron'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DesktopApp } from '../../src/main/desktop-app'
import type { AppPaths } from '../../src/main/paths'
import { fakeElectron, invokeFrom, resetElectron } from '../support/fake-electron'

let folder: string
let app: DesktopApp

const paths = (): AppPaths => ({
  bundleFolder: join(folder, 'renderer'),
  preload: join(folder, 'preload.cjs'),
  coreEntry: fileURLToPath(new URL('../support/utility-core.js', import.meta.url)),
  workerEntry: 'none',
  packageRoot: folder,
  updateSource: join(folder, 'app-update.yml'),
  preferences: join(folder, 'preferences.json'),
  windowState: join(folder, 'window.json'),
  log: join(folder, 'main.log'),
})

beforeEach(async () => {
  resetElectron()
  folder = await realpath(await mkdtemp(join(tmpdir(), 'desktop-')))
  await mkdir(join(folder, 'renderer'))
  await mkdir(join(folder, 'photos'))
  await writeFile(join(folder, 'renderer', 'index.html'), 'page')
  fakeElectron.app.becomeReady()
  app = new DesktopApp(paths(), { loadUpdater: () => Promise.reject(new Error('never loaded')) })
  app.start()
})
afterEach(async () => {
  await app.stop()
  await rm(folder, { recursive: true })
})

const window = () => {
  const [first] = fakeElectron.windows
  if (!first) throw new Error('no window')
  return first
}
const ask = (channel: string, payload?: unknown) =>
  invokeFrom(window().webContents, window().webContents.mainFrame, channel, payload)
const sentTo = (channel: string) =>
  window().webContents.sent.filter((sent) => sent.channel === channel)
const ready = () =>
  vi.waitFor(async () => {
    expect(await ask('core:status')).toEqual({ ok: true, value: { state: 'ready' } })
  })

describe('a start', () => {
  test('closes everything before the page is loaded, and serves it', async () => {
    const { defaultSession } = fakeElectron
    expect(defaultSession.handlers.size).toBe(6)
    expect(defaultSession.lets('https://example.org/')).toBe(false)
    expect(window().webContents.windowOpenHandler).toBeDefined()
    expect(await (await defaultSession.load(window().webContents.mainFrame.url)).text()).toBe(
      'page',
    )
    expect(fakeElectron.menu).toBeDefined()
  })

  test('leaves updates alone', async () => {
    expect(await ask('updates:state')).toEqual({
      ok: true,
      value: { wanted: false, status: 'unsupported' },
    })
  })
})

describe('the core', () => {
  const ports = () => sentTo('core:port').map((sent) => sent.ports[0]!)

  test('is given to the page once when it asks early, and anew after it was restarted', async () => {
    expect(await ask('core:connect')).toEqual({ ok: true, value: null })
    await vi.waitFor(() => {
      expect(ports()).toHaveLength(1)
    })
    fakeElectron.utilities[0]?.crash()
    await vi.waitFor(() => {
      expect(ports()).toHaveLength(2)
    }, 5_000)
    const states = sentTo('core:status-changed').map(
      ({ value }) => (value as { state: string }).state,
    )
    expect(states).toEqual(['ready', 'restarting', 'ready'])
    const answered = new Promise((resolve) => ports()[1]?.on('message', resolve))
    ports()[1]?.start()
    ports()[1]?.postMessage('hello')
    expect(await answered).toMatchObject({ data: { echo: 'hello' } })
  })

  test('is not given to a page that has not asked', async () => {
    await ready()
    expect(ports()).toEqual([])
  })

  test('answers pictures', async () => {
    await ready()
    const response = await fakeElectron.defaultSession.load('image://project/7/thumbnail?v=ab')
    expect(await response.text()).toBe('/7/thumbnail?v=ab')
  })
})

test('the menu leads to other projects: the page asks for them, by the id of the core', async () => {
  await ready()
  const file = (fakeElectron.menu as MenuItemConstructorOptions[]).find(
    ({ label }) => label === 'File',
  )
  // The template as the app made it, and clicks as Electron does them, whose arguments nobody uses.
  const entries = (file?.submenu ?? []) as MenuItemConstructorOptions[]
  const click = (item: MenuItemConstructorOptions | undefined) => {
    ;(item?.click as (() => void) | undefined)?.()
  }
  for (const label of ['New project…', 'Open project…']) {
    click(entries.find((entry) => entry.label === label))
  }
  expect(sentTo('menu:command').map(({ value }) => value)).toEqual(['new-project', 'open-project'])
  const recent = entries.find(({ label }) => label === 'Open recent')
  expect(recent).toMatchObject({ enabled: true, submenu: [{ label: 'Street' }] })
  click((recent?.submenu as MenuItemConstructorOptions[])[0])
  expect(sentTo('menu:recent').map(({ value }) => value)).toEqual(['ab12'])
  // The folder that the dialog for projects answers may be written to.
  fakeElectron.nextChoice = [join(folder, 'photos')]
  expect(await ask('dialog:folder', { purpose: 'project' })).toMatchObject({
    ok: true,
    value: { name: 'photos', kind: 'folder' },
  })
})

describe('files', () => {
  test('that were dropped or chosen become grants, known to the core before the page', async () => {
    await ready()
    const dropped = await ask('grants:files', { paths: [join(folder, 'photos')] })
    expect(dropped).toMatchObject({ ok: true, value: { name: 'photos', kind: 'folder' } })
    expect(JSON.stringify(dropped)).not.toContain(folder)
    expect(await ask('grants:files', { paths: [''] })).toMatchObject({
      ok: false,
      error: { code: 'E_FILE_WITHOUT_PATH' },
    })
    const { value } = dropped as { value: { id: string } }
    await ask('shell:show-grant', { grantId: value.id })
    expect(
      await ask('shell:show-grant', { grantId: '3b1c1a70-0000-4000-8000-000000000000' }),
    ).toMatchObject({ ok: false, error: { code: 'E_GRANT_UNKNOWN' } })
    // Rule 6: nothing but what was granted is shown.
    expect(fakeElectron.shownInFolder).toEqual([join(folder, 'photos')])
  })

  test('in a dialog: it opens where this purpose was last, and closing it is no fault', async () => {
    expect(await ask('dialog:folder', { purpose: 'import' })).toEqual({ ok: true, value: null })
    fakeElectron.nextChoice = [join(folder, 'photos')]
    expect(await ask('dialog:folder', { purpose: 'import' })).toMatchObject({
      ok: true,
      value: { name: 'photos' },
    })
    await writeFile(join(folder, 'photos', 'a.onnx'), '')
    fakeElectron.nextChoice = [join(folder, 'photos', 'a.onnx')]
    expect(await ask('dialog:files', { purpose: 'model' })).toMatchObject({
      ok: true,
      value: { name: 'a.onnx', kind: 'file' },
    })
    fakeElectron.nextChoice = undefined
    await ask('dialog:folder', { purpose: 'import' })
    await ask('dialog:folder', { purpose: 'export' })
    expect(fakeElectron.dialogs.map(({ defaultPath }) => defaultPath)).toEqual([
      undefined,
      undefined,
      undefined,
      join(folder, 'photos'),
      undefined,
    ])
    expect(fakeElectron.dialogs[2]?.filters?.[0]?.extensions).toEqual(['onnx'])
  })

  test('that a second start named are offered, not imported; what is not there is left out', async () => {
    // The page that is being opened would not hear of it yet.
    await app.offer([join(folder, 'photos')])
    expect(sentTo('files:opened')).toEqual([])
    await ask('core:connect')
    await app.offer([join(folder, 'gone')])
    expect(sentTo('files:opened').map(({ value }) => value)).toEqual([
      expect.objectContaining({ name: 'photos', kind: 'folder' }),
    ])
    expect(window().focused).toBe(2)
  })
})

test('a core that cannot run is told in a dialog, which can try again or quit', async () => {
  await app.stop()
  resetElectron()
  fakeElectron.app.becomeReady()
  app = new DesktopApp(
    { ...paths(), packageRoot: 'refuse' },
    { loadUpdater: () => Promise.reject(new Error('never loaded')) },
  )
  app.start()
  await vi.waitFor(() => {
    expect(fakeElectron.messageBoxes).toBeGreaterThan(1)
  }, 10_000)
  expect(fakeElectron.lastMessageBox?.message).toBe('in use (E_PROJECT_LOCKED)')
  fakeElectron.messageBoxAnswer = 1
  await vi.waitFor(() => {
    expect(fakeElectron.app.quits).toBe(1)
  }, 10_000)
})

test('the choice of appearance reaches the system and outlives the app', async () => {
  await ask('appearance:set', { choice: 'light' })
  expect(fakeElectron.themeSource).toBe('light')
  expect(window().backgroundColor).toBe('#F1F1F3')
  await app.stop()
  expect(JSON.parse(await readFile(join(folder, 'preferences.json'), 'utf8'))).toMatchObject({
    appearance: 'light',
  })
})

test('a closed window can be opened again, and the new page must ask for the core itself', async () => {
  await ready()
  await ask('core:connect')
  window().close()
  app.showWindow()
  const second = fakeElectron.windows[1]
  expect(second?.webContents.sent).toEqual([])
  fakeElectron.utilities[0]?.crash()
  await vi.waitFor(() => {
    const states = second?.webContents.sent.map(({ value }) => value)
    expect(states).toContainEqual({ state: 'ready' })
  }, 5_000)
  expect(second?.webContents.sent.some(({ channel }) => channel === 'core:port')).toBe(false)
})
