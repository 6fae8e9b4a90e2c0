import { sampleCurve } from './coco-accumulate'
import { recallPoints } from './coco-parameters'

/**
 * COCO's average precision (101 recall points) of one class. `correct` holds 1 for each true and 0 for each false detection
 * by falling score; `positives` objects are to be found, at least 1.
 */
export function averagePrecision(correct: Uint8Array, positives: number): number {
  const precisions = new Float64Array(correct.length)
  let hits = 0
  for (let i = 0; i < correct.length; i++) {
    if (correct[i] === 0) continue
    hits++
    precisions[hits - 1] = hits / (i + 1)
  }
  const curve = new Float64Array(recallPoints.length)
  sampleCurve(precisions.subarray(0, hits), positives, curve)
  return curve.reduce((sum, value) => sum + value, 0) / curve.length
}
