import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { MessagePortMain } from 'electron'
import type { CoreStatus } from '../../src/shared/desktop'
import type { GrantRecord } from '../../src/main/core-messages'
import { Supervisor, type SupervisorTiming } from '../../src/main/supervisor'
import { fakeElectron, resetElectron } from '../support/fake-electron'

const program = fileURLToPath(new URL('../support/utility-core.js', import.meta.url))
const quick: Partial<SupervisorTiming> = { backOff: 10, backOffMax: 40, stopGrace: 150 }
const signal = new AbortController().signal

let statuses: CoreStatus[]
let logged: string[]
let grants: GrantRecord[]
let supervisor: Supervisor

function supervise(order: string, timing: Partial<SupervisorTiming> = {}): Supervisor {
  supervisor = new Supervisor(
    {
      coreEntry: program,
      workerEntry: 'none',
      coreArguments: [order],
      grants: () => grants,
      statusChanged: (status) => statuses.push(status),
      recentChanged: () => undefined,
      log: (message) => logged.push(message),
    },
    { ...quick, ...timing },
  )
  return supervisor
}

const reached = (state: CoreStatus['state'], times = 1) =>
  vi.waitFor(
    () => {
      expect(statuses.filter((status) => status.state === state)).toHaveLength(times)
    },
    { timeout: 20_000, interval: 10 },
  )

/** Sends one message over a new connection and answers what came back. */
function ask(port: MessagePortMain, message: string): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    port.on('message', ({ data }) => {
      resolve(data as Record<string, unknown>)
    })
    port.start()
    port.postMessage(message)
  })
}

beforeEach(() => {
  resetElectron()
  fakeElectron.app.becomeReady()
  statuses = []
  logged = []
  grants = []
})
afterEach(() => supervisor.stop())

test('needs a ready app, as utility processes do', () => {
  resetElectron()
  expect(() => {
    supervise('serve').start()
  }).toThrow('before app is ready')
})

describe('a core that runs', () => {
  test('serves pages over ports of their own', async () => {
    supervise('serve').start()
    expect(() => supervisor.connect()).toThrow(
      expect.objectContaining({ code: 'E_CORE_NOT_RUNNING' }),
    )
    await reached('ready')
    const answers = await Promise.all(['a', 'b'].map((text) => ask(supervisor.connect(), text)))
    expect(answers.map(({ echo }) => echo)).toEqual(['a', 'b'])
  })

  test('sees an explicit environment and a name for people', async () => {
    vi.stubEnv('PATCHWARDEN_SECRET', 'x')
    supervise('serve').start()
    await reached('ready')
    const { env } = await ask(supervisor.connect(), 'env')
    expect(env).toContain('PATH')
    expect(env).not.toContain('PATCHWARDEN_SECRET')
    expect(fakeElectron.utilities[0]?.serviceName).toBe('Patchwarden core')
    vi.unstubAllEnvs()
  })

  test('answers pictures; those it does not answer can be given up', async () => {
    supervise('serve').start()
    await reached('ready')
    expect(await supervisor.media('/404/x?v=1', signal)).toEqual({ status: 404 })
    const answer = await supervisor.media('/1/full?v=1', signal)
    expect(answer).toMatchObject({ status: 200, bytes: new TextEncoder().encode('/1/full?v=1') })
    const abort = new AbortController()
    const never = supervisor.media('/1/never?v=1', abort.signal)
    abort.abort()
    await expect(never).rejects.toMatchObject({ name: 'AbortError' })
    await expect(supervisor.media('/1/never?v=1', abort.signal)).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

describe('a core that ends', () => {
  test('is started again, knows the grants again, and waiting pictures are told', async () => {
    const grant: GrantRecord = {
      id: randomUUID(),
      name: 'a',
      kind: 'folder',
      paths: ['/a'],
      origin: 'drop',
      writable: false,
    }
    supervise('serve').start()
    await reached('ready')
    grants.push(grant)
    await supervisor.tellGrant(grant)
    expect((await ask(supervisor.connect(), 'x'))['grants']).toEqual([grant])
    const waiting = supervisor.media('/1/never?v=1', signal)
    fakeElectron.utilities[0]?.crash()
    await expect(waiting).rejects.toMatchObject({ code: 'E_CORE_NOT_RUNNING' })
    await reached('ready', 2)
    expect(statuses.map(({ state }) => state)).toEqual(['ready', 'restarting', 'ready'])
    expect((await ask(supervisor.connect(), 'x'))['grants']).toEqual([grant])
  })

  test('five times is given up, with its last words in the log, until the user asks', async () => {
    supervise('die').start()
    await reached('failed')
    expect(fakeElectron.utilities).toHaveLength(5)
    expect(supervisor.status.error?.code).toBe('E_CORE_DIED')
    expect(logged[0]).toBe('the core ended with code 3: out of luck')
    await expect(supervisor.media('/1/full?v=1', signal)).rejects.toMatchObject({
      code: 'E_CORE_NOT_RUNNING',
    })
    supervisor.tryAgain()
    await reached('failed', 2)
    expect(fakeElectron.utilities).toHaveLength(10)
  })

  test('waits longer after each death', async () => {
    const waits: number[] = []
    const spy = vi.spyOn(globalThis, 'setTimeout')
    supervise('die', { backOff: 8, backOffMax: 20 }).start()
    await reached('failed')
    for (const [, wait] of spy.mock.calls) {
      if (wait === 8 || wait === 16 || wait === 20) waits.push(wait)
    }
    spy.mockRestore()
    expect(waits).toEqual([8, 16, 20, 20])
  })

  test('by its own refusal is not started again: the project is in use', async () => {
    supervise('refuse').start()
    await reached('failed')
    expect(fakeElectron.utilities).toHaveLength(1)
    expect(supervisor.status.error).toEqual({
      code: 'E_PROJECT_LOCKED',
      message: 'in use',
      hint: 'close it',
    })
  })
})

test.skipIf(process.platform === 'win32')('a core that hangs is ended and replaced', async () => {
  supervise('serve', { silence: 3_000 }).start()
  await reached('ready')
  fakeElectron.utilities[0]?.freeze()
  await reached('ready', 2)
  expect(logged[0]).toBe('the core hangs and is ended')
  expect(fakeElectron.utilities).toHaveLength(2)
})

describe('stopping', () => {
  test('lets the core end by itself and starts no other', async () => {
    supervise('serve').start()
    await reached('ready')
    await supervisor.stop()
    expect(fakeElectron.utilities).toHaveLength(1)
    expect(fakeElectron.utilities[0]?.pid).toBeUndefined()
    expect(statuses.map(({ state }) => state)).toEqual(['ready'])
  })

  test('ends one that does not listen, by force in the end', async () => {
    supervise('stubborn').start()
    await reached('ready')
    await supervisor.stop()
    expect(fakeElectron.utilities[0]?.pid).toBeUndefined()
  })

  test('between two cores starts no other', async () => {
    supervise('die', { backOff: 50 }).start()
    await reached('restarting')
    await supervisor.stop()
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(fakeElectron.utilities).toHaveLength(1)
  })
})
