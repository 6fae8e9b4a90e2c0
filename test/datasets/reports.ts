import type { Report, ReportImage } from '../../src/shared/plugin'
import { maskToText } from '../../src/shared/vision/rle-text'
import { maskOfRows } from '../shared/vision/masks'

const completed = maskToText(maskOfRows(['......', '.####.', '.####.', '......']))

const image: ReportImage = {
  id: 1,
  file: 'street/a.jpg',
  width: 6,
  height: 4,
  sha256: 'a'.repeat(64),
  detections: [],
  masks: {},
  notes: {},
  warnings: [],
}

/** A run with what is hard to write: negative zero, thirds, quotes, formulas, other scripts, no detections. */
export const report: Report = {
  categories: [
    { id: 1, name: 'person' },
    { id: 44, name: 'stop sign, "red"' },
    { id: 3, name: '=cmd()' },
  ],
  manifest: { detector: { id: 'tiny' } },
  images: [
    {
      ...image,
      detections: [
        { box: [-0.001, 1 / 3, 4.005, 3.999], score: 2 / 3, classId: 1 },
        { box: [1, 1, 5, 3], score: 0.5, classId: 0 },
        { box: [-2.5, 0, 1e3, 2], score: 0.000004, classId: 2 },
      ],
      masks: { raw: completed, completed },
      notes: { rung: 2, removedFraction: 1 / 3, complete: true, cause: null },
      warnings: ['The photograph\nis small'],
      stages: [{ name: 'segment', ms: 12.25 }],
    },
    { ...image, id: 3, file: '-odd, "name".jpg', sha256: 'c'.repeat(64) },
    {
      ...image,
      id: 2,
      file: 'Straße/図.png',
      sha256: 'b'.repeat(64),
      detections: [{ box: [0, 0, 6, 4], score: 1, classId: 0 }],
    },
  ],
}

export const emptyReport: Report = { categories: [], manifest: {}, images: [] }

/** With a detection that no format can hold. */
export function reportWith(detection: Partial<ReportImage['detections'][number]>): Report {
  const plain = { box: [0, 0, 1, 1] as const, score: 1, classId: 0 }
  return { ...report, images: [{ ...image, detections: [{ ...plain, ...detection }] }] }
}
