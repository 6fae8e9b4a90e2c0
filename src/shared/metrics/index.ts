export * from './coco-evaluation'
export type { ImageMatches } from './coco-matching'
export { areaRanges, iouThresholds, recallPoints } from './coco-parameters'
export * from './coco-schema'
