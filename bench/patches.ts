import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defenses } from '../src/defenses'
import { shapeSets } from '../src/defenses/segment-and-complete/complete-product'
import { removePatches } from '../src/defenses/segment-and-complete/remove-patches'
import { decodeImage } from '../src/engine/images/decode-image'
import { openDetector } from '../src/engine/detector'
import { inpaint } from '../src/engine/images/inpaint'
import { openModelStore } from '../src/engine/models/model-store'
import { createRunContext } from '../src/engine/run-context'
import { createModelHost } from '../src/engine/models/sessions'
import { readRgba } from './read-rgba'
import { evaluateCoco } from '../src/shared/metrics/coco-evaluation'
import {
  type CocoGroundTruth,
  type CocoResult,
  parseCocoGroundTruth,
} from '../src/shared/metrics/coco-schema'
import { type Detector, parseParams, type RunContext } from '../src/shared/plugin'
import { seededRandom } from '../src/shared/random'
import { type Detection, maskArea, type Mask, type RgbImage } from '../src/shared/vision'
import type { BenchHost } from './host'
import { printTable } from './measure'
import { pastePatch, type PatchPicture } from './paste-patch'

/** Sides of the pasted patches, as shares of the photograph's short side. */
const SIZES = [0.12, 0.45] as const
const LARGEST_ANGLE = 0.35
/** Low enough that the precision curve is complete. */
const SCORE_FLOOR = 0.01

interface Variant {
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
}

interface Scene {
  readonly imageId: number
  readonly clean: RgbImage
  readonly patched: RgbImage
  readonly truth: Mask
}

/**
 * Real patches pasted on photographs: AP50 without patches, with patches, with patches removed by the true mask in
 * black, and with every variant of the defense; how much of the loss each gives back; and what its masks are worth.
 * `folder` is laid out as images/coco/{images,annotations.json} and patches/*.png.
 */
export async function benchPatches(folder: string, host: BenchHost): Promise<void> {
  const coco = join(folder, 'images', 'coco')
  const truth = await heldOut(join(coco, 'annotations.json'))
  const patches = await readPatches(join(folder, 'patches'))
  const models = createModelHost({
    store: await openModelStore(host.locations),
    threads: host.threads,
  })
  const detector = await openDetector(host.detector, models, SCORE_FLOOR)
  const plugin = defenses.get('segment-and-complete')
  if (!plugin) throw new TypeError('the defense segment-and-complete is gone')
  const wrap = (settings: Variant['settings']): Detector =>
    plugin.wrap(detector, parseParams(plugin.id, plugin.params, settings), { models, inpaint })

  const tables = new Map<string, Table>()
  const table = (name: string): Table => {
    const known = tables.get(name) ?? new Table()
    tables.set(name, known)
    return known
  }
  const variants = variantsOf(host.variants)
  const defended = variants.map((variant) => ({ variant, detector: wrap(variant.settings) }))
  const categoryOf = categoryIds(detector.classNames, truth)
  let done = 0
  for (const image of truth.images) {
    host.signal.throwIfAborted()
    const picture = await decodeImage(join(coco, 'images', image.file_name ?? ''))
    const scene = patchedScene(image.id, picture.image, truth, patches)
    const record = async (name: string, which: Detector, on: RgbImage): Promise<RunContext> => {
      const run = createRunContext({ signal: host.signal, seed: 0, digest: picture.sha256 })
      table(name).add(image.id, await which.detect(on, run), categoryOf)
      return run
    }
    await record('clean', detector, scene.clean)
    await record('patched', detector, scene.patched)
    const blackened = await removePatches(scene.patched, scene.truth, 'black', inpaint)
    await record('true mask, black', detector, blackened)
    await record('true mask, inpaint', detector, await inpaint(scene.patched, scene.truth))
    for (const { variant, detector: guarded } of defended) {
      const run = await record(variant.name, guarded, scene.patched)
      table(variant.name).addMask(run.trace.masks.get('completed'), scene.truth)
      const cleanRun = await record(`${variant.name}, no patch`, guarded, scene.clean)
      table(variant.name).addCleanMask(cleanRun.trace.masks.get('completed'))
    }
    if (++done % 40 === 0) process.stderr.write(`${done} of ${truth.images.length} photographs\n`)
  }
  const ap50 = (name: string): number =>
    100 * evaluateCoco(truth, table(name).results, { iouType: 'bbox' }).stats.AP50
  const [clean, patched, perfect] = ['clean', 'patched', 'true mask, black'].map(ap50) as [
    number,
    number,
    number,
  ]
  const inpainted = ap50('true mask, inpaint')
  console.log(
    `${host.detector} on ${truth.images.length} photographs, ${patches.length} real patches, ` +
      `${SIZES[0] * 100} to ${SIZES[1] * 100} % of the short side, one on the largest object of each\n`,
  )
  console.log(
    `AP50 clean ${clean.toFixed(1)}, patched ${patched.toFixed(1)}, true mask with black ${perfect.toFixed(1)}, ` +
      `true mask with inpainting ${inpainted.toFixed(1)}\n`,
  )
  printTable(
    [
      'defense',
      'AP50',
      'recovered',
      'AP50 clean',
      'IoU',
      'covered 90 %',
      'coverage',
      'surplus',
      'clean marked',
      'clean removed',
    ],
    variants.map(({ name }) => {
      const masks = table(name)
      const value = ap50(name)
      return [
        name,
        value.toFixed(1),
        ((value - patched) / (perfect - patched)).toFixed(2),
        ap50(`${name}, no patch`).toFixed(1),
        mean(masks.ious).toFixed(3),
        `${(100 * mean(masks.coverages.map((c) => (c >= 0.9 ? 1 : 0)))).toFixed(0)} %`,
        mean(masks.coverages).toFixed(3),
        mean(masks.surpluses).toFixed(3),
        `${(100 * mean(masks.cleanShares.map((s) => (s > 0.0005 ? 1 : 0)))).toFixed(1)} %`,
        `${(100 * mean(masks.cleanShares)).toFixed(3)} %`,
      ]
    }),
  )
  console.log(
    '\nrecovered: (defended - patched) / (true mask in black - patched). IoU, coverage and surplus (share of the true area)' +
      '\nof the completed mask, mean over photographs. Clean: the same photographs without a patch.',
  )
}

class Table {
  readonly results: CocoResult[] = []
  readonly ious: number[] = []
  readonly coverages: number[] = []
  readonly surpluses: number[] = []
  readonly cleanShares: number[] = []

  add(imageId: number, detections: readonly Detection[], categoryOf: readonly number[]): void {
    for (const {
      box: [x1, y1, x2, y2],
      score,
      classId,
    } of detections) {
      const category = categoryOf[classId]
      if (category === undefined) continue
      this.results.push({
        image_id: imageId,
        category_id: category,
        bbox: [x1, y1, x2 - x1, y2 - y1],
        score,
      })
    }
  }

  addMask(mask: Mask | undefined, truth: Mask): void {
    if (!mask) throw new TypeError('the defense left no mask')
    let [both, either] = [0, 0]
    for (let i = 0; i < mask.bits.length; i++) {
      both += mask.bits[i]! & truth.bits[i]!
      either += mask.bits[i]! | truth.bits[i]!
    }
    const area = maskArea(truth)
    this.ious.push(both / either)
    this.coverages.push(both / area)
    this.surpluses.push((either - area) / area)
  }

  addCleanMask(mask: Mask | undefined): void {
    if (!mask) throw new TypeError('the defense left no mask')
    this.cleanShares.push(maskArea(mask) / mask.bits.length)
  }
}

/** The default, which inpaints; with `all` also every shape set in black, then one setting changed at a time. */
function variantsOf(which: 'default' | 'all'): Variant[] {
  const standard = { name: 'default', settings: {} }
  if (which === 'default') return [standard]
  return [
    standard,
    ...shapeSets.map((shapes) => ({
      name: `${shapes}, black`,
      settings: { shapes, fill: 'black' },
    })),
    { name: 'default shapes, mean', settings: { fill: 'mean' } },
    ...[0.5, 1, 2].map((grow) => ({
      name: `turned, grow ${grow}`,
      settings: { shapes: 'turned-rectangles', grow },
    })),
    ...[0.5, 0.65, 0.75].map((certainty) => ({
      name: `certainty ${certainty}`,
      settings: { certainty },
    })),
    ...[0.01, 0.016, 0.03].map((minEvidence) => ({
      name: `least evidence ${(100 * minEvidence).toFixed(1)} %`,
      settings: { minEvidence },
    })),
    ...[0.4, 0.5, 0.75, 0.9].map((threshold) => ({
      name: `threshold ${threshold}`,
      settings: { threshold },
    })),
    ...[0, 0.7, 0.9].map((minFill) => ({ name: `least fill ${minFill}`, settings: { minFill } })),
    {
      name: 'published sizes, squares, black',
      settings: { shapes: 'squares', sizes: [100, 75, 50, 25], fill: 'black' },
    },
    {
      name: 'exact, published sizes, black',
      settings: { mode: 'exact', sizes: [100, 75, 50, 25], fill: 'black' },
    },
    {
      name: 'compatible, published sizes, black',
      settings: { mode: 'compatible', sizes: [100, 75, 50, 25], fill: 'black' },
    },
  ]
}

/** Detectors were trained on train2017: only photographs of val2017 are measured on. */
async function heldOut(path: string): Promise<CocoGroundTruth> {
  const document: unknown = JSON.parse(await readFile(path, 'utf8'))
  const truth = parseCocoGroundTruth(document)
  // A field of this data set, beside what COCO knows.
  const { images } = document as { images: readonly { id: number; coco_split?: string }[] }
  const ids = new Set(images.filter((image) => image.coco_split === 'val2017').map(({ id }) => id))
  return {
    ...truth,
    images: truth.images.filter(({ id }) => ids.has(id)),
    annotations: truth.annotations.filter(({ image_id: id }) => ids.has(id)),
  }
}

/** One patch on the largest object of the photograph; which one, how large and how turned is drawn by the image's id. */
function patchedScene(
  imageId: number,
  image: RgbImage,
  truth: CocoGroundTruth,
  patches: readonly PatchPicture[],
): Scene {
  const random = seededRandom(imageId)
  const patch = patches[Math.floor(random() * patches.length)]!
  const short = Math.min(image.width, image.height)
  const size = short * (SIZES[0] + random() * (SIZES[1] - SIZES[0]))
  const angle = random() < 0.5 ? 0 : (2 * random() - 1) * LARGEST_ANGLE
  const boxes = truth.annotations.flatMap(({ image_id: id, bbox }) =>
    id === imageId && bbox ? [bbox] : [],
  )
  const area = ([, , width = 0, height = 0]: readonly number[]): number => width * height
  const largest = boxes.sort((a, b) => area(b) - area(a))[0] ?? [0, 0, image.width, image.height]
  const [left = 0, top = 0, boxWidth = 0, boxHeight = 0] = largest
  const keepInside = (centre: number, length: number): number =>
    Math.min(Math.max(centre, size / 2), length - size / 2)
  const placement = {
    x: keepInside(left + boxWidth * (0.3 + 0.4 * random()), image.width),
    y: keepInside(top + boxHeight * (0.3 + 0.4 * random()), image.height),
    size,
    angle,
  }
  const pasted = pastePatch(image, patch, placement)
  return { imageId, clean: image, patched: pasted.image, truth: pasted.truth }
}

async function readPatches(folder: string): Promise<PatchPicture[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort()
  return Promise.all(names.map(async (name) => ({ name, ...(await readRgba(join(folder, name))) })))
}

function categoryIds(classNames: readonly string[], truth: CocoGroundTruth): number[] {
  const ids = new Map(truth.categories.map(({ id, name }) => [name, id]))
  return classNames.map((name) => ids.get(name) ?? -1)
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
