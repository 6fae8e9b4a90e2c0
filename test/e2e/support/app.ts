import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { permanentFolder } from '../../support/permanent-folder'
import { drawScenes } from './scenes'
import { chromiumPath, type Faults, launchChromium, watchFaults } from './pages'
import { type Service, startService } from './service'

export interface AppOptions {
  /** Drawn scenes that are in the project from the start, as the data set "Scenes". None: an empty project. */
  readonly scenes?: number
  /** Also defend them, with a bare run to compare with. */
  readonly defended?: boolean
  /** Further arguments of `serve`. */
  readonly args?: readonly string[]
}

export interface OpenOptions {
  readonly theme?: 'dark' | 'light' | 'hc'
  readonly width?: number
  readonly height?: number
}

export interface App {
  readonly service: Service
  /** Folder for the files of a test. */
  readonly folder: string
  readonly project: string
  /** Opens the app in a browser of its own, at an address such as `#/runs`. */
  open(hash?: string, options?: OpenOptions): Promise<Page>
  /** Faults that this page is allowed. */
  allow(page: Page, pattern: RegExp): void
  /** Starts the service again over the same project, after a test has ended it. */
  restart(): Promise<void>
}

/** `describe`, left out with a message where there is no Chromium. */
export function describeApp(name: string, body: () => void): void {
  if (chromiumPath === undefined) {
    describe.skip(`${name} (needs Chromium; set PATCHWARDEN_CHROMIUM to its path)`, body)
  } else describe(name, body)
}

/**
 * A service over a temporary project and a browser, for all tests of a `describeApp`. After every test its pages are
 * closed, and it fails if one of them had an error in the console, an exception or a violation of the policy.
 */
export function useApp(options: AppOptions = {}): App {
  const folder = permanentFolder('e2e')
  const project = join(folder, 'project')
  const home = join(folder, 'home')
  let service: Service | undefined
  let browser: Browser | undefined
  const opened = new Map<Page, { context: BrowserContext; faults: Faults }>()

  beforeAll(async () => {
    mkdirSync(home, { recursive: true })
    browser = await launchChromium()
    service = await startService({ project, home, args: options.args ?? [] })
    if (options.scenes) await fill(service, folder, options)
  })

  afterEach(async () => {
    const faults = [...opened.values()].flatMap((one) => one.faults.all)
    for (const { context } of opened.values()) await context.close()
    opened.clear()
    expect(faults).toEqual([])
  })

  afterAll(async () => {
    await browser?.close()
    await service?.stop()
  })

  const running = (): Service => {
    if (!service) throw new Error('The service runs from beforeAll on')
    return service
  }

  return {
    get service() {
      return running()
    },
    folder,
    project,
    async open(hash = '', { theme = 'dark', width = 1440, height = 900 } = {}) {
      if (!browser) throw new Error('The browser runs from beforeAll on')
      await running().call('settings.set', { theme })
      const context = await browser.newContext({ viewport: { width, height } })
      const page = await context.newPage()
      opened.set(page, { context, faults: await watchFaults(page) })
      // The token becomes a cookie, and goes from the address; the place stays.
      await page.goto(running().url + hash)
      await page.waitForSelector('main h1')
      return page
    },
    allow(page, pattern) {
      opened.get(page)?.faults.expect(pattern)
    },
    async restart() {
      service = await startService({ project, home, args: options.args ?? [] })
    },
  }
}

/** The wanted scenes as a data set, defended where that is wanted. */
async function fill(service: Service, folder: string, options: AppOptions): Promise<void> {
  const scenes = await drawScenes(join(folder, 'scenes'), options.scenes ?? 0)
  const grant = await uploadFolder(service, scenes)
  const { jobId } = await service.call('import.start', { grant, name: 'Scenes' })
  await ended(service, jobId)
  if (!options.defended) return
  const { datasets } = await service.call('datasets.list', {})
  const dataset = datasets[0]?.id ?? 0
  const { models } = await service.call('models.list', {})
  const detector = models.find((model) => model.task === 'detect' && model.available)
  if (!detector) throw new Error('No detector is shipped')
  const started = await service.call('runs.start', {
    images: { filter: { dataset } },
    detector: detector.id,
    defense: { id: 'segment-and-complete', params: {} },
    alsoBare: true,
  })
  for (const id of [started.bareJobId, started.jobId]) if (id !== null) await ended(service, id)
}

/** Hands files over as a browser does. */
export async function uploadFolder(
  service: Service,
  files: readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[],
): Promise<string> {
  let grant = ''
  for (const { name, bytes } of files) {
    const query = new URLSearchParams({ name, batch: 'scenes' })
    const response = await fetch(`${service.origin}/upload?${query.toString()}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${service.token}`,
        'content-type': 'application/octet-stream',
      },
      body: bytes,
    })
    // The service answers every upload in this form.
    const answer = (await response.json()) as { ok: boolean; value?: { grant: string } }
    if (!answer.value) throw new Error(`${name} was refused: ${JSON.stringify(answer)}`)
    grant = answer.value.grant
  }
  return grant
}

/** Waits for the end of a job. @throws Error if it failed */
export async function ended(service: Service, jobId: number): Promise<void> {
  for (;;) {
    const { job } = await service.call('jobs.get', { id: jobId })
    if (job.state === 'done') return
    if (job.state === 'failed' || job.state === 'cancelled') {
      throw new Error(`${job.name} is ${job.state}: ${job.error?.message ?? ''}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export { expectAccessible } from './pages'
