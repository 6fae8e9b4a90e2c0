import { beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../src/shared/errors'
import { requests, type RequestChannel } from '../../src/shared/desktop'
import { answerRequests, dropOtherMessages, type Handlers } from '../../src/main/ipc'
import { BrowserWindow, fakeElectron, invokeFrom, resetElectron } from '../support/fake-electron'
import type { WebContents } from 'electron'

// Rule 7: whose request it is, then what it says, then how much of it.

let calls: unknown[]
let window: BrowserWindow
let logged: string[]

beforeEach(async () => {
  resetElectron()
  fakeElectron.app.becomeReady()
  calls = []
  logged = []
  window = new BrowserWindow()
  await window.loadURL('app://bundle/index.html')
  const handlers = Object.fromEntries(
    Object.keys(requests).map((channel) => [
      channel,
      (payload: unknown) => {
        calls.push([channel, payload])
        if (channel === 'core:restart') throw new AppError('E_X', 'no', 'try', {})
        return channel === 'core:status' ? { state: 'ready' } : undefined
      },
    ]),
  )
  answerRequests(
    // One handler a channel, made from the list of channels.
    handlers as unknown as Handlers,
    // The fake's window stands for Electron's.
    (contents) => contents === (window.webContents as unknown as WebContents),
    (message) => logged.push(message),
  )
})

const invoke = (channel: string, ...payload: unknown[]) =>
  invokeFrom(window.webContents, window.webContents.mainFrame, channel, ...payload)
const refused = {
  ok: false,
  error: {
    code: 'E_REQUEST_REFUSED',
    message: expect.any(String) as string,
    hint: expect.any(String) as string,
  },
}

/** A payload that each channel takes. */
const good: Readonly<Record<RequestChannel, unknown>> = {
  'core:connect': undefined,
  'core:restart': undefined,
  'core:status': undefined,
  'grants:files': { paths: ['/a'] },
  'dialog:folder': { purpose: 'import' },
  'dialog:files': { purpose: 'model' },
  'shell:show-grant': { grantId: '3b1c1a70-0000-4000-8000-000000000000' },
  'shell:open-external': { url: 'https://github.com/' },
  'appearance:set': { choice: 'dark' },
  'updates:state': undefined,
  'updates:want': { wanted: true },
  'updates:check': undefined,
  'updates:install': undefined,
}
const channels = Object.keys(requests) as RequestChannel[]

test('answers with values, and with faults as records', async () => {
  expect(await invoke('core:status')).toEqual({ ok: true, value: { state: 'ready' } })
  expect(await invoke('core:connect')).toEqual({ ok: true, value: null })
  expect(await invoke('core:restart')).toEqual({
    ok: false,
    error: { code: 'E_X', message: 'no', hint: 'try' },
  })
})

describe.each(channels)('%s', (channel) => {
  test('is answered for our own page', async () => {
    await invoke(channel, good[channel])
    expect(calls).toHaveLength(1)
  })

  test('is refused to frames within the page, pages elsewhere, closed frames and other windows', async () => {
    const { webContents } = window
    const other = new BrowserWindow()
    await other.loadURL('app://bundle/index.html')
    const senders = [
      [webContents, { url: 'app://bundle/index.html' }],
      [webContents, null],
      [other.webContents, other.webContents.mainFrame],
    ] as const
    for (const [sender, frame] of senders) {
      expect(await invokeFrom(sender, frame, channel, good[channel])).toEqual(refused)
    }
    for (const url of [
      'https://example.org/',
      'file:///x.html',
      'app://bundle.example.org/',
      'about:blank',
    ]) {
      webContents.mainFrame.url = url
      expect(await invoke(channel, good[channel])).toEqual(refused)
    }
    expect(calls).toEqual([])
    expect(new Set(logged)).toEqual(new Set([`request refused: ${channel}`]))
  })

  test('is refused with a payload that its schema does not know', async () => {
    const wrong = [
      { ...(good[channel] ?? {}), more: 1 },
      'text',
      5,
      null,
      ['/a'],
      { __proto__: null, x: 1 },
    ]
    for (const payload of wrong) expect(await invoke(channel, payload)).toEqual(refused)
    expect(await invoke(channel, good[channel], 'a second payload')).toEqual(refused)
    expect(calls).toEqual([])
  })
})

test.each([
  ['grants:files', { paths: [] }],
  ['grants:files', { paths: Array.from({ length: 20_001 }, () => 'a') }],
  ['grants:files', { paths: ['a'.repeat(4_097)] }],
  ['grants:files', { paths: Array.from({ length: 3_000 }, () => 'a'.repeat(4_000)) }],
  ['grants:files', { paths: [5] }],
  ['shell:open-external', { url: 'https://github.com/'.padEnd(2_001, 'a') }],
  ['shell:show-grant', { grantId: '../../etc' }],
  ['dialog:folder', { purpose: 'anything' }],
])('%s has limits', async (channel, payload) => {
  expect(await invoke(channel, payload)).toEqual(refused)
  expect(calls).toEqual([])
})

test('an unknown channel is not answered; messages without a request are logged and dropped', async () => {
  await expect(invoke('fs:read', '/etc/passwd')).rejects.toThrow('No handler registered')
  // The fake's web contents stand for Electron's.
  const { webContents } = window
  dropOtherMessages(webContents as unknown as WebContents, (message) => logged.push(message))
  webContents.emit('ipc-message', {}, 'shell', 'rm')
  const event = { returnValue: undefined as unknown }
  webContents.emit('ipc-message-sync', event, 'x'.repeat(500))
  expect(event.returnValue).toBeNull()
  expect(logged).toEqual(['message dropped: shell', `message dropped: ${'x'.repeat(60)}`])
})
