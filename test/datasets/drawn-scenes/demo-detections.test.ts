import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { demoScenes, type DemoScene, type PlacedPatch } from '../../../src/datasets/drawn-scenes'
import { segmentationFields } from '../../../src/defenses/segment-and-complete'
import { findPatches } from '../../../src/defenses/segment-and-complete/find-patches'
import { decodeImageBytes } from '../../../src/engine/images/decode-image'
import { openDetector } from '../../../src/engine/detector'
import { openModelStore } from '../../../src/engine/models/model-store'
import { renderSvg, toJpeg } from '../../../src/engine/images/render-svg'
import { createRunContext } from '../../../src/engine/run-context'
import { createModelHost } from '../../../src/engine/models/sessions'
import type { Detector, LoadedModel } from '../../../src/shared/plugin'
import type { Detection, RgbImage } from '../../../src/shared/vision'
import { temporaryFolder } from '../../engine/temporary-folder'

// The shipped models on the shipped scenes, as the demonstration runs them: JPEG and all.
const packageRoot = `${import.meta.dirname}/../../..`
const folder = temporaryFolder()
const run = () =>
  createRunContext({ signal: new AbortController().signal, seed: 0, digest: '0'.repeat(64) })

let detector: Detector
let segmenter: LoadedModel

beforeAll(async () => {
  const store = await openModelStore({ packageRoot, projectDir: folder, cacheDir: folder })
  const models = createModelHost({ store, threads: 1 })
  detector = await openDetector('patchwarden-nano', models)
  segmenter = await models.load('sac-lite')
})

async function picture({ scene }: DemoScene, patch?: PlacedPatch): Promise<RgbImage> {
  const overlays = patch ? [{ ...patch, png: Buffer.from(patch.png, 'base64') }] : []
  const jpeg = await toJpeg(await renderSvg(scene.svg, overlays), 95)
  return (await decodeImageBytes(jpeg, scene.name)).image
}

/** The picture with the place of the patch black: what is left when a patch is found exactly and removed. */
function blackedOut(image: RgbImage, { x, y, size }: PlacedPatch): RgbImage {
  const data = image.data.slice()
  for (let row = y; row < y + size; row += 1) {
    data.fill(0, 3 * (row * image.width + x), 3 * (row * image.width + x + size))
  }
  return { ...image, data }
}

function overlap(a: readonly number[], b: readonly number[]): number {
  const w = Math.max(0, Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!))
  const h = Math.max(0, Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!))
  const area = (q: readonly number[]) => (q[2]! - q[0]!) * (q[3]! - q[1]!)
  return (w * h) / (area(a) + area(b) - w * h)
}

/** Indices of the scene's objects that are named where they are, and how many detections name nothing there. */
function judge({ scene }: DemoScene, detections: readonly Detection[]) {
  const free = new Set(detections)
  const found: number[] = []
  scene.objects.forEach(({ box, label }, i) => {
    const best = [...free]
      .filter(({ classId }) => detector.classNames[classId] === label)
      .sort((a, b) => overlap(b.box, box) - overlap(a.box, box))[0]
    if (!best || overlap(best.box, box) < 0.45) return
    free.delete(best)
    found.push(i)
  })
  return { found, invented: free.size }
}

describe('the demonstration', () => {
  const shown = demoScenes()
  const patched = shown.flatMap((demo) => (demo.patch ? [{ demo, patch: demo.patch }] : []))

  test('finds most of what is in the scenes without a patch', async () => {
    let [found, there] = [0, 0]
    for (const demo of shown.filter(({ patch }) => !patch)) {
      found += judge(demo, await detector.detect(await picture(demo), run())).found.length
      there += demo.scene.objects.length
    }
    expect(found / there).toBeGreaterThan(0.7)
  })

  test('every patch hides or invents two objects or more, and what it hid is there again under black', async () => {
    let [hidden, back] = [0, 0]
    for (const { demo, patch } of patched) {
      const clean = judge(demo, await detector.detect(await picture(demo), run()))
      const image = await picture(demo, patch)
      const attacked = judge(demo, await detector.detect(image, run()))
      const removed = judge(demo, await detector.detect(blackedOut(image, patch), run()))
      const lost = clean.found.filter((i) => !attacked.found.includes(i))
      const damage = lost.length + Math.max(0, attacked.invented - clean.invented)
      expect(damage, demo.scene.name).toBeGreaterThanOrEqual(2)
      hidden += lost.length
      back += lost.filter((i) => removed.found.includes(i)).length
    }
    expect(hidden).toBeGreaterThanOrEqual(10)
    expect(back / hidden).toBeGreaterThanOrEqual(0.8)
  })

  test('the defense removes nine tenths of every patch, and next to nothing of the clean scenes', async () => {
    const settings = z.object(segmentationFields).parse({})
    for (const demo of shown) {
      const image = await picture(demo, demo.patch)
      const { bits } = (await findPatches(image, segmenter, settings, run())).completion.mask
      let [inside, outside] = [0, 0]
      const { x, y, size } = demo.patch ?? { x: 0, y: 0, size: 0 }
      bits.forEach((bit, i) => {
        const [dx, dy] = [(i % image.width) - x, Math.floor(i / image.width) - y]
        if (dx >= 0 && dx < size && dy >= 0 && dy < size) inside += bit
        else outside += bit
      })
      expect(inside, demo.scene.name).toBeGreaterThanOrEqual(0.9 * size * size)
      expect(outside / bits.length, demo.scene.name).toBeLessThan(demo.patch ? 0.01 : 0.0005)
    }
  })
})
