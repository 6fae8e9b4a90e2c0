import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { build } from 'vite'
import type { MessagePortMain } from 'electron'
import type { CoreStatus } from '../../src/shared/desktop'
import { Supervisor } from '../../src/main/supervisor'
import { fakeElectron, resetElectron } from '../support/fake-electron'

// Core, worker bridge and worker as real processes, each built as the app's are.

const root = fileURLToPath(new URL('../../', import.meta.url))
let programs: string
let supervisor: Supervisor
let statuses: CoreStatus[]
let logged: string[]
let port: MessagePortMain
let heard: Record<string, unknown>[]

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'programs-'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: programs,
      emptyOutDir: false,
      rolldownOptions: {
        input: {
          core: join(root, 'test/support/worker-core.ts'),
          'utility-worker': join(root, 'src/main/utility-worker.ts'),
        },
        output: { entryFileNames: '[name].mjs' },
      },
    },
  })
  await copyFile(join(root, 'test/support/echo-worker.js'), join(programs, 'worker.js'))
  await copyFile(join(root, 'package.json'), join(programs, 'package.json'))
})
afterAll(() => rm(programs, { recursive: true }))

beforeEach(async () => {
  resetElectron()
  fakeElectron.app.becomeReady()
  statuses = []
  logged = []
  heard = []
  supervisor = new Supervisor(
    {
      coreEntry: join(programs, 'core.mjs'),
      workerEntry: join(programs, 'utility-worker.mjs'),
      coreArguments: [],
      grants: () => [],
      statusChanged: (status) => statuses.push(status),
      recentChanged: () => undefined,
      log: (message) => logged.push(message),
    },
    { backOff: 20 },
  )
  supervisor.start()
  await reached('ready')
  connect()
})
afterEach(() => supervisor.stop())

function connect(): void {
  port = supervisor.connect()
  port.on('message', ({ data }) => heard.push(data as Record<string, unknown>))
  port.start()
}
const reached = (state: string, times = 1) =>
  vi.waitFor(
    () => {
      expect(statuses.filter((status) => status.state === state)).toHaveLength(times)
    },
    { timeout: 20_000 },
  )
const hear = (part: object) =>
  vi.waitFor(
    () => {
      expect(heard).toContainEqual(expect.objectContaining(part))
    },
    { timeout: 20_000 },
  )
const alive = () => fakeElectron.utilities.filter(({ pid }) => pid !== undefined)

test('a worker written for Node works in a utility process, typed arrays included', async () => {
  port.postMessage({ start: 1 })
  port.postMessage({ to: 1, post: new Float32Array([0.5, 2]) })
  await hear({ from: 1 })
  const [answer] = heard
  const { message, pid } = answer as { message: { said: unknown; pid: number }; pid: number }
  expect(message.said).toEqual(new Float32Array([0.5, 2]))
  expect(pid).toBe(message.pid)
  expect(fakeElectron.utilities[1]?.serviceName).toBe('Patchwarden worker')
})

test('a worker that is killed, crashes or throws ends with its last words; the others go on', async () => {
  for (const worker of [1, 2, 3, 4]) {
    port.postMessage({ start: worker })
    port.postMessage({ to: worker, post: 'hello' })
    await hear({ from: worker })
  }
  port.postMessage({ kill: 1 })
  await hear({ ended: 1 })
  port.postMessage({ to: 2, post: 'crash' })
  await hear({ ended: 2 })
  port.postMessage({ to: 3, post: 'reject' })
  await hear({ ended: 3, reason: 'ended with code 1' })
  expect(heard.find(({ ended }) => ended === 3)?.['lastWords']).toContain('nobody caught this')
  heard.length = 0
  port.postMessage({ to: 4, post: 'still here' })
  await hear({ from: 4 })
})

test('an unhandled rejection ends the core, its workers go with it, and a new core starts', async () => {
  port.postMessage({ start: 1 })
  port.postMessage({ to: 1, post: 'hello' })
  await hear({ from: 1 })
  expect(alive()).toHaveLength(2)
  port.postMessage('throw')
  await reached('ready', 2)
  expect(logged[0]).toContain('a fault in the core')
  await vi.waitFor(
    () => {
      expect(alive()).toHaveLength(1)
    },
    { timeout: 10_000 },
  )
})

test('only programs beside the core are started', async () => {
  const { WorkerHost } = await import('../../src/main/worker-host')
  const core = fakeElectron.utilities[0]
  const before = fakeElectron.utilities.length
  // The fake stands for Electron's process.
  const host = new WorkerHost(core as never, join(programs, 'utility-worker.mjs'))
  for (const program of ['../evil', '/bin/sh', 'Worker', '', 'a.js', '--inspect']) {
    host.start({ kind: 'start-worker', worker: 9, program })
  }
  expect(fakeElectron.utilities).toHaveLength(before)
})
