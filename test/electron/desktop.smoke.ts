import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ElectronApplication, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DesktopBridge } from '../../src/shared/desktop'
import { call, Desk, findApp, finishJob } from './app'

// Real Electron, real core, real models. What needs no Electron is tested in test/main.

const launch = await findApp()
if (!launch) console.log('skipped: Electron is not installed here (npx install-electron)')

declare global {
  interface Window {
    readonly patchwardenDesktop?: DesktopBridge
  }
}

describe.skipIf(!launch)('the desktop app', () => {
  let desk: Desk
  let app: ElectronApplication
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    desk = await Desk.prepare(launch!)
    await mkdir(join(desk.folder, 'photos'))
    for (let k = 0; k < 6; k++) {
      const noise = { type: 'gaussian' as const, mean: 128, sigma: 20 + k }
      await sharp({ create: { width: 320, height: 240, channels: 3, background: 'grey', noise } })
        .jpeg()
        .toFile(join(desk.folder, 'photos', `photo-${k}.jpg`))
    }
    ;({ app, page, faults } = await desk.start())
  })
  afterAll(async () => {
    await app.close()
    await desk.clear()
  })

  test('shows one window with our page, served under our policy', async () => {
    expect(page.url()).toMatch(/^app:\/\/bundle\/index\.html/)
    expect(app.windows()).toHaveLength(1)
    const policy = await page.evaluate(async () => {
      const response = await fetch('./index.html')
      return response.headers.get('content-security-policy')
    })
    expect(policy).toContain("default-src 'none'")
    expect(await page.locator('body').innerText()).not.toBe('')
  })

  test('gives the page the bridge and nothing of Node', async () => {
    const found = await page.evaluate(() => [
      typeof window.patchwardenDesktop?.connectCore,
      'require' in window,
      'process' in window,
      'ipcRenderer' in window,
    ])
    expect(found).toEqual(['function', false, false, false])
  })

  test('keeps the page off the network, off other pages and off new windows', async () => {
    const outcome = await page.evaluate(async () => {
      const fetched = await fetch('https://example.org/').then(
        () => 'reached',
        () => 'refused',
      )
      const opened = window.open('https://example.org/')
      location.href = 'https://example.org/'
      await new Promise((resolve) => setTimeout(resolve, 500))
      return [fetched, opened === null, location.origin]
    })
    expect(outcome).toEqual(['refused', true, 'app://bundle'])
    // The refusals above were asked for.
    faults.length = 0
  })

  test('refuses a file that a script made', async () => {
    const answer = await page.evaluate(() =>
      window.patchwardenDesktop?.grantFiles([new File(['x'], 'x.jpg')]),
    )
    expect(answer).toMatchObject({ ok: false, error: { code: 'E_FILE_WITHOUT_PATH' } })
  })

  test('imports a folder that the user chose, and shows its pictures', async () => {
    await app.evaluate(
      ({ dialog }, folder) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] })
      },
      join(desk.folder, 'photos'),
    )
    const chosen = await page.evaluate(() => window.patchwardenDesktop?.chooseFolder('import'))
    if (chosen?.ok !== true || !chosen.value) throw new Error('no grant')
    const grant = chosen.value.id
    expect(await call(page, 'import.preview', { grant })).toMatchObject({ images: 6 })
    const { jobId } = (await call(page, 'import.start', { grant, name: 'photos' })) as {
      jobId: number
    }
    await finishJob(page, jobId)
    const { total, ids } = (await call(page, 'images.ids', {})) as { total: number; ids: number[] }
    expect(total).toBe(6)
    const { cards } = (await call(page, 'images.cards', { ids })) as {
      cards: { id: number; version: string }[]
    }
    const card = cards[0]!
    const drawn = await page.evaluate(async ({ id, version }) => {
      const image = new Image()
      image.crossOrigin = 'anonymous'
      image.src = `image://project/${id}/thumbnail?v=${encodeURIComponent(version)}`
      await image.decode()
      const context = new OffscreenCanvas(1, 1).getContext('2d')
      context?.drawImage(image, 0, 0)
      // Throws where the canvas is tainted.
      return [image.naturalWidth > 0, context?.getImageData(0, 0, 1, 1).data.length]
    }, card)
    expect(drawn).toEqual([true, 4])
  })

  test('runs a defended detector in worker processes, and stops within a second', async () => {
    const { ids } = (await call(page, 'images.ids', {})) as { ids: number[] }
    const order = {
      images: { ids },
      detector: 'patchwarden-nano',
      defense: { id: 'segment-and-complete', params: {} },
    }
    const first = (await call(page, 'runs.start', order)) as { jobId: number }
    await finishJob(page, first.jobId)
    const again = (await call(page, 'runs.start', { ...order, seed: 2 })) as { jobId: number }
    const before = Date.now()
    await call(page, 'jobs.cancel', { id: again.jobId }).catch(() => undefined)
    expect(Date.now() - before).toBeLessThan(2_000)
  })

  test('outlives a killed core', async () => {
    const pid = await app.evaluate(({ app: running }) => {
      const core = running.getAppMetrics().find(({ name }) => name === 'Patchwarden core')
      return core?.pid
    })
    if (pid === undefined) throw new Error('no core')
    process.kill(pid, 'SIGKILL')
    await page.waitForFunction(
      async () => {
        const status = await window.patchwardenDesktop?.coreStatus()
        return status?.ok === true && status.value.state === 'ready'
      },
      undefined,
      { timeout: 20_000 },
    )
    await sleep(500)
    expect(await call(page, 'images.ids', {})).toMatchObject({ total: 6 })
  })

  test('lets one instance run', async () => {
    const { executablePath, args } = launch!
    const userData = `--user-data-dir=${join(desk.folder, 'user')}`
    const code = await new Promise((resolve) => {
      execFile(executablePath, [...args, userData], { timeout: 30_000 }, (error) => {
        resolve(error?.code ?? 0)
      })
    })
    expect(code).toBe(0)
    expect(app.windows()).toHaveLength(1)
  })

  test('comes back after it was closed, with its project and its window', async () => {
    await app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 40, width: 1_200, height: 700 })
    })
    await sleep(1_000)
    expect(faults).toEqual([])
    await app.close()
    ;({ app, page, faults } = await desk.start())
    expect(await call(page, 'images.ids', {})).toMatchObject({ total: 6 })
    const size = await app.evaluate(({ BrowserWindow }) => {
      const { width, height } = BrowserWindow.getAllWindows()[0]!.getBounds()
      return [width, height]
    })
    expect(size).toEqual([1_200, 700])
  })

  test('leaves updates alone until it is asked', async () => {
    const state = await page.evaluate(() => window.patchwardenDesktop?.updateState())
    expect(state).toMatchObject({ ok: true, value: { wanted: false } })
    expect(faults).toEqual([])
  })
})
