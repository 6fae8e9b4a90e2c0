import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportNow } from '../src/service/export-job'
import type { ImportRecord } from '../src/shared/dataset'
import { type ImageFilter, openProject, type Project } from '../src/store'
import { printTable, quickest } from './measure'

const IMAGES = 100_000
const BOXES_EACH = 6
/** Pictures that each of the two runs has done. */
const RUN_IMAGES = 20_000
const CLASSES = 80
const HEAD = ['what', 'measured', 'limit', '']

/** A synthetic project in a temporary folder: what the figures for large projects speak of. */
export async function benchStore(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-bench-'))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<void> {
  console.log(`A project of ${IMAGES} images and ${IMAGES * BOXES_EACH} boxes\n`)
  const rows: string[][] = []
  const row = (
    what: string,
    measured: number,
    unit: string,
    limit: number,
    atLeast = false,
  ): void => {
    const holds = atLeast ? measured >= limit : measured <= limit
    const sign = atLeast ? 'at least' : 'at most'
    rows.push([
      what,
      `${round(measured)} ${unit}`,
      `${sign} ${limit} ${unit}`,
      holds ? 'ok' : 'NOT MET',
    ])
  }
  const before = process.memoryUsage.rss()
  const first = await openProject(folder)
  const cpu = process.cpuUsage()
  const importMs = await timed(() =>
    first.datasets.import({ name: 'synthetic', importer: 'bench', root: '/bench' }, records()),
  )
  const { user, system } = process.cpuUsage(cpu)
  row('import', importMs / 1_000, 's', 60)
  row('import, processor time', (user + system) / 1e6, 's', 40)
  row(
    'rows imported',
    (IMAGES * (1 + BOXES_EACH) + IMAGES / 5) / (importMs / 1_000),
    '/s',
    20_000,
    true,
  )
  row('memory that the import took', (peakBytes() - before) / 2 ** 20, 'MiB', 500)
  const runsMs = await timed(() => fillRuns(first))
  row('results of runs stored', (2 * RUN_IMAGES) / (runsMs / 1_000), '/s', 500, true)
  row(
    'comparison of two runs',
    (await timed(() => first.comparisons.compare(1, 2))) / 1_000,
    's',
    60,
  )
  await first.close()

  const opening = performance.now()
  await using project = await openProject(folder)
  row('open', performance.now() - opening, 'ms', 2_000)
  await measureReading(project, row)
  row('file', statSync(join(folder, 'project.sqlite')).size / 2 ** 20, 'MiB', 1_024)
  printTable(HEAD, rows)
}

const FILTERS: Readonly<Record<string, ImageFilter>> = {
  'data set': { dataset: 1 },
  split: { split: ['val'] },
  class: { class: ['class 7'] },
  'two classes': { class: ['class 7', 'class 8'] },
  label: { label: ['tench'] },
  'patch present': { patch: true },
  'patch absent': { patch: false },
  'patch status': { patchStatus: ['imported'] },
  'missing file': { file: ['missing'] },
  'found by a run': { found: { run: 1, class: 'class 3' } },
  'score range': { found: { run: 1, minScore: 0.85, maxScore: 0.95 } },
  'changed by the defense': { changed: { base: 1, other: 2 } },
  'text in names': { text: 'photo' },
  'text, one picture': { text: 'photo 99999' },
  'text, class and folder': { text: 'class night' },
  'large ones that exclude each other': { patch: true, split: ['val'], label: ['tench'] },
  'five at once': {
    class: ['class 7'],
    split: ['train'],
    patch: false,
    text: 'day',
    label: ['tench'],
  },
}

type Row = (what: string, measured: number, unit: string, limit: number) => void

async function measureReading(project: Project, row: Row): Promise<void> {
  const middle = project.images.ids({}, { after: String(IMAGES / 2), limit: 1 }).rows[0]?.id ?? 0
  for (const [what, page] of [
    ['first page of 100', { limit: 100 }],
    ['page in the middle', { limit: 100, after: String(middle) }],
    ['last page', { limit: 100, backward: true }],
  ] as const) {
    row(
      what,
      quickest(() => project.images.list({}, page)),
      'ms',
      20,
    )
  }
  row(
    'facets',
    quickest(() => project.images.facets(1)),
    'ms',
    200,
  )
  row(
    'objects of a class',
    quickest(() => project.objects({ class: 'class 5' })),
    'ms',
    20,
  )
  row(
    'detections, best first',
    quickest(() => project.detections({ run: 1 })),
    'ms',
    20,
  )
  row(
    'changes, largest first',
    quickest(() => project.comparisons.changes(1, 2)),
    'ms',
    20,
  )
  for (const [what, filter] of Object.entries(FILTERS)) {
    // First and last page, and the count, which goes through all that there is.
    const list = quickest(() => project.images.list(filter))
    const last = quickest(() => project.images.list(filter, { backward: true }))
    const count = quickest(() => project.images.count(filter))
    row(`filter: ${what}`, Math.max(list, last, count), 'ms', 200)
  }
  const patches = project.patches({}, { limit: 100 }).rows.map(({ id }) => id)
  row(
    'accept 100 patches',
    await timed(() => {
      project.edits.setPatchStatus(patches, 'accepted')
    }),
    'ms',
    200,
  )
  row('undo it', await timed(() => project.undoLog.undo()), 'ms', 200)
  await measureExport(project, row)
}

async function measureExport(project: Project, row: Row): Promise<void> {
  const cpu = process.cpuUsage()
  const request = { subject: { dataset: 1 }, filter: {}, format: 'coco', params: {} }
  const target = { out: join(project.folder, 'export.json'), copyImages: false, replace: false }
  await exportNow(project, { ...request, ...target }, { onLosses: () => undefined })
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (user + system) / 1e6
  row(
    'export as COCO, processor time for 1,000 images',
    (1_000 * seconds) / (IMAGES / 1_000),
    'ms',
    300,
  )
}

function* records(): Generator<ImportRecord> {
  for (let k = 0; k < CLASSES; k++) {
    yield { kind: 'category', category: { sourceId: String(k), name: `class ${k}` } }
  }
  for (let k = 0; k < IMAGES; k++) {
    const imageId = String(k)
    yield {
      kind: 'image',
      image: {
        sourceId: imageId,
        file: `${k % 7 === 0 ? 'night' : 'day'}/photo_${k}.jpg`,
        width: 640,
        height: 480,
        split: k % 10 === 0 ? 'val' : 'train',
        // No picture of the split `val` has this label: the filter that asks for both goes through all of them.
        label: { index: k % 2, name: k % 2 === 1 ? 'tench' : 'goldfish' },
        attributes: {},
      },
    }
    for (let j = 0; j < BOXES_EACH; j++) {
      const [width, height] = [20 + j, 30 + (k % 50)]
      yield {
        kind: 'object',
        imageId,
        object: {
          sourceId: null,
          categoryId: String((k * 7 + j * j * 5) % CLASSES),
          box: [(k % 500) + j, j * 40, width, height],
          area: width * height,
          isCrowd: false,
          attributes: {},
        },
      }
    }
    if (k % 5 !== 0) continue
    const box = [5, 5, 60, 60] as const
    const patch = { sourceId: null, box, name: null, target: null, attributes: {} }
    yield { kind: 'patch', imageId, patch }
  }
}

/** Two runs over the first pictures, of which the second answers every tenth one differently. */
async function fillRuns(project: Project): Promise<void> {
  const classNames = Array.from({ length: CLASSES }, (_, k) => `class ${k}`)
  for (const name of ['bare', 'defended']) {
    const order = { name, kind: 'detect', manifest: {}, classNames, total: RUN_IMAGES }
    const run = project.runs.start(order)
    let stored: Promise<unknown>[] = []
    for (let memberId = 1; memberId <= RUN_IMAGES; memberId++) {
      const shift = name === 'defended' && memberId % 10 === 0 ? 0.05 : 0
      const detections = [0, 1, 2].map((j) => ({
        box: [j * 50, 10, j * 50 + 40, 60] as const,
        score: ((memberId + j * 31) % 90) / 100 + shift,
        classId: (memberId + j) % CLASSES,
      }))
      const result = { key: `${name} ${memberId}`, memberId, file: `${memberId}.jpg`, detections }
      stored.push(
        project.runs.storeResult(run, {
          ...result,
          masks: {},
          notes: {},
          warnings: [],
          stages: [],
        }),
      )
      if (stored.length < 500) continue
      await Promise.all(stored)
      stored = []
    }
    await Promise.all(stored)
    project.runs.finish(run, 'finished')
  }
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function round(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

/** The most that this process has had in memory so far. */
function peakBytes(): number {
  try {
    const own = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (own !== undefined) return 1_024 * Number(own)
  } catch {
    // Elsewhere the system's own figure has to do.
  }
  return 1_024 * process.resourceUsage().maxRSS
}
