import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { electronBinary } from '../../build/electron-binary.js'
import { buildDesktop } from '../../build/desktop-build.js'

const packageRoot = fileURLToPath(new URL('../../', import.meta.url))

/** The packaged app where there is one, else Electron on the built checkout; undefined: neither can be had. */
export async function findApp(): Promise<Launch | undefined> {
  if (electronBinary() === undefined) return undefined
  const packaged = await packagedExecutable()
  if (packaged !== undefined) return { executablePath: packaged, args: [] }
  await buildDesktop(packageRoot)
  return { executablePath: electronBinary()!, args: [packageRoot] }
}

interface Launch {
  readonly executablePath: string
  readonly args: readonly string[]
}

async function packagedExecutable(): Promise<string | undefined> {
  const output = join(packageRoot, 'out', 'package')
  const names = existsSync(output) ? await readdir(output) : []
  const candidates = names.flatMap((name) => [
    join(output, name, 'patchwarden'),
    join(output, name, 'Patchwarden.exe'),
    join(output, name, 'Patchwarden.app', 'Contents', 'MacOS', 'Patchwarden'),
  ])
  return candidates.find((path) => existsSync(path))
}

/** One user's computer: folders of their own for the project and for what the app remembers. */
export class Desk {
  readonly folder: string
  readonly #launch: Launch

  private constructor(folder: string, launch: Launch) {
    this.folder = folder
    this.#launch = launch
  }

  static async prepare(launch: Launch): Promise<Desk> {
    return new Desk(await mkdtemp(join(tmpdir(), 'patchwarden-smoke-')), launch)
  }

  /** Starts the app; faults of its page are collected in `faults`. */
  async start(): Promise<{ app: ElectronApplication; page: Page; faults: string[] }> {
    const app = await _electron.launch({
      executablePath: this.#launch.executablePath,
      args: [...this.#launch.args, `--user-data-dir=${join(this.folder, 'user')}`],
      env: {
        ...definedVariables(),
        PATCHWARDEN_PROJECT: join(this.folder, 'project'),
        XDG_DATA_HOME: this.folder,
        XDG_CACHE_HOME: this.folder,
      },
    })
    const page = await app.firstWindow()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    await page.waitForLoadState('load')
    await page.evaluate(listenForCore)
    return { app, page, faults }
  }

  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function definedVariables(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([, value]) => value !== undefined)
  // The undefined ones have just been left out.
  return Object.fromEntries(entries) as Record<string, string>
}

interface SmokeWindow {
  corePort?: MessagePort
  patchwardenDesktop: { connectCore(): Promise<unknown> }
}

/** In the page: takes part in each connection to the core beside the page itself, with call ids of its own. */
async function listenForCore(): Promise<void> {
  // The page's window has what the preload put there.
  const smoke = window as unknown as SmokeWindow
  window.addEventListener('message', ({ data, ports }) => {
    if (data === 'patchwarden:core-port' && ports[0]) smoke.corePort = ports[0]
  })
  await smoke.patchwardenDesktop.connectCore()
}

/** Calls a procedure of the core from the page. */
export async function call(page: Page, name: string, input: unknown): Promise<unknown> {
  const answer = await page.evaluate(
    async ([procedure, payload]) => {
      const smoke = window as unknown as SmokeWindow
      const until = Date.now() + 30_000
      while (!smoke.corePort && Date.now() < until) await new Promise((r) => setTimeout(r, 50))
      const port = smoke.corePort
      if (!port) throw new Error('no core')
      const id = 1_000_000_000 + Math.floor(Math.random() * 1e9)
      return new Promise((resolve) => {
        port.addEventListener(
          'message',
          ({ data }: MessageEvent<{ id?: number; answer?: unknown }>) => {
            if (data.id === id) resolve(data.answer)
          },
        )
        port.start()
        port.postMessage({ kind: 'call', id, name: procedure, input: payload })
      })
    },
    [name, input] as const,
  )
  // Every answer of the core has this form.
  const told = answer as { ok: boolean; value?: unknown; error?: { code: string; message: string } }
  if (!told.ok) throw new Error(`${name}: ${told.error?.code ?? ''} ${told.error?.message ?? ''}`)
  return told.value
}

/** Waits until a job of the core is done. */
export async function finishJob(page: Page, id: number): Promise<void> {
  for (let k = 0; k < 600; k++) {
    const { job } = (await call(page, 'jobs.get', { id })) as { job: { state: string } }
    if (job.state === 'done') return
    if (['failed', 'cancelled', 'interrupted'].includes(job.state))
      throw new Error(`job: ${job.state}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the job took too long')
}
