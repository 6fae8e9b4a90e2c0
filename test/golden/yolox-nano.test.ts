import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { defenses } from '../../src/defenses'
import { decodeImage } from '../../src/engine/images/decode-image'
import { openDetector } from '../../src/engine/detector'
import { inpaint } from '../../src/engine/images/inpaint'
import { openModelStore } from '../../src/engine/models/model-store'
import { createRunContext } from '../../src/engine/run-context'
import { createModelHost } from '../../src/engine/models/sessions'
import { evaluateCoco } from '../../src/shared/metrics/coco-evaluation'
import {
  type CocoGroundTruth,
  type CocoResult,
  parseCocoGroundTruth,
} from '../../src/shared/metrics/coco-schema'
import { type Detector, parseParams } from '../../src/shared/plugin'
import { hasSharedData, needsSharedData, sharedData } from '../support/shared-data'
import { permanentFolder } from '../support/permanent-folder'

// yolox-nano on the val2017 photographs, evaluated by our own COCO evaluation (which the fixtures of pycocotools check).
describe.skipIf(!hasSharedData)(`yolox-nano on 240 photographs${needsSharedData}`, () => {
  let truth: CocoGroundTruth
  const bare: CocoResult[] = []
  const defended: CocoResult[] = []
  let untouched = 0
  let untouchedAndEqual = 0

  beforeAll(async () => {
    const folder = join(sharedData, 'images/coco')
    truth = heldOut(JSON.parse(readFileSync(join(folder, 'annotations.json'), 'utf8')))
    const home = permanentFolder('golden')
    const packageRoot = fileURLToPath(new URL('../../', import.meta.url))
    const store = await openModelStore({ packageRoot, projectDir: home, cacheDir: home })
    const models = createModelHost({ store, threads: 1 })
    const detector = await openDetector(
      join(sharedData, 'models/yolox-nano/model.onnx'),
      models,
      0.01,
    )
    const plugin = defenses.get('segment-and-complete')!
    const guarded = plugin.wrap(detector, parseParams(plugin.id, plugin.params, {}), {
      models,
      inpaint,
    })
    const ids = new Map(truth.categories.map(({ id, name }) => [name, id]))
    for (const { id, file_name: file = '' } of truth.images) {
      const { image, sha256 } = await decodeImage(join(folder, 'images', file))
      const found = async (which: Detector) => {
        const run = createRunContext({
          signal: new AbortController().signal,
          seed: 0,
          digest: sha256,
        })
        const detections = await which.detect(image, run)
        const results = detections.map(({ box: [x1, y1, x2, y2], score, classId }) => ({
          image_id: id,
          category_id: ids.get(which.classNames[classId] ?? '') ?? 0,
          bbox: [x1, y1, x2 - x1, y2 - y1],
          score,
        }))
        return { results, cleaned: run.trace.image }
      }
      const alone = await found(detector)
      const behind = await found(guarded)
      bare.push(...alone.results)
      defended.push(...behind.results)
      if (behind.cleaned === image) {
        untouched++
        if (JSON.stringify(alone.results) === JSON.stringify(behind.results)) untouchedAndEqual++
      }
    }
  }, 300_000)

  test('AP50 on the first 200 is the published 0.48', () => {
    const first = new Set(truth.images.slice(0, 200).map(({ id }) => id))
    const part = {
      ...truth,
      images: truth.images.filter(({ id }) => first.has(id)),
      annotations: truth.annotations.filter(({ image_id: id }) => first.has(id)),
    }
    const results = bare.filter(({ image_id: id }) => first.has(id))
    const { AP50 } = evaluateCoco(part, results, { iouType: 'bbox' }).stats
    expect(AP50).toBeGreaterThan(0.47)
    expect(AP50).toBeLessThan(0.49)
  })

  test('the defense costs at most half a point on photographs without a patch', () => {
    const ap50 = (results: readonly CocoResult[]) =>
      evaluateCoco(truth, results, { iouType: 'bbox' }).stats.AP50
    expect(ap50(defended)).toBeGreaterThan(ap50(bare) - 0.005)
  })

  test('where nothing is found the picture and the detections are those of the bare detector', () => {
    expect(untouched).toBeGreaterThan(150)
    expect(untouchedAndEqual).toBe(untouched)
  })
})

function heldOut(document: unknown): CocoGroundTruth {
  const all = parseCocoGroundTruth(document)
  const { images } = document as { images: { id: number; coco_split?: string }[] } // a field of this data set
  const ids = new Set(images.filter((image) => image.coco_split === 'val2017').map(({ id }) => id))
  return {
    ...all,
    images: all.images.filter(({ id }) => ids.has(id)),
    annotations: all.annotations.filter(({ image_id: id }) => ids.has(id)),
  }
}
