import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
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
import type { CertificateRecord } from '../src/shared/certificate-record'
import { parseClassifierCard } from '../src/shared/plugin/classifier-card'
import { seededRandom } from '../src/shared/random'
import type { RgbImage } from '../src/shared/vision'
import type { BenchHost } from './host'
import { median, printTable, quickest } from './measure'

const ROUNDS = 15
const PATCHES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

/**
 * What certifying costs beside the model that it asks, and what a table of votes costs. With the folder of CIFAR-10 test
 * pictures (`test-1000.bin.gz`): clean and certified accuracy of the column classifier.
 */
export async function benchCertificates(
  [folder]: readonly string[],
  host: BenchHost,
): Promise<void> {
  const models = createModelHost({ store: await openModelStore(host.locations), threads: 1 })
  const open = async (model: string, method: string): Promise<Certification> => {
    const loaded = await models.load(model)
    const card = parseClassifierCard(loaded.card)
    const certifier = certifierFor(method)
    const params = certifierSettings(certifier, card, {})
    return { certifier, params, card, model: sampleModel(loaded, card) }
  }
  const columns = await open('cifar10-columns', 'derandomized-smoothing')
  measureTables()
  const scene = await decodeImageBytes(await renderSvg(drawScene(1).svg), 'scene')
  const tile = cropOf(scene.image, [0, 0, 32, 32])
  const crop = cropOf(scene.image, [0, 0, 160, 120])
  const crops = await open('crops-columns', 'derandomized-smoothing')
  const splitting = await open('cifar10-splitting', 'splitting-noise')
  console.log(
    '\nA certificate beside its bare model runs, one thread, processor milliseconds (limit 1.2)\n',
  )
  printTable(
    ['model', 'method', 'samples', 'bare', 'certificate', 'ratio'],
    [
      await besideBareRuns(columns, tile, host.signal),
      await besideBareRuns(crops, crop, host.signal),
      await besideBareRuns(splitting, tile, host.signal),
    ],
  )
  if (folder !== undefined) await accuracy(columns, folder, host.signal)
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
  for (let round = -1; round < ROUNDS; round++) {
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

async function accuracy(
  certification: Certification,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { card } = certification
  const bytes = gunzipSync(readFileSync(join(folder, 'test-1000.bin.gz')))
  const size = 1 + 3 * 1024
  const right: CertificateRecord[] = []
  const pictures = Math.floor(bytes.length / size)
  for (let n = 0; n < pictures; n++) {
    const row = bytes.subarray(size * n, size * (n + 1))
    // From planes to pixels.
    const data = Uint8Array.from(
      { length: 3072 },
      (_, i) => row[1 + (i % 3) * 1024 + Math.floor(i / 3)]!,
    )
    const record = await certifyPicture(
      certification,
      { data, width: 32, height: 32 },
      '',
      {},
      { signal },
    )
    if (record && record.class === card.classes[row[0]!]) right.push(record)
  }
  const share = (is: (record: CertificateRecord) => boolean): string =>
    `${((100 * right.filter(is).length) / pictures).toFixed(1)} %`
  console.log(
    `\n${card.id}, ${pictures} test pictures of CIFAR-10: right ${share(() => true)}; right and certified\n`,
  )
  printTable(
    ['patch', 'by the worst place', 'by each place'],
    PATCHES.map((patch) => [
      `${patch}x${patch}`,
      share(({ details = {} }) => Number(details['modelRadius']) >= patch),
      share(({ radius = 0 }) => radius >= patch),
    ]),
  )
}
