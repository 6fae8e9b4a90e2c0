import { z } from 'zod'
import type { BoxXywh, ContentImage, ContentObject, DatasetContent } from '../../shared/dataset'
import type { FolderSink } from '../../shared/dataset'
import { defineDatasetExporter } from '../../shared/plugin'
import { ringOfObject } from '../writing/object-shapes'
import { exportedImages } from './exported-images'
import { yoloLosses } from './losses'
import { yamlQuoted } from './yaml-scalars'

const params = z.object({
  task: z
    .enum(['detect', 'segment'])
    .default('detect')
    .describe('detect writes boxes, segment one polygon for each object'),
})
export type YoloParams = z.infer<typeof params>

export default defineDatasetExporter({
  id: 'yolo',
  name: 'YOLO',
  summary:
    'One text file of boxes or polygons for each picture, with data.yaml; runs with their scores.',
  reference: 'https://docs.ultralytics.com/datasets/detect/',
  fileName: null,
  params,
  losses: yoloLosses,
  write(content, sink, { task }) {
    const ranks = new Map(content.categories.map(({ id }, rank) => [id, rank]))
    const lists = new Map<string, string[]>()
    for (const { image, picture, label, split } of exportedImages(content)) {
      const list = lists.get(split)
      if (/[\r\n]/.test(picture)) lists.set(split, list ?? [])
      else if (list === undefined) lists.set(split, [picture])
      else list.push(picture)
      if (label === null) continue
      const file = sink.file(label)
      for (const object of image.objects) {
        const rank = ranks.get(object.categoryId)
        const line = rank === undefined ? null : labelLine(object, image, rank, task)
        if (line !== null) file.write(line)
      }
      file.close()
    }
    writeLists(sink, lists)
    writeConfig(sink, content, [...lists.keys()])
  },
})

/** Null for an object of which nothing is left inside the picture. */
function labelLine(
  object: ContentObject,
  image: ContentImage,
  rank: number,
  task: YoloParams['task'],
): string | null {
  const values = task === 'detect' ? boxFractions(object.box, image) : ringFractions(object, image)
  if (values === null) return null
  const score = object.score === undefined ? [] : [object.score]
  return `${[rank, ...[...values, ...score].map((value) => value.toFixed(6))].join(' ')}\n`
}

function boxFractions([x, y, width, height]: BoxXywh, image: ContentImage): number[] | null {
  const [left, right] = [x, x + width].map((value) => fraction(value, image.width))
  const [top, bottom] = [y, y + height].map((value) => fraction(value, image.height))
  const [w, h] = [right! - left!, bottom! - top!]
  // What was empty before is kept; what clipping emptied is not there.
  if ((w <= 0 && width > 0) || (h <= 0 && height > 0)) return null
  return [(left! + right!) / 2, (top! + bottom!) / 2, w, h]
}

function ringFractions(object: ContentObject, image: ContentImage): number[] | null {
  const ring = ringOfObject(object, image)
  if (ring === null) return null
  return ring.points.map((value, i) => fraction(value, i % 2 === 0 ? image.width : image.height))
}

function fraction(value: number, side: number): number {
  return Math.min(1, Math.max(0, value / side))
}

/** List files name each picture with its ending, also those without objects. */
function writeLists(sink: FolderSink, lists: ReadonlyMap<string, readonly string[]>): void {
  for (const split of [...lists.keys()].sort()) {
    const file = sink.file(`${split}.txt`)
    for (const picture of lists.get(split) ?? []) file.write(`./${picture}\n`)
    file.close()
  }
}

function writeConfig(sink: FolderSink, content: DatasetContent, present: readonly string[]): void {
  // Training tools insist on both keys; a set without such a split gets another one's pictures under it.
  const fallback = ['train', 'val', 'test'].find((split) => present.includes(split)) ?? present[0]
  const splits = [...new Set(['train', 'val', ...[...present].sort()])]
  const file = sink.file('data.yaml')
  file.write('path: .\n')
  for (const split of splits) {
    const list = present.includes(split) ? split : fallback
    if (list !== undefined) file.write(`${split}: ${list}.txt\n`)
  }
  file.write(content.categories.length === 0 ? 'names: {}\n' : 'names:\n')
  content.categories.forEach(({ name }, rank) => {
    file.write(`  ${rank}: ${yamlQuoted(name)}\n`)
  })
  file.write(content.categories.length === 0 ? 'category_ids: {}\n' : 'category_ids:\n')
  content.categories.forEach(({ id }, rank) => {
    file.write(`  ${rank}: ${id}\n`)
  })
  file.close()
}
