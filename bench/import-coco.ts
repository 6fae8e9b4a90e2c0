import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { seededRandom } from '../src/shared/random'
import type { BenchHost } from './host'
import { printTable } from './measure'

const IMAGES = 100_000
const BOXES_EACH = 6
const CLASSES = 80
const limits = { seconds: 60, megabytes: 500 }

/** What the program says of itself when the command has ended. */
interface Measured {
  readonly seconds: number
  readonly processorSeconds: number
  readonly megabytes: number
}

/** The built program in a process of its own: `import` as it is typed. */
const script = `
const [cli, packageRoot, ...args] = process.argv.slice(1)
const { main } = await import(cli)
const start = performance.now()
const code = await main(args, { packageRoot })
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({
  seconds: (performance.now() - start) / 1_000,
  processorSeconds: (user + system) / 1e6,
  megabytes: process.resourceUsage().maxRSS / 1024,
}))
process.exit(code)
`

/** The whole command `import` of a large COCO file, no picture of it at hand. */
export async function benchCocoImport(host: BenchHost): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-bench-'))
  try {
    const file = join(folder, 'instances.json')
    writeDocument(file)
    const cli = new URL('./cli.js', import.meta.url).href // built beside this file
    const args = ['import', file, '--dataset', 'large', '--project', join(folder, 'project')]
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, cli, host.locations.packageRoot, ...args],
      { maxBuffer: 2 ** 24 },
    )
    const { seconds, processorSeconds, megabytes } = JSON.parse(stdout) as Measured // printed by the script
    console.log(`\nimport of a COCO file: ${IMAGES} images, ${IMAGES * BOXES_EACH} boxes\n`)
    const row = (what: string, measured: number, limit: number): string[] => [
      what,
      measured.toFixed(0),
      `at most ${limit}`,
      measured <= limit ? 'ok' : 'NOT MET',
    ]
    printTable(
      ['what', 'measured', 'limit', ''],
      [
        row('seconds', seconds, limits.seconds),
        row('processor seconds', processorSeconds, limits.seconds),
        row('MB resident, peak', megabytes, limits.megabytes),
      ],
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Images, categories, annotations, in this order. */
function writeDocument(path: string): void {
  const random = seededRandom(1)
  const places = (value: number): number => Math.round(100 * value) / 100
  const file = openSync(path, 'w')
  const list = (key: string, count: number, element: (k: number) => object, end: string): void => {
    writeSync(file, `"${key}": [`)
    for (let from = 0; from < count; from += 1_000) {
      const some = Array.from({ length: Math.min(1_000, count - from) }, (_, k) =>
        JSON.stringify(element(from + k)),
      )
      writeSync(file, (from === 0 ? '' : ', ') + some.join(', '))
    }
    writeSync(file, `]${end}`)
  }
  writeSync(file, '{')
  const size = { width: 640, height: 480 }
  const image = (k: number) => ({ id: k + 1, ...size, file_name: `${k + 1}.jpg` })
  list('images', IMAGES, image, ', ')
  list('categories', CLASSES, (k) => ({ id: k + 1, name: `class ${k}` }), ', ')
  const annotation = (k: number) => {
    const [width, height] = [places(1 + 100 * random()), places(1 + 60 * random())]
    return {
      id: k + 1,
      image_id: 1 + Math.floor(k / BOXES_EACH),
      category_id: 1 + Math.floor(CLASSES * random()),
      bbox: [places(500 * random()), places(400 * random()), width, height],
      area: width * height,
      iscrowd: 0,
    }
  }
  list('annotations', IMAGES * BOXES_EACH, annotation, '}')
  closeSync(file)
}
