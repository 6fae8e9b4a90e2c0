import { AppError } from '../src/shared/errors'
import { benchCanvas } from './canvas'
import { benchCertificates } from './certificates'
import { benchCocoEvaluation } from './coco-evaluation'
import { benchCompletion } from './completion'
import type { BenchHost } from './host'
import { benchImport } from './import'
import { benchLibrary } from './library'
import { benchMasking } from './masking'
import { benchModels } from './models'
import { benchPatches } from './patches'
import { benchPipeline } from './pipeline'
import { benchStore } from './store'
import { benchThroughput } from './throughput'

interface Bench {
  readonly summary: string
  /** Measurements that need data are run only when named. */
  readonly needsData: boolean
  readonly knowsJson?: boolean
  run(paths: readonly string[], host: BenchHost): void | Promise<void>
}

export const benches: Readonly<Record<string, Bench>> = {
  completion: { summary: 'shape completion alone', needsData: false, run: benchCompletion },
  'coco-evaluation': {
    summary: 'COCO evaluation of 5,000 images; may name a Python with pycocotools',
    needsData: false,
    run: ([python]) => {
      benchCocoEvaluation(python)
    },
  },
  canvas: {
    summary:
      'frames of the picture with 5,000 boxes in a real browser; needs a checkout and Chromium',
    needsData: true,
    run: (_paths, host) => benchCanvas(host),
  },
  certificates: {
    summary:
      'smoothing certificates beside bare model runs; accuracy too with folders of test pictures of CIFAR-10 and MNIST',
    needsData: false,
    run: benchCertificates,
  },
  import: {
    summary: 'files a second of an import, beside a loop that only hashes',
    needsData: false,
    run: benchImport,
  },
  library: {
    summary:
      'a project of 100,000 pictures in the service and in a real browser; needs a checkout and Chromium',
    needsData: true,
    run: (_paths, host) => benchLibrary(host),
  },
  masking: {
    summary: 'ObjectSeeker: bookkeeping beside detector calls, certificates beside bitmaps',
    needsData: false,
    run: benchMasking,
  },
  pipeline: {
    summary: 'the defended pipeline beside its bare models',
    needsData: false,
    run: benchPipeline,
  },
  models: {
    summary: 'the shipped models: size, multiply-adds, time, memory',
    needsData: false,
    knowsJson: true,
    run: (_paths, host) => benchModels(host),
  },
  store: {
    summary: 'a project of 100,000 images and 600,000 boxes: import, open, pages, filters, memory',
    needsData: false,
    run: benchStore,
  },
  throughput: {
    summary: 'photographs a second and memory; needs a folder of photographs',
    needsData: true,
    run: benchThroughput,
  },
  patches: {
    summary:
      'real patches on photographs, AP50 and masks; needs the folder with images/coco and patches',
    needsData: true,
    run: ([folder], host) => {
      if (folder === undefined) {
        throw new AppError(
          'E_USAGE',
          'the patches measurement needs its data',
          'Name the folder: bench patches FOLDER',
        )
      }
      return benchPatches(folder, host)
    },
  },
}

/** Runs one measurement and prints it. */
export async function runBench(
  name: string,
  paths: readonly string[],
  host: BenchHost,
): Promise<void> {
  const bench = benches[name]
  if (!bench) {
    const known = Object.entries(benches).map(([id, { summary }]) => `${id} (${summary})`)
    throw new AppError(
      'E_USAGE',
      `there is no measurement "${name}"`,
      `Choose one of ${known.join(', ')}.`,
    )
  }
  if (host.json && !bench.knowsJson) {
    const those = Object.entries(benches).filter(([, { knowsJson }]) => knowsJson)
    throw new AppError(
      'E_USAGE',
      `the measurement "${name}" does not print JSON`,
      `--json is for ${those.map(([id]) => id).join(', ')}.`,
    )
  }
  await bench.run(paths, host)
}
