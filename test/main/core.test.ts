import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Answer, Input, Output, ProcedureName } from '../../src/shared/api'
import type { Answer as DesktopAnswer, Grant } from '../../src/shared/desktop'
import { DesktopApp } from '../../src/main/desktop-app'
import type { FakePort } from '../support/fake-electron/message-ports'
import { fakeElectron, invokeFrom, resetElectron } from '../support/fake-electron'

// The desktop with its real core and its real workers, as processes of the built program; only Electron is not real.

const program = process.env['PATCHWARDEN_PROGRAM']
if (program === undefined) console.log('skipped: PATCHWARDEN_PROGRAM does not name a build')

describe.skipIf(program === undefined)('the desktop with its core', () => {
  let folder: string
  let app: DesktopApp
  let port: FakePort
  let nextId = 1

  beforeAll(async () => {
    resetElectron()
    folder = await realpath(await mkdtemp(join(tmpdir(), 'core-')))
    await mkdir(join(folder, 'photos'))
    for (let k = 0; k < 3; k++) {
      const noise = { type: 'gaussian' as const, mean: 128, sigma: 20 + k }
      await sharp({ create: { width: 96, height: 64, channels: 3, background: 'grey', noise } })
        .jpeg()
        .toFile(join(folder, 'photos', `photo-${k}.jpg`))
    }
    vi.stubEnv('PATCHWARDEN_PROJECT', join(folder, 'project'))
    vi.stubEnv('XDG_DATA_HOME', folder)
    vi.stubEnv('XDG_CACHE_HOME', folder)
    const programs = fileURLToPath(`${program ?? ''}/`)
    fakeElectron.app.becomeReady()
    app = new DesktopApp(
      {
        bundleFolder: folder,
        preload: join(folder, 'preload.cjs'),
        coreEntry: join(programs, 'core.js'),
        workerEntry: join(programs, 'utility-worker.js'),
        packageRoot: fileURLToPath(new URL('../../', import.meta.url)),
        updateSource: join(folder, 'app-update.yml'),
        preferences: join(folder, 'preferences.json'),
        windowState: join(folder, 'window.json'),
        log: join(folder, 'main.log'),
      },
      { loadUpdater: () => Promise.reject(new Error('never loaded')) },
    )
    app.start()
    await ask('core:connect')
    await connected(1)
  })
  afterAll(async () => {
    await app.stop()
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  const contents = () => {
    const [first] = fakeElectron.contents
    if (!first) throw new Error('no page')
    return first
  }
  const ask = (channel: string, payload?: unknown) =>
    invokeFrom(contents(), contents().mainFrame, channel, payload)

  /** Waits until the page was given its n-th connection, and takes it. */
  async function connected(times: number): Promise<void> {
    const ports = () => contents().sent.flatMap((sent) => sent.ports)
    await vi.waitFor(
      () => {
        expect(ports()).toHaveLength(times)
      },
      { timeout: 30_000, interval: 50 },
    )
    port = ports()[times - 1]!
    port.start()
  }

  /** Calls a procedure as the page does. */
  async function call<N extends ProcedureName>(name: N, input: Input<N>): Promise<Output<N>> {
    const id = nextId++
    const answered = new Promise<Answer<Output<N>>>((resolve) => {
      const listen = ({ data }: { data: { id?: number; answer?: Answer<Output<N>> } }): void => {
        if (data.id !== id || !data.answer) return
        port.off('message', listen)
        resolve(data.answer)
      }
      port.on('message', listen)
    })
    port.postMessage({ kind: 'call', id, name, input })
    const answer = await answered
    if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.message}`)
    return answer.value
  }

  const done = (id: number) =>
    vi.waitFor(
      async () => {
        const { job } = await call('jobs.get', { id })
        expect(job.state).toBe('done')
      },
      { timeout: 60_000, interval: 100 },
    )

  test('imports a dropped folder and shows its pictures by id', async () => {
    // The channel's own answer.
    const dropped = (await ask('grants:files', {
      paths: [join(folder, 'photos')],
    })) as DesktopAnswer<Grant>
    if (!dropped.ok) throw new Error(dropped.error.message)
    const grant = dropped.value.id
    expect(await call('import.preview', { grant })).toMatchObject({ images: 3, refusal: null })
    const { jobId } = await call('import.start', { grant, name: 'photos' })
    await done(jobId)
    const { ids, total } = await call('images.ids', {})
    expect(total).toBe(3)
    const { cards } = await call('images.cards', { ids })
    const { id, version } = cards[0]!
    const picture = await fakeElectron.defaultSession.load(
      `image://project/${id}/thumbnail?v=${version}`,
    )
    expect(picture.status).toBe(200)
    const { width } = await sharp(await picture.arrayBuffer()).metadata()
    expect(width).toBe(96)
    expect((await fakeElectron.defaultSession.load('image://project/999/full?v=1')).status).toBe(
      404,
    )
  })

  test('a grant that was never given is refused', async () => {
    const grant = '3b1c1a70-0000-4000-8000-000000000000'
    await expect(call('import.preview', { grant })).rejects.toThrow('E_GRANT_UNKNOWN')
  })

  test('runs a defended detector in utility processes', async () => {
    const { ids } = await call('images.ids', {})
    const { jobId, run } = await call('runs.start', {
      images: { ids },
      detector: 'patchwarden-nano',
      defense: { id: 'segment-and-complete', params: {} },
    })
    await done(jobId)
    const names = fakeElectron.utilities.map(({ serviceName }) => serviceName)
    expect(names).toContain('Patchwarden worker')
    const { result } = await call('image.result', { id: ids[0]!, run: run.id })
    expect(result?.stages.length).toBeGreaterThan(0)
  })

  test('a core that was killed comes back with the project, and its workers are gone', async () => {
    const [core] = fakeElectron.utilities
    core?.crash()
    await connected(2)
    expect(await call('images.ids', {})).toMatchObject({ total: 3 })
    await vi.waitFor(
      () => {
        const left = fakeElectron.utilities.filter(({ pid }) => pid !== undefined)
        expect(left.filter(({ serviceName }) => serviceName === 'Patchwarden core')).toHaveLength(1)
      },
      { timeout: 10_000 },
    )
  })
})
