import { expect } from 'vitest'
import type { Detection } from '../../src/shared/vision'

/** What every detector promises of its answer. */
export function expectDetections(found: readonly Detection[], classes: number): void {
  let last = 1
  for (const { box, score, classId } of found) {
    expect(box.every(Number.isFinite)).toBe(true)
    const [x1, y1, x2, y2] = box
    expect(x2).toBeGreaterThanOrEqual(x1)
    expect(y2).toBeGreaterThanOrEqual(y1)
    expect(score).toBeGreaterThanOrEqual(0)
    expect(score, 'best score first').toBeLessThanOrEqual(last)
    last = score
    expect(Number.isInteger(classId)).toBe(true)
    expect(classId).toBeGreaterThanOrEqual(0)
    expect(classId).toBeLessThan(classes)
  }
}
