import { columnAblation } from '../src/certificates/derandomized-smoothing/ablation'
import {
  isCertified,
  largestCertifiedPatch,
  locationMap,
  votesOf,
} from '../src/certificates/derandomized-smoothing/certificate'
import { marginBudget } from '../src/certificates/vote-margin'
import { drawScene } from '../src/datasets/drawn-scenes'
import { type Certification, certifyPicture } from '../src/engine/certify-smoothing/certify-picture'
import { certifierFor, certifierSettings } from '../src/engine/certify-smoothing/certifier-settings'
import { cropOf, modelPicture } from '../src/engine/certify-smoothing/model-picture'
import { sampleModel } from '../src/engine/certify-smoothing/sample-model'
import { decodeImageBytes } from '../src/engine/images/decode-image'
import { renderSvg } from '../src/engine/images/render-svg'
import { openModelStore } from '../src/engine/models/model-store'
import { createModelHost } from '../src/engine/models/sessions'
import { parseClassifierCard } from '../src/shared/plugin/classifier-card'
import { seededRandom } from '../src/shared/random'
import { AppError } from '../src/shared/errors'
import type { RgbImage } from '../src/shared/vision'
import type { BenchHost } from './host'
import { patchAccuracy, radiusAccuracy } from './certified-accuracy'
import {
  type LabelledPicture,
  type PictureSet,
  readTestPictures,
  spread,
} from './labelled-pictures'
import { median, printTable, quickest } from './measure'

/** Rounds of about so many samples in all, but a few at least. */
const SAMPLES = 3_000
const ROUNDS = { least: 5, most: 15 }
/** Of the methods that take hundreds of samples a picture, so many test pictures. */
const SAMPLED_PICTURES = 200

type Open = (
  model: string,
  method: string,
  params?: Readonly<Record<string, unknown>>,
) => Promise<Certification | null>

/**
 * What certifying costs beside the model that it asks, and what a table of votes costs. With folders of test pictures of
 * CIFAR-10 or MNIST: clean and certified accuracy of the shipped classifiers on them.
 */
export async function benchCertificates(
  folders: readonly string[],
  host: BenchHost,
): Promise<void> {
  const sets = folders.map(readTestPictures)
  const models = createModelHost({ store: await openModelStore(host.locations), threads: 1 })
  const open: Open = async (model, method, given = {}) => {
    const loaded = await models.load(model).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'E_MODEL_UNKNOWN') throw error
      return null
    })
    if (loaded === null) {
      console.log(`left out: there is no model ${model} here`)
      return null
    }
    const card = parseClassifierCard(loaded.card)
    const certifier = certifierFor(method)
    const params = certifierSettings(certifier, card, given)
    return { certifier, params, card, model: sampleModel(loaded, card) }
  }
  measureTables()
  await measureRuns(open, host.signal)
  for (const { set, pictures } of sets) await measureAccuracy(open, set, pictures, host.signal)
}

async function measureRuns(open: Open, signal: AbortSignal): Promise<void> {
  const scene = await decodeImageBytes(await renderSvg(drawScene(1).svg), 'scene')
  const tile = cropOf(scene.image, [0, 0, 32, 32])
  const crop = cropOf(scene.image, [0, 0, 160, 120])
  const few = { selection: 100, estimation: 900 }
  console.log(
    '\nA certificate beside its bare model runs, one thread, processor milliseconds (limit 1.2)\n',
  )
  const all: [Certification | null, RgbImage][] = [
    [await open('cifar10-columns', 'derandomized-smoothing'), tile],
    [await open('crops-columns', 'derandomized-smoothing'), crop],
    [await open('cifar10-splitting', 'splitting-noise'), tile],
    [await open('mnist-ablation', 'randomized-ablation', few), tile],
    [await open('cifar10-gaussian', 'gaussian-smoothing', few), tile],
  ]
  const rows: string[][] = []
  for (const [certification, image] of all) {
    if (certification !== null) rows.push(await besideBareRuns(certification, image, signal))
  }
  printTable(['model', 'method', 'samples', 'bare', 'certificate', 'ratio'], rows)
}

async function measureAccuracy(
  open: Open,
  set: PictureSet,
  pictures: readonly LabelledPicture[],
  signal: AbortSignal,
): Promise<void> {
  const some = spread(pictures, SAMPLED_PICTURES)
  const few = spread(pictures, SAMPLED_PICTURES / 2)
  const sampled = { selection: 100, estimation: 1_000 }
  if (set === 'MNIST') {
    const digits = await open('mnist-ablation', 'randomized-ablation', sampled)
    if (digits) await radiusAccuracy(digits, few, [1, 2, 4, 6, 8, 10, 12], signal)
    return
  }
  const columns = await open('cifar10-columns', 'derandomized-smoothing')
  if (columns) await patchAccuracy(columns, pictures, signal)
  const splitting = await open('cifar10-splitting', 'splitting-noise')
  const distances = [0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4]
  if (splitting) await radiusAccuracy(splitting, some, distances, signal)
  const noisy = await open('cifar10-gaussian', 'gaussian-smoothing', sampled)
  if (noisy) await radiusAccuracy(noisy, few, [0.25, 0.5, 0.75], signal)
}

/** Certificates for every size of patch and the map over its places, from a table of votes. */
function measureTables(): void {
  console.log('From a table of votes, milliseconds (limit 1)\n')
  const rows = [
    { width: 32, classes: 10, band: 4 },
    { width: 64, classes: 37, band: 8 },
  ].map(({ width, classes, band }) => {
    const random = seededRandom(width)
    const table = Array.from({ length: width }, () =>
      random() < 0.7 ? [0] : [Math.floor(random() * classes)],
    )
    const ablation = columnAblation({ length: width, band, stride: 1 })
    const work = () => {
      const votes = votesOf(table, classes)
      const budget = marginBudget(votes)
      const bySize = Array.from({ length: width }, (_, i) => isCertified(budget, ablation, i + 1))
      const largest = largestCertifiedPatch(budget, ablation)
      return [bySize, locationMap(table, votes, ablation, Math.min(width, largest + 1))]
    }
    return [`${width} columns, ${classes} classes`, quickest(work).toFixed(3)]
  })
  printTable(['table', 'every size and map'], rows)
}

/** Processor time of this process, which other work on the machine stretches less than the clock's. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** The whole way of a picture against its model runs alone, on the same samples in the same batches, one by one in turn. */
async function besideBareRuns(
  certification: Certification,
  image: RgbImage,
  signal: AbortSignal,
): Promise<string[]> {
  const { certifier, params, card, model } = certification
  const { picture } = modelPicture(card, image)
  const job = { params, shape: picture, classes: model.classes }
  const { total, sample } = certifier.plan(job)
  const batch = 64
  const batches: Float32Array[] = []
  for (let from = 0; from < total; from += batch) {
    batches.push(certifier.samples(picture, job, from, Math.min(total, from + batch)))
  }
  const each = sample.channels * sample.height * sample.width
  const times = { bare: [] as number[], whole: [] as number[] }
  const rounds = Math.min(ROUNDS.most, Math.max(ROUNDS.least, Math.round(SAMPLES / total)))
  for (let round = -1; round < rounds; round++) {
    const start = processorMs()
    for (const samples of batches) await model.answer(samples, samples.length / each, sample)
    const middle = processorMs()
    await certifyPicture(certification, image, '', {}, { signal })
    const end = processorMs()
    if (round < 0) continue // the first warms up
    times.bare.push(middle - start)
    times.whole.push(end - middle)
  }
  const ratios = times.whole.map((ms, i) => ms / times.bare[i]!)
  return [
    card.id,
    certifier.id,
    String(total),
    median(times.bare).toFixed(1),
    median(times.whole).toFixed(1),
    median(ratios).toFixed(2),
  ]
}
