import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../src/shared/errors'
import {
  type CocoGroundTruth,
  type CocoResult,
  evaluateCoco,
  splitErrors,
} from '../src/shared/metrics'
import { seededRandom } from '../src/shared/random'
import { printTable } from './measure'

const IMAGES = 5_000
const DETECTIONS = 100
const CLASSES = 80

/** pycocotools 2.0.11 (Python 3.11, numpy 2.4, one thread) on this set, processor time alone: the server did other work too. */
const RECORDED = { seconds: 131.2, processorSeconds: 131.2 }

/**
 * Box evaluation of 5,000 images with 100 detections each, 80 classes. `python`: an interpreter with pycocotools, which
 * then evaluates the same set in the same run; without it, its recorded time stands beside ours.
 */
export function benchCocoEvaluation(python: string | undefined): void {
  const { truth, results } = syntheticSet()
  console.log(
    `COCO evaluation of boxes: ${IMAGES} images, ${truth.annotations.length} objects, ${results.length} detections, ${CLASSES} classes, one core\n`,
  )
  const runs = [1, 2, 3].map(() => timed(() => evaluateCoco(truth, results, { iouType: 'bbox' })))
  const ours = runs.reduce((a, b) => (b.seconds < a.seconds ? b : a))
  const errors = timed(() => splitErrors(truth, results, 'bbox'))
  const reference = python === undefined ? null : runReference(python, truth, results)
  const { seconds, processorSeconds } = reference ?? RECORDED
  const row = (name: string, time: number, cpu: number): string[] => [
    name,
    time.toFixed(2),
    cpu.toFixed(2),
    `${(processorSeconds / cpu).toFixed(1)} x`,
  ]
  printTable(
    ['', 'seconds', 'processor seconds', 'faster'],
    [
      row('patchwarden', ours.seconds, ours.processorSeconds),
      row(reference ? 'pycocotools, same run' : 'pycocotools, recorded', seconds, processorSeconds),
      row('patchwarden, kinds of error', errors.seconds, errors.processorSeconds),
    ],
  )
  if (!reference) {
    console.log(
      '\nThe time of pycocotools was recorded on another machine. To measure it here: bench coco-evaluation PYTHON',
    )
    return
  }
  const stats = Object.values(ours.value.stats) as number[]
  const difference = Math.max(...stats.map((value, i) => Math.abs(value - reference.stats[i]!)))
  console.log(`\nLargest difference of the twelve numbers: ${difference.toExponential(1)}`)
  if (!(difference <= 1e-9)) {
    throw new AppError(
      'E_BENCH_DIFFERS',
      `the twelve numbers differ from those of pycocotools by ${difference}`,
      'Up to 1e-9 is allowed: the evaluation or the reference has changed.',
    )
  }
}

function timed<T>(work: () => T) {
  const start = performance.now()
  const before = process.cpuUsage()
  const value = work()
  const { user, system } = process.cpuUsage(before)
  return {
    value,
    seconds: (performance.now() - start) / 1_000,
    processorSeconds: (user + system) / 1e6,
  }
}

interface Reference {
  readonly seconds: number
  readonly processorSeconds: number
  readonly stats: readonly number[]
}

const script = `
import contextlib, io, json, sys, time
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = json.load(open(sys.argv[1])); results = json.load(open(sys.argv[2]))
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO(); coco.dataset = truth; coco.createIndex()
    start, cpu = time.perf_counter(), time.process_time()
    run = COCOeval(coco, coco.loadRes(results), 'bbox')
    run.evaluate(); run.accumulate(); run.summarize()
print(json.dumps({'seconds': time.perf_counter() - start, 'processorSeconds': time.process_time() - cpu,
                  'stats': list(map(float, run.stats))}))
`

/** Reading the files is timed on neither side. */
function runReference(
  python: string,
  truth: CocoGroundTruth,
  results: readonly CocoResult[],
): Reference {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-bench-'))
  try {
    const paths = [join(folder, 'truth.json'), join(folder, 'results.json')] as const
    writeFileSync(paths[0], JSON.stringify(truth))
    writeFileSync(paths[1], JSON.stringify(results))
    const ended = spawnSync(python, ['-c', script, ...paths], {
      encoding: 'utf8',
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    })
    if (ended.status !== 0) {
      const lines = (ended.error?.message ?? ended.stderr).trim().split('\n')
      throw new AppError(
        'E_BENCH_REFERENCE',
        `${python} could not run pycocotools: ${lines[lines.length - 1] ?? ''}`,
        'Name an interpreter that has it: python -m pip install pycocotools==2.0.11',
      )
    }
    return JSON.parse(ended.stdout) as Reference // what the script above prints
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Rare and common classes, small and large objects, three in ten detections near an object, scores with ties. */
function syntheticSet(): { truth: CocoGroundTruth; results: CocoResult[] } {
  const random = seededRandom(5_000)
  const upTo = (most: number): number => Math.floor(random() * most)
  const box = (): [number, number, number, number] => {
    const [width, height] = [8 + random() * random() * 300, 8 + random() * random() * 220]
    return [random() * (640 - width), random() * (480 - height), width, height]
  }
  const images = Array.from({ length: IMAGES }, (_, i) => ({ id: i + 1, width: 640, height: 480 }))
  const categories = Array.from({ length: CLASSES }, (_, i) => ({ id: i + 1, name: `class ${i}` }))
  const annotations = []
  const results: CocoResult[] = []
  for (const { id: image_id } of images) {
    const first = annotations.length
    for (let k = 4 + upTo(8); k > 0; k--) {
      const bbox = box()
      annotations.push({
        id: annotations.length + 1,
        image_id,
        category_id: 1 + Math.floor(random() * random() * CLASSES),
        bbox,
        area: bbox[2] * bbox[3],
        iscrowd: random() < 0.02 ? 1 : 0,
      })
    }
    for (let k = 0; k < DETECTIONS; k++) {
      const near =
        random() < 0.3 ? annotations[first + upTo(annotations.length - first)] : undefined
      const [x, y, width, height] = near?.bbox ?? box()
      const shift = (): number => (near ? 0.3 * (random() - 0.5) : 0)
      results.push({
        image_id,
        category_id: near && random() < 0.85 ? near.category_id : 1 + upTo(CLASSES),
        bbox: [
          x + shift() * width,
          y + shift() * height,
          width * (1 + shift()),
          height * (1 + shift()),
        ],
        score: Math.round(random() * 10_000) / 10_000,
      })
    }
  }
  return { truth: { images, categories, annotations }, results }
}
