import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../src/shared/errors'
import type { BenchHost } from './host'
import { median, printTable } from './measure'

const FRAMES = 180
interface Row {
  readonly name: string
  /** Null: two canvases with nothing to draw, the limit of the browser itself. 0: the picture alone. */
  readonly shapes: number | null
  /** Every frame is drawn as exactly as one at rest. */
  readonly isDrawnAnew: boolean
}

const ROWS: readonly Row[] = [
  { name: 'none, nothing drawn', shapes: null, isDrawnAnew: false },
  { name: 'none, picture', shapes: 0, isDrawnAnew: false },
  { name: '500', shapes: 500, isDrawnAnew: false },
  { name: '5,000, each frame drawn anew', shapes: 5_000, isDrawnAnew: true },
  { name: '5,000', shapes: 5_000, isDrawnAnew: false },
]
/** A frame at 60 a second. */
const FRAME_MS = 1_000 / 60

interface Frames {
  readonly drawMs: number[]
  readonly intervalMs: number[]
  readonly boxes: number
}

/** Draws, pans and zooms in a real browser, at 1280x800. Needs a checkout and Chromium (PATCHWARDEN_CHROMIUM names another). */
export async function benchCanvas(host: BenchHost): Promise<void> {
  const page = join(host.locations.packageRoot, 'src/renderer/canvas/bench-page.ts')
  const browserPath = process.env['PATCHWARDEN_CHROMIUM'] ?? '/usr/bin/chromium'
  for (const needed of [page, browserPath]) {
    await access(needed).catch(() => {
      throw new AppError(
        'E_USAGE',
        `the canvas measurement needs ${needed}`,
        'Run it in a checkout, with Chromium installed or named by PATCHWARDEN_CHROMIUM.',
      )
    })
  }
  const folder = await mkdtemp(join(tmpdir(), 'patchwarden-canvas-'))
  try {
    const script = await buildPage(page, folder)
    const rows: string[][] = []
    await inBrowser(browserPath, script, async (measure) => {
      for (const row of ROWS) {
        host.signal.throwIfAborted()
        const { drawMs, intervalMs, boxes } = await measure(row)
        const late = intervalMs.filter((ms) => ms > 1.5 * FRAME_MS).length
        rows.push([
          row.name,
          String(boxes),
          ...[median(drawMs), quantile(drawMs, 0.95), Math.max(...drawMs), median(intervalMs)].map(
            (ms) => ms.toFixed(1),
          ),
          `${late} of ${intervalMs.length}`,
        ])
      }
    })
    console.log(
      'Pan and zoom over a picture with boxes, 1280x800, Chromium, milliseconds (limit 16)\n',
    )
    printTable(
      ['boxes', 'in sight', 'draw', 'draw p95', 'draw worst', 'frame', 'late frames'],
      rows,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function buildPage(entry: string, folder: string): Promise<string> {
  // Tools of a checkout: an installed program has neither of the two packages, and has refused before.
  const { build } = await import('vite')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      lib: { entry, formats: ['es'], fileName: () => 'page.js' },
    },
  })
  return readFile(join(folder, 'page.js'), 'utf8')
}

async function inBrowser(
  browserPath: string,
  script: string,
  use: (measure: (row: Row) => Promise<Frames>) => Promise<void>,
): Promise<void> {
  const { chromium } = await import('playwright-core')
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(
      isScript ? script : '<!doctype html><body><script type="module" src="/page.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has a port.
  const { port } = server.address() as AddressInfo
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForFunction('window.measureCanvas !== undefined')
    // What the page answers has the shape of `CanvasFrames`.
    await use(({ shapes, isDrawnAnew }) =>
      page.evaluate<Frames>(`measureCanvas(${shapes}, ${FRAMES}, ${isDrawnAnew})`),
    )
  } finally {
    await browser.close()
    server.close()
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
