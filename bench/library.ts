import { type ChildProcess, spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { rgbToPng } from '../src/engine/images/encode-png'
import type { Answer, Input, Output, ProcedureName } from '../src/shared/api'
import type { ImportRecord } from '../src/shared/dataset'
import { AppError } from '../src/shared/errors'
import { openProject } from '../src/store'
import type { BenchHost } from './host'
import { scrollLibrary } from './library-page'
import { printTable } from './measure'

const IMAGES = 100_000
const IN_A_FOLDER = 1_000
/** Files that are really there; thumbnails of the others say that they are missing. */
const FILES = 400
const SERVES_WITHIN_MS = 120_000

type Row = (what: string, ms: number, limit?: string) => void

/** The Library of a project of 100,000 pictures: the service alone, then in a real browser. Needs a checkout and Chromium. */
export async function benchLibrary(host: BenchHost): Promise<void> {
  const browserPath = process.env['PATCHWARDEN_CHROMIUM'] ?? '/usr/bin/chromium'
  const program = join(host.locations.packageRoot, 'bin/patchwarden.js')
  for (const needed of [program, browserPath]) {
    await access(needed).catch(() => {
      throw new AppError(
        'E_USAGE',
        `the library measurement needs ${needed}`,
        'Run it in a checkout, with Chromium installed or named by PATCHWARDEN_CHROMIUM.',
      )
    })
  }
  const folder = await mkdtemp(join(tmpdir(), 'patchwarden-library-'))
  try {
    await fillProject(folder)
    const rows: string[][] = []
    const row: Row = (what, ms, limit = '') => rows.push([what, `${ms.toFixed(0)} ms`, limit])
    const began = performance.now()
    await using service = await serve(program, folder)
    row('serve: command to address', performance.now() - began)
    const atStart = await residentMiB(service.pid)
    await measureCalls(service, row)
    await measureCancel(service, host.detector, row)
    await scrollLibrary(browserPath, service.url, row)
    console.log(`A project of ${IMAGES} pictures, its service and the Library in Chromium\n`)
    printTable(['what', 'measured', 'wanted'], rows)
    const atEnd = await residentMiB(service.pid)
    if (atStart !== null && atEnd !== null) {
      console.log(`\nmemory of the service: ${atStart} MiB at first, ${atEnd} MiB in the end`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fillProject(folder: string): Promise<void> {
  const root = join(folder, 'pictures')
  // Each another one: the same content is not computed twice.
  const picture = (k: number) => ({
    ...{ width: 320, height: 240 },
    data: Uint8Array.from({ length: 3 * 320 * 240 }, (_, at) => (at * 7 + k * (at % 5)) & 255),
  })
  for (let k = 0; k < FILES; k += IN_A_FOLDER) {
    await mkdir(join(root, folderOf(k)), { recursive: true })
  }
  for (let k = 0; k < FILES; k++) {
    await writeFile(join(root, fileOf(k)), await rgbToPng(picture(k)))
  }
  await using project = await openProject(join(folder, 'project'))
  await project.datasets.import({ name: 'many', importer: 'folder', root }, records())
}

/** Names out of their order, as several cameras leave them. */
const folderOf = (k: number): string => `part ${Math.floor(k / IN_A_FOLDER)}`
const fileOf = (k: number): string => `${folderOf(k)}/IMG_${(k * 7_919) % IMAGES}.png`

function* records(): Generator<ImportRecord> {
  yield { kind: 'category', category: { sourceId: '0', name: 'person' } }
  for (let k = 0; k < IMAGES; k++) {
    const imageId = String(k)
    const size = { width: 320, height: 240 }
    const file = fileOf(k)
    yield {
      kind: 'image',
      image: { sourceId: imageId, file, ...size, split: null, attributes: {} },
    }
    const box = [10, 10, 60, 120] as const
    const about = { sourceId: null, categoryId: '0', area: 7_200, isCrowd: false, attributes: {} }
    yield { kind: 'object', imageId, object: { ...about, box } }
  }
}

interface Served extends AsyncDisposable {
  readonly url: string
  readonly pid: number
}

async function serve(program: string, folder: string): Promise<Served> {
  const child = spawn(process.execPath, [program, 'serve', '--port', '0'], {
    env: {
      ...process.env,
      PATCHWARDEN_PROJECT: join(folder, 'project'),
      // Its own settings: those of the user stay out of it.
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve()
    })
  })
  return {
    url: await addressOf(child),
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await ended
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const fail = (): void => {
      child.kill('SIGKILL')
      reject(new Error(`serve did not say where it is; it said "${said}"`))
    }
    const timer = setTimeout(fail, SERVES_WITHIN_MS)
    child.on('close', fail)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (!said.includes('\n')) return
      clearTimeout(timer)
      child.off('close', fail)
      resolve(said.trim())
    })
  })
}

/** Asks the service over HTTP, as the page does. */
async function ask<N extends ProcedureName>(
  { url }: Served,
  name: N,
  input: Input<N>,
): Promise<Output<N>> {
  const { origin, searchParams } = new URL(url)
  const response = await fetch(`${origin}/api/${name}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${searchParams.get('token') ?? ''}`,
    },
    body: JSON.stringify(input),
  })
  const answer = (await response.json()) as Answer<Output<N>> // in the form of the procedure's schema
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.message}`)
  return answer.value
}

/** What the Library asks for; each is asked for the first time and then again. */
async function measureCalls(service: Served, row: Row): Promise<void> {
  const call = async <N extends ProcedureName>(name: N, input: Input<N>): Promise<number> => {
    const start = performance.now()
    await ask(service, name, input)
    return performance.now() - start
  }
  const window = { from: 50_000, limit: 2_000 }
  const byName = { order: { by: 'name' as const }, ...window }
  row('ids, first window', await call('images.ids', { limit: 2_000 }))
  row('ids, a window in the middle', await call('images.ids', window))
  row('order by name, first time', await call('images.ids', byName), '1,000')
  row('order by name, again', await call('images.ids', byName))
  await call('images.setStatus', { selection: { ids: [7] }, status: 'reviewed' })
  row('order by name, after an edit', await call('images.ids', byName))
  row('search of names', await call('images.ids', { filter: { text: 'IMG_99' } }), '200')
  row('count of a class', await call('images.count', { filter: { class: ['person'] } }), '200')
  row('facets', await call('images.facets', {}), '200')
  const ids = Array.from({ length: 100 }, (_, k) => 50_000 + k)
  row('100 cards', await call('images.cards', { ids, overlay: true }))
}

/** Stops a run that is under way. */
async function measureCancel(service: Served, detector: string, row: Row): Promise<void> {
  const { ids } = await ask(service, 'images.ids', { limit: FILES })
  const { jobId } = await ask(service, 'runs.start', {
    images: { ids },
    detector,
    defense: { id: 'segment-and-complete', params: {} },
  })
  const job = async () => (await ask(service, 'jobs.get', { id: jobId })).job
  while ((await job()).done < 3) await sleep(50)
  const start = performance.now()
  await ask(service, 'jobs.cancel', { id: jobId })
  row('cancel of a run: acknowledged', performance.now() - start, '100')
  while (!['cancelled', 'failed', 'done'].includes((await job()).state)) await sleep(20)
  row('cancel of a run: effective', performance.now() - start, '1,000')
}

/** Null where the system does not tell. */
async function residentMiB(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1]
  return kib === undefined ? null : Math.round(Number(kib) / 1024)
}
