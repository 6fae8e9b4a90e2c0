import { describe, expect, test } from 'vitest'
import {
  type CocoGroundTruth,
  type CocoResult,
  type ErrorKind,
  errorKinds,
  evaluateCoco,
  splitErrors,
  visitImages,
} from '../../../src/shared/metrics'
import { randomSet, scene, type SmallSet } from './small-sets'

type Box = [number, number, number, number]
const box: Box = [10, 10, 40, 40]
const split = ({ truth, results }: SmallSet) => splitErrors(truth, results, 'bbox')
const none = {
  classification: 0,
  localization: 0,
  both: 0,
  duplicate: 0,
  background: 0,
  missed: 0,
}

describe('one error, one kind', () => {
  const object = { bbox: box }
  const hit = { bbox: box, score: 0.5 }
  test.each<[ErrorKind, SmallSet, number]>([
    ['classification', scene([object], [{ bbox: box, category_id: 2, score: 0.9 }]), 1],
    ['localization', scene([object], [{ bbox: [30, 10, 40, 40], score: 0.9 }]), 1],
    ['both', scene([object], [{ bbox: [30, 10, 40, 40], category_id: 2, score: 0.9 }, hit]), 0],
    [
      'duplicate',
      scene(
        [object, { bbox: [200, 200, 40, 40] }],
        [
          { bbox: box, score: 0.9 },
          { bbox: box, score: 0.8 },
          { bbox: [200, 200, 40, 40], score: 0.7 },
        ],
      ),
      50 / 101 / 3,
    ],
    ['background', scene([object], [{ bbox: [200, 200, 40, 40], score: 0.9 }, hit]), 0.5],
    ['missed', scene([object, { bbox: [200, 200, 40, 40] }], [hit]), 50 / 101],
  ])('%s', (kind, set, rise) => {
    const { counts, dAP } = split(set)
    expect(counts).toEqual({ ...none, [kind]: 1 })
    expect(dAP[kind]).toBeCloseTo(rise, 9)
    for (const other of errorKinds) if (other !== kind) expect(dAP[other]).toBe(0)
  })

  test('of two detections that speak of one object the better is mended, the other goes', () => {
    const { counts, dAP } = split(
      scene(
        [object],
        [
          { bbox: [30, 10, 40, 40], score: 0.9 },
          { bbox: [10, 30, 40, 40], score: 0.8 },
        ],
      ),
    )
    expect(counts).toEqual({ ...none, localization: 2 })
    expect(dAP.localization).toBeCloseTo(1, 9)
  })

  test('no objects, no score', () => {
    expect(split(scene([], [hit]))).toMatchObject({ AP: -1, dAP: none, dAPFalsePositives: 0 })
  })
})

describe('against brute force: the data are mended and evaluated again', () => {
  test('over random sets', () => {
    const seen = new Set<ErrorKind>()
    for (let seed = 0; seed < 400; seed++) {
      const set = randomSet(seed)
      const { AP, counts, dAP } = split(set)
      const judged = judge(set)
      expect(AP).toBeCloseTo(ap50(set.truth, set.results), 12)
      for (const kind of errorKinds) {
        if (counts[kind] > 0) seen.add(kind)
        expect(counts[kind], `${kind}, seed ${seed}`).toBe(judged.count(kind))
        const after = judged.mend(kind)
        // Where a class loses all its objects the two differ by definition.
        const before = new Set(counted(set.truth))
        if (kind === 'missed' && new Set(counted(after.truth)).size < before.size) continue
        const rise = AP < 0 ? 0 : ap50(after.truth, after.results) - AP
        expect(dAP[kind], `${kind}, seed ${seed}`).toBeCloseTo(rise, 12)
      }
    }
    expect([...seen].sort()).toEqual([...errorKinds].sort())
  })
})

function ap50(truth: CocoGroundTruth, results: readonly CocoResult[]): number {
  return evaluateCoco(truth, results, { iouType: 'bbox' }).stats.AP50
}

function counted(truth: CocoGroundTruth): number[] {
  return truth.annotations.filter(({ iscrowd }) => !iscrowd).map((each) => each.category_id)
}

/** The kinds by their definitions, and data in which one kind is mended: written apart from the code under test. */
function judge({ truth, results }: SmallSet) {
  const kinds = new Map<number, { kind: ErrorKind; object?: number }>()
  const found = new Set<number>()
  visitImages(truth, results, 'bbox', 0.5, (image) => {
    const overlap = (d: number, g: number) => image.overlaps[d * image.truths.length + g]!
    const objects = [...image.truths.keys()].filter((g) => image.crowd[g] === 0)
    image.partner.forEach((g) => g >= 0 && found.add(image.truths[g]!))
    image.detections.forEach((at, d) => {
      if (image.partner[d]! >= 0) return
      const best = (list: number[]) => Math.max(-1, ...list.map((g) => overlap(d, g)))
      const arg = (list: number[]) => image.truths[list.find((g) => overlap(d, g) === best(list))!]!
      const category = results[at]!.category_id
      const isSame = (g: number) => truth.annotations[image.truths[g]!]!.category_id === category
      const same = objects.filter(isSame)
      const other = objects.filter((g) => !isSame(g))
      const taken = same.filter((g) => found.has(image.truths[g]!))
      if (best(same) >= 0.1 && best(same) < 0.5) {
        kinds.set(at, { kind: 'localization', object: arg(same) })
      } else if (best(other) >= 0.5) kinds.set(at, { kind: 'classification', object: arg(other) })
      else if (best(taken) >= 0.5) kinds.set(at, { kind: 'duplicate' })
      else kinds.set(at, { kind: best(objects) < 0.1 ? 'background' : 'both' })
    })
  })
  const addressed = new Set([...kinds.values()].flatMap(({ object }) => object ?? []))
  const missed = [...truth.annotations.keys()].filter(
    (at) => !truth.annotations[at]!.iscrowd && !found.has(at) && !addressed.has(at),
  )
  return {
    count: (kind: ErrorKind) =>
      kind === 'missed'
        ? missed.length
        : [...kinds.values()].filter((each) => each.kind === kind).length,
    mend(kind: ErrorKind): SmallSet {
      if (kind === 'missed') {
        const annotations = truth.annotations.filter((_, at) => !missed.includes(at))
        return { truth: { ...truth, annotations }, results }
      }
      const done = new Set(found)
      const order = [...results.keys()].sort((a, b) => results[b]!.score - results[a]!.score)
      const mended = new Map<number, CocoResult | null>()
      for (const at of order) {
        const own = kinds.get(at)
        if (own?.kind !== kind) continue
        if (own.object === undefined || done.has(own.object)) {
          mended.set(at, null)
          continue
        }
        done.add(own.object)
        const { bbox, category_id } = truth.annotations[own.object]!
        mended.set(at, { ...results[at]!, ...(bbox ? { bbox } : {}), category_id })
      }
      const after = results.flatMap((result, at) => {
        const change = mended.get(at)
        return change === null ? [] : [change ?? result]
      })
      return { truth, results: after }
    },
  }
}
