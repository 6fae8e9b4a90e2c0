import { beforeEach, describe, expect, test } from 'vitest'
import type { Session } from 'electron'
import { restrictDownloads } from '../../src/main/downloads'
import { openExternal } from '../../src/main/external-links'
import { forbidNavigation } from '../../src/main/navigation'
import { blockNetwork } from '../../src/main/network'
import { denyPermissions } from '../../src/main/permissions'
import { BrowserWindow, fakeElectron, resetElectron } from '../support/fake-electron'

/** The fake stands for Electron's session, of which it has the parts that are used. */
const session = () => fakeElectron.defaultSession as unknown as Session

beforeEach(() => {
  resetElectron()
  fakeElectron.app.becomeReady()
})

describe('rule 4: permissions', () => {
  const request = (permission: string, details: object): boolean => {
    let granted: boolean | undefined
    const handler = fakeElectron.defaultSession.handlers.get('permission-request')
    // Kept without its types by the fake.
    ;(handler as (...args: unknown[]) => void)(
      {},
      permission,
      (answer: boolean) => (granted = answer),
      details,
    )
    if (granted === undefined) throw new Error('no answer')
    return granted
  }
  const check = (permission: string, origin: string, details: object): unknown => {
    const handler = fakeElectron.defaultSession.handlers.get('permission-check')
    return (handler as (...args: unknown[]) => unknown)(null, permission, origin, details)
  }
  const ours = { isMainFrame: true, requestingUrl: 'app://bundle/index.html' }

  beforeEach(() => {
    denyPermissions(session())
  })

  test.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'fileSystem',
    'openExternal',
    'midi',
    'usb',
    'local-network-access',
    'unknown',
  ])('denies %s, asked or checked', (permission) => {
    expect(request(permission, ours)).toBe(false)
    expect(check(permission, 'app://bundle', { isMainFrame: true })).toBe(false)
  })

  test('allows our own top frame to write to the clipboard, and nobody else', () => {
    const write = 'clipboard-sanitized-write'
    expect(request(write, ours)).toBe(true)
    expect(request(write, { ...ours, isMainFrame: false })).toBe(false)
    expect(request(write, { ...ours, requestingUrl: 'https://example.org/' })).toBe(false)
    expect(request(write, { ...ours, requestingUrl: 'app://bundle.example.org/' })).toBe(false)
    expect(check(write, 'app://bundle/', { isMainFrame: true })).toBe(true)
    expect(check(write, 'https://example.org/', { isMainFrame: true })).toBe(false)
  })

  test('denies devices and captures, also when one is to be selected', () => {
    const { handlers } = fakeElectron.defaultSession
    const call = (name: string, ...args: unknown[]): unknown =>
      (handlers.get(name) as (...args: unknown[]) => unknown)(...args)
    expect(call('device-permission', { deviceType: 'hid' })).toBe(false)
    expect(call('usb-classes', {})).toEqual([])
    call('display-media', {}, (streams: unknown) => {
      expect(streams).toBeNull()
    })
    call('bluetooth-pairing', {}, (response: unknown) => {
      expect(response).toEqual({ confirmed: false })
    })
    const selected: string[] = []
    for (const event of ['select-hid-device', 'select-serial-port', 'select-usb-device']) {
      fakeElectron.defaultSession.emit(event, {}, {}, (id: string) => selected.push(id))
    }
    expect(selected).toEqual(['', '', ''])
    expect.assertions(5)
  })
})

describe('rule 5: navigation', () => {
  beforeEach(() => {
    forbidNavigation(() => undefined)
  })

  test.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
    '%s is stopped unless it stays on our origin, in every web contents',
    (event) => {
      const { webContents } = new BrowserWindow()
      const wasStopped = (url: string): boolean => {
        let stopped = false
        webContents.emit(event, { url, preventDefault: () => (stopped = true) })
        return stopped
      }
      for (const url of [
        'https://example.org/',
        'file:///etc/passwd',
        'data:text/html,x',
        'javascript:alert(1)',
        'app://other/index.html',
        'app:bundle',
        'about:blank',
        'not a url',
      ]) {
        expect(wasStopped(url), url).toBe(true)
      }
      expect(wasStopped('app://bundle/index.html#/image/3')).toBe(false)
    },
  )

  test('no window is opened and no webview attached', () => {
    const { webContents } = new BrowserWindow()
    expect(webContents.windowOpenHandler?.({ url: 'app://bundle/index.html' })).toEqual({
      action: 'deny',
    })
    let stopped = false
    webContents.emit('will-attach-webview', { preventDefault: () => (stopped = true) })
    expect(stopped).toBe(true)
  })
})

describe('rule 6: what is opened outside', () => {
  test('https pages of known hosts', async () => {
    await openExternal('https://github.com/onnx/models')
    expect(fakeElectron.openedExternally).toEqual(['https://github.com/onnx/models'])
  })

  test.each([
    'http://github.com/',
    'https://github.com.example.org/',
    'https://github.com@example.org/',
    'https://user:pass@github.com/',
    'https://github.com:8443/',
    'file:///etc/passwd',
    'smb://github.com/share',
    'ms-settings:privacy',
    'javascript:alert(1)',
    '',
  ])('not %s', async (url) => {
    await expect(openExternal(url)).rejects.toMatchObject({ code: 'E_LINK_REFUSED' })
    expect(fakeElectron.openedExternally).toEqual([])
  })
})

describe('rule 11: the network', () => {
  test('is closed to pages, as is the disk', () => {
    blockNetwork(session())
    const { defaultSession } = fakeElectron
    for (const url of [
      'http://127.0.0.1/',
      'https://example.org/x.js',
      'ws://example.org/',
      'ftp://example.org/',
      'file:///etc/passwd',
      'chrome-extension://x/y',
      'filesystem:x',
      'nonsense',
    ]) {
      expect(defaultSession.lets(url), url).toBe(false)
    }
    for (const url of [
      'app://bundle/index.html',
      'image://project/1/full?v=1',
      'blob:app://bundle/5',
      'devtools://devtools/x.js',
    ]) {
      expect(defaultSession.lets(url), url).toBe(true)
    }
  })

  test('only what a page made itself can be saved', () => {
    restrictDownloads(session())
    const { defaultSession } = fakeElectron
    expect(defaultSession.letsDownload('blob:app://bundle/5f2c')).toBe(true)
    expect(defaultSession.letsDownload('https://example.org/tool.exe')).toBe(false)
    expect(defaultSession.letsDownload('image://project/1/full?v=1')).toBe(false)
    expect(defaultSession.letsDownload('data:text/plain,x')).toBe(false)
  })
})
