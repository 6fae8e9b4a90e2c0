import type { CocoGroundTruth, CocoResult } from '../../../src/shared/metrics'
import { seededRandom } from '../../../src/shared/random'

export interface SmallSet {
  readonly truth: CocoGroundTruth
  readonly results: readonly CocoResult[]
}

type Box = [number, number, number, number]

/** Two images, three classes, a few objects and detections near them: every kind of error occurs over some seeds. */
export function randomSet(seed: number, withCrowds = true): SmallSet {
  const random = seededRandom(seed)
  const upTo = (most: number): number => Math.floor(random() * most)
  const box = (): Box => [20 * upTo(8), 20 * upTo(6), 20 + 10 * upTo(6), 20 + 10 * upTo(6)]
  const annotations: CocoGroundTruth['annotations'][number][] = []
  const results: CocoResult[] = []
  for (let image = 1; image <= 2; image++) {
    const own: { bbox: Box; category_id: number }[] = []
    for (let k = upTo(6); k > 0; k--) {
      const object = { bbox: box(), category_id: 1 + upTo(3) }
      own.push(object)
      const iscrowd = withCrowds && random() < 0.1 ? 1 : 0
      annotations.push({ id: annotations.length + 1, image_id: image, iscrowd, ...object })
    }
    for (let k = upTo(12); k > 0; k--) {
      const near = own[upTo(own.length)]
      const [x, y, width, height] = near && random() < 0.8 ? near.bbox : box()
      const shift = random() < 0.5 ? 4 : 30
      results.push({
        image_id: image,
        category_id: near && random() < 0.7 ? near.category_id : 1 + upTo(3),
        bbox: [x + (random() - 0.5) * shift, y + (random() - 0.5) * shift, width, height],
        score: Math.ceil(random() * 12) / 12,
      })
    }
  }
  const images = [1, 2].map((id) => ({ id, width: 300, height: 240 }))
  const categories = [1, 2, 3].map((id) => ({ id, name: `class ${id}` }))
  return { truth: { images, categories, annotations }, results }
}

/** One image with objects and detections of class 1 unless told otherwise. */
export function scene(
  objects: readonly { bbox: Box; category_id?: number; iscrowd?: number }[],
  detections: readonly { bbox: Box; category_id?: number; score: number }[],
): SmallSet {
  return {
    truth: {
      images: [{ id: 1, width: 400, height: 400 }],
      categories: [
        { id: 1, name: 'cat' },
        { id: 2, name: 'dog' },
      ],
      annotations: objects.map((each, i) => ({ id: i + 1, image_id: 1, category_id: 1, ...each })),
    },
    results: detections.map((each) => ({ image_id: 1, category_id: 1, ...each })),
  }
}
