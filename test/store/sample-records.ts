import type { ImportRecord } from '../../src/shared/dataset'

export const CLASSES = ['person', 'dog', 'traffic light', 'Ampel', 'bicycle']
export const SPLITS = ['train', 'val', null]
export const LABELS = ['tench', 'goldfish', null]

export interface SampleSize {
  readonly images: number
  readonly objectsEach: number
  /** Every so many pictures one patch. */
  readonly patchEvery: number
}

/** A data set by rule: what picture k has follows from k. */
export function* sampleRecords({
  images,
  objectsEach,
  patchEvery,
}: SampleSize): Generator<ImportRecord> {
  for (const [k, name] of CLASSES.entries()) {
    yield { kind: 'category', category: { sourceId: String(k * 10), name } }
  }
  for (let k = 0; k < images; k++) {
    const label = LABELS[k % LABELS.length] ?? null
    yield {
      kind: 'image',
      image: {
        sourceId: `image-${k}`,
        file: `${k % 7 === 0 ? 'night' : 'day'}/photo_${k}.jpg`,
        width: 640,
        height: 480,
        split: SPLITS[k % SPLITS.length] ?? null,
        ...(label === null ? {} : { label: { index: k % LABELS.length, name: label } }),
        attributes: k % 10 === 0 ? { weather: 'rain', count: k } : {},
      },
    }
    for (let j = 0; j < objectsEach; j++) {
      yield {
        kind: 'object',
        imageId: `image-${k}`,
        object: {
          sourceId: `${k}-${j}`,
          categoryId: String(((k + j * j) % CLASSES.length) * 10),
          box: [j * 10, k % 100, 20 + j, 30],
          area: (20 + j) * 30,
          isCrowd: false,
          attributes: {},
        },
      }
    }
    if (k % patchEvery === 0) {
      yield {
        kind: 'patch',
        imageId: `image-${k}`,
        patch: {
          sourceId: null,
          box: [5, 5, 50, 50],
          name: 'frc1',
          target: 'apple',
          attributes: {},
        },
      }
    }
  }
}
