import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  CORE_PORT_MESSAGE,
  DESKTOP_BRIDGE,
  type DesktopBridge,
  requests,
} from '../../src/shared/desktop'

// Rule 8: functions, not channels; values, not events. Rule 9: paths are read off dropped files in the preload.

/** Loaded anew with each preload, as each window has its own. */
let electron: typeof import('../support/fake-electron')
let bridge: DesktopBridge
let received: unknown[]
let posted: unknown[]

beforeEach(async () => {
  received = []
  posted = []
  vi.stubGlobal('window', {
    location: { origin: 'app://bundle' },
    postMessage: (...args: unknown[]) => posted.push(args),
  })
  vi.resetModules()
  electron = await import('../support/fake-electron')
  electron.fakeElectron.app.becomeReady()
  await import('../../src/preload/index')
  // What the preload exposes has this type; the page gets it the same way.
  bridge = electron.fakeElectron.renderer.world.get(DESKTOP_BRIDGE) as DesktopBridge
  new electron.BrowserWindow()
  for (const channel of Object.keys(requests)) {
    electron.ipcMain.handle(channel, (_event, ...payload) => {
      received.push([channel, ...payload])
      return { ok: true, value: channel }
    })
  }
})

const contents = () => {
  const [first] = electron.fakeElectron.contents
  if (!first) throw new Error('no page')
  return first
}

describe('what the page gets', () => {
  test('is one object of functions and plain values, without ipcRenderer', () => {
    expect([...electron.fakeElectron.renderer.world.keys()]).toEqual(['patchwardenDesktop'])
    for (const [name, value] of Object.entries(bridge)) {
      if (name === 'platform') expect(value).toMatch(/^(win32|darwin|linux)$/)
      else if (name === 'versions') {
        for (const text of Object.values(value as object)) expect([undefined, text]).toContain(text)
      } else expect(typeof value, name).toBe('function')
    }
    const names = Object.keys(bridge).join(' ')
    expect(names).not.toMatch(/invoke|send|ipc|channel/i)
  })

  test('every function reaches one channel of its own, whatever the page passes', async () => {
    await bridge.connectCore()
    await bridge.restartCore()
    await bridge.coreStatus()
    await bridge.chooseFolder('import')
    await bridge.chooseFiles('model')
    await bridge.showGrant('id')
    await bridge.openExternal('https://github.com/')
    await bridge.setAppearance('dark')
    await bridge.updateState()
    await bridge.setUpdatesWanted(true)
    await bridge.checkForUpdates()
    await bridge.installUpdate()
    await bridge.grantFiles([new File([''], 'x')])
    const channels = received.map((call) => (call as unknown[])[0])
    expect(new Set(channels)).toEqual(new Set(Object.keys(requests)))
    expect(channels).toHaveLength(Object.keys(requests).length)
  })

  test('callbacks get the value alone, until they are ended', () => {
    const heard: unknown[][] = []
    const end = bridge.onMenuCommand((...args) => heard.push(args))
    contents().send('menu:command', 'export')
    end()
    contents().send('menu:command', 'settings')
    expect(heard).toEqual([['export']])
  })
})

test('dropped files are sent as paths; one that a script made as an empty text', async () => {
  const real = new File(['x'], 'a.jpg')
  electron.fakeElectron.renderer.pathsOfFiles.set(real, '/photos/a.jpg')
  const made = new File(['x'], 'b.jpg')
  await bridge.grantFiles([real, made])
  expect(received).toEqual([['grants:files', { paths: ['/photos/a.jpg', ''] }]])
  // Something that is no File at all is refused before anything is sent.
  await expect(bridge.grantFiles(['/etc/passwd' as unknown as File])).rejects.toThrow()
  expect(received).toHaveLength(1)
})

test('a connection to the core is handed to our own origin only', () => {
  const { port1 } = new MessageChannel()
  contents().sent.length = 0
  electron.fakeElectron.renderer.receive('core:port', null, [port1 as never])
  expect(posted).toEqual([[CORE_PORT_MESSAGE, 'app://bundle', [port1]]])
})
