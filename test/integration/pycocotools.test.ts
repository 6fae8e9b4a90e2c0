import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import cocoExporter from '../../src/datasets/coco/exporter'
import cocoResults from '../../src/datasets/coco-results'
import { writeExport } from '../../src/engine/export/write-export'
import type { ContentImage, ContentObject, DatasetContent } from '../../src/shared/dataset'
import { type CocoGroundTruth, type CocoResult, evaluateCoco } from '../../src/shared/metrics'
import type { Report } from '../../src/shared/plugin'
import { seededRandom } from '../../src/shared/random'
import { detectionMaskName } from '../../src/shared/report/detection-masks'
import { boxToRle, polygonsToRle, type Rle, rleArea, rleToText } from '../../src/shared/vision'
import { temporaryFolder } from '../support/program'

// The real tool opens what we export, and agrees with what we compute on it.

/** PATCHWARDEN_PYTHON names an interpreter with pycocotools; else it is looked for where people have it. */
const python = [process.env['PATCHWARDEN_PYTHON'], 'python3', 'python'].find(
  (name) =>
    name !== undefined && spawnSync(name, ['-c', 'import pycocotools.cocoeval']).status === 0,
)

const script = `
import json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
import io, contextlib
answer = {}
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(sys.argv[1])
    answer['images'] = len(truth.getImgIds())
    answer['annotations'] = len(truth.getAnnIds())
    answer['areas'] = [int(truth.annToMask(a).sum()) for a in truth.loadAnns(truth.getAnnIds())]
    for kind in ('bbox', 'segm'):
        run = COCOeval(truth, truth.loadRes(sys.argv[2]), kind)
        run.evaluate(); run.accumulate(); run.summarize()
        answer[kind] = list(map(float, run.stats))
print(json.dumps(answer))
`

const frame = { width: 200, height: 150 }
const random = seededRandom(20)
const upTo = (most: number): number => Math.floor(random() * most)

function randomBox(): [number, number, number, number] {
  const [width, height] = [10 + upTo(90), 10 + upTo(60)]
  return [upTo(frame.width - width), upTo(frame.height - height), width, height]
}

/** Outlines, masks and crowds; no bare boxes, which pycocotools cannot evaluate as masks. */
function object(id: number): ContentObject {
  const box = randomBox()
  const [x, y, width, height] = box
  const [right, bottom] = [x + width, y + height]
  // A corner is cut off.
  const outline = [x, y, right, y, right, bottom, x + 0.3 * width, bottom, x, y + 0.7 * height]
  const shape = id % 4 < 2 ? { polygons: [outline] } : { mask: polygonsToRle([outline], frame) }
  const area = shape.mask ? rleArea(shape.mask) : 0.955 * width * height
  return {
    ...{ id, categoryId: 1 + (id % 3), box, area, isCrowd: id % 16 === 3, isPatch: false },
    ...{ shape, attributes: {} },
  }
}

let objects = 0
const images = Array.from({ length: 30 }, (_, k): ContentImage => ({
  ...{ id: k + 1, file: `${k}.jpg`, ...frame, split: null, attributes: {} },
  objects: Array.from({ length: 2 + upTo(5) }, () => object(++objects)),
}))
const names = ['cat', 'dog', 'person']
const content: DatasetContent = {
  name: 'made up',
  categories: names.map((name, k) => ({ id: k + 1, name })),
  images: () => images,
}

/** Near an object more often than not, with a mask that fills the box. */
function detections(image: ContentImage) {
  const found = Array.from({ length: 12 }, () => {
    const near = random() < 0.6 ? image.objects[upTo(image.objects.length)] : undefined
    const [x, y, width, height] = near?.box ?? randomBox()
    const [dx, dy] = [upTo(7) - 3, upTo(7) - 3]
    const box = [x + dx, y + dy, x + dx + width, y + dy + height] as const
    const classId = near && random() < 0.8 ? near.categoryId - 1 : upTo(3)
    return { box, score: Math.round(random() * 1_000) / 1_000, classId }
  }).sort((a, b) => b.score - a.score)
  const masks = found.map(({ box: [x1, y1, x2, y2] }, place): [string, string] => {
    const rle: Rle = boxToRle([x1, y1, x2 - x1, y2 - y1], frame)
    return [detectionMaskName(place), rleToText(rle)]
  })
  return { detections: found, masks: Object.fromEntries(masks) }
}

test('pycocotools opens our exports and gives the figures of our evaluation', async (context) => {
  if (python === undefined) {
    return void context.skip('no Python with pycocotools: PATCHWARDEN_PYTHON can name one')
  }
  const folder = temporaryFolder()
  const truthPath = join(folder, 'truth.json')
  const params = cocoExporter.params.parse({})
  await writeExport(content, cocoExporter, params, { kind: 'path', path: truthPath })
  const report: Report = {
    categories: content.categories,
    manifest: {},
    images: images.map((image) => ({
      ...{ id: image.id, file: image.file, ...frame, sha256: '', notes: {}, warnings: [] },
      ...detections(image),
    })),
  }
  let text = ''
  cocoResults.write(report, { write: (piece) => (text += piece) }, {})
  const resultsPath = join(folder, 'results.json')
  writeFileSync(resultsPath, text)

  const ended = spawnSync(python, ['-c', script, truthPath, resultsPath], { encoding: 'utf8' })
  expect(ended.stderr).toBe('')
  // What the script above prints, and what our own exporters have written.
  const answer = JSON.parse(ended.stdout) as Record<'bbox' | 'segm' | 'areas', number[]> &
    Record<'images' | 'annotations', number>
  const truth = JSON.parse(readFileSync(truthPath, 'utf8')) as CocoGroundTruth
  const results = JSON.parse(text) as CocoResult[]
  expect([answer.images, answer.annotations]).toEqual([images.length, objects])
  const masks = images.flatMap((image) => image.objects.map(({ shape }) => shape?.mask))
  for (const [k, mask] of masks.entries()) if (mask) expect(answer.areas[k]).toBe(rleArea(mask))
  for (const iouType of ['bbox', 'segm'] as const) {
    const { stats } = evaluateCoco(truth, results, { iouType })
    const ours = [
      ...[stats.AP, stats.AP50, stats.AP75, stats.APs, stats.APm, stats.APl],
      ...[stats.AR1, stats.AR10, stats.AR100, stats.ARs, stats.ARm, stats.ARl],
    ]
    expect(ours.some((value) => value > 0.05 && value < 0.95)).toBe(true)
    for (const [k, value] of ours.entries()) {
      expect(Math.abs(value - (answer[iouType][k] ?? NaN)), `${iouType} ${k}`).toBeLessThan(1e-9)
    }
  }
}, 60_000)
