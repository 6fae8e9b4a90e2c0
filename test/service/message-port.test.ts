import { MessageChannel } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Service } from '../../src/service/create-service'
import { serveOverPort } from '../../src/service/message-port'
import { openService } from './api/open-service'

let service: Service

beforeAll(async () => {
  service = await openService()
})
afterAll(async () => {
  await service.close()
})

/** A page's end of a port: what has come, and a way to wait for more. */
function connect() {
  const { port1, port2 } = new MessageChannel()
  const end = serveOverPort(service, port1)
  const came: Record<string, unknown>[] = []
  let wake = (): void => undefined
  port2.on('message', (message: Record<string, unknown>) => {
    came.push(message)
    wake()
  })
  const next = async (holds: (message: Record<string, unknown>) => boolean) => {
    for (;;) {
      const at = came.findIndex(holds)
      if (at >= 0) return came.splice(at, 1)[0]
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { port: port2, next, end, came }
}

const answerTo = (id: number) => (message: Record<string, unknown>) =>
  message['kind'] === 'answer' && message['id'] === id

test('calls are answered by their ids, and events come along', async () => {
  const page = connect()
  page.port.postMessage({ kind: 'call', id: 1, name: 'undo.state', input: {} })
  page.port.postMessage({ kind: 'call', id: 2, name: 'no.such', input: {} })
  page.port.postMessage({ kind: 'call', id: 3, name: 'image.get', input: { id: 'x' } })
  expect(await page.next(answerTo(1))).toEqual({
    kind: 'answer',
    id: 1,
    answer: { ok: true, value: { undo: null, redo: null } },
  })
  expect(await page.next(answerTo(2))).toMatchObject({
    answer: { ok: false, error: { code: 'E_PROCEDURE_UNKNOWN' } },
  })
  expect(await page.next(answerTo(3))).toMatchObject({
    answer: { ok: false, error: { code: 'E_INPUT_INVALID' } },
  })
  page.port.postMessage({ kind: 'call', id: 4, name: 'settings.set', input: { theme: 'dark' } })
  expect(await page.next(({ kind }) => kind === 'event')).toEqual({
    kind: 'event',
    event: 'changed',
    data: { what: 'settings', ids: null },
  })
  page.end()
  page.port.close()
})

test('nonsense is dropped, a cancelled call is not answered, a closed port ends it all', async () => {
  const page = connect()
  for (const nonsense of [
    null,
    1,
    'x',
    [],
    {},
    { kind: 'call' },
    { kind: 'call', id: 'x', name: 'undo.state' },
    { kind: 'call', id: 1.5, name: 'undo.state' },
    { kind: 'answer', id: 1 },
    { kind: 'cancel', id: 77 },
  ]) {
    page.port.postMessage(nonsense)
  }
  page.port.postMessage({ kind: 'call', id: 5, name: 'plugins.list', input: {} })
  page.port.postMessage({ kind: 'call', id: 6, name: 'models.list', input: {} })
  page.port.postMessage({ kind: 'cancel', id: 6 })
  page.port.postMessage({ kind: 'call', id: 7, name: 'undo.state', input: {} })
  await page.next(answerTo(5))
  await page.next(answerTo(7))
  expect(page.came.filter(answerTo(6))).toEqual([])
  const closed = new Promise((resolve) => page.port.once('close', resolve))
  page.port.close()
  await closed
  await service.call('settings.reset', {})
  expect(page.came.filter(({ kind }) => kind === 'event')).toEqual([])
})
