import { drawScene } from '../src/datasets/drawn-scenes'
import { certifyObjects } from '../src/defenses/masking/certify-objects'
import { halfMasks } from '../src/defenses/masking/half-masks'
import { detectMasked, type MaskedDetections } from '../src/defenses/masking/masked-detections'
import objectseeker from '../src/defenses/masking/objectseeker'
import { objectSeekerParams } from '../src/defenses/masking/objectseeker-settings'
import { patchPlaces, squarePatch } from '../src/defenses/masking/patch-places'
import type { Detector } from '../src/shared/plugin'
import { openDetector } from '../src/engine/detector'
import { decodeImageBytes } from '../src/engine/images/decode-image'
import { inpaint } from '../src/engine/images/inpaint'
import { renderSvg } from '../src/engine/images/render-svg'
import { openModelStore } from '../src/engine/models/model-store'
import { createModelHost } from '../src/engine/models/sessions'
import { createRunContext } from '../src/engine/run-context'
import { seededRandom } from '../src/shared/random'
import type { BoxXyxy, Detection } from '../src/shared/vision'
import { certifyByBitmap } from './bitmap-certificate'
import type { BenchHost } from './host'
import { median, printTable, quickest } from './measure'

const FRAME = { width: 640, height: 640 }
const OBJECTS = 20
const SHARES = [0.01, 0.02, 0.03]
const PICTURES = 4

/** ObjectSeeker: what it costs beside its detector calls, and its certificate beside the published way to it. */
export async function benchMasking(_paths: readonly string[], host: BenchHost): Promise<void> {
  compareCertificates()
  await measureInference(host)
}

/** Every object and place at 640x640, in closed form and by sliding a window over bitmaps. */
function compareCertificates(): void {
  const settings = objectSeekerParams.parse({})
  const { objects, answers } = crowdedPicture(settings.lines)
  console.log(
    `Certificate of ${OBJECTS} objects, every place, ${FRAME.width}x${FRAME.height}, ${answers.length} masked pictures, milliseconds (limit 50)\n`,
  )
  const rows = SHARES.map((share) => {
    const patch = squarePatch(FRAME, share)
    const closedForm = () => certifyObjects(objects, answers, FRAME, settings, patch)
    const bitmap = () =>
      objects.map((object) =>
        certifyByBitmap(object, answers, FRAME, settings.pruneIoa, settings.classAware, patch),
      )
    const before = process.cpuUsage()
    const slow = bitmap()
    const slowMs = process.cpuUsage(before).user / 1_000
    const differ = closedForm().filter(({ certified }, i) =>
      patchPlaces.some((place) => certified[place] !== slow[i]?.[place]),
    ).length
    const ms = quickest(closedForm)
    return [
      `${100 * share} % (${patch.width} px)`,
      ms.toFixed(2),
      slowMs.toFixed(0),
      (slowMs / ms).toFixed(0),
      String(differ),
    ]
  })
  printTable(['patch', 'closed form', 'bitmaps, processor', 'ratio', 'answers that differ'], rows)
}

/** Objects of all sizes, and a detector that sees them on most masked pictures that leave enough of them. */
function crowdedPicture(lines: number) {
  const random = seededRandom(4)
  const objects = Array.from({ length: OBJECTS }, () => {
    const [x, y] = [random() * 560, random() * 560]
    const box: BoxXyxy = [x, y, x + 20 + random() * 60, y + 20 + random() * 60]
    return { box, classId: Math.floor(random() * 3) }
  })
  const answers: MaskedDetections[] = halfMasks(FRAME.width, FRAME.height, lines).map((mask) => ({
    mask,
    detections: objects.flatMap(({ box, classId }): Detection[] => {
      const visible: BoxXyxy = {
        top: [box[0], Math.max(box[1], mask.line), box[2], box[3]] as const,
        bottom: [box[0], box[1], box[2], Math.min(box[3], mask.line)] as const,
        left: [Math.max(box[0], mask.line), box[1], box[2], box[3]] as const,
        right: [box[0], box[1], Math.min(box[2], mask.line), box[3]] as const,
      }[mask.side]
      const isSeen = visible[2] > visible[0] && visible[3] > visible[1] && random() < 0.9
      return isSeen ? [{ box: visible, score: 0.8, classId }] : []
    }),
  }))
  return { objects, answers }
}

/** The shipped detector behind ObjectSeeker: bare calls, and what masking, pruning and merging add. */
async function measureInference(host: BenchHost): Promise<void> {
  const models = createModelHost({ store: await openModelStore(host.locations), threads: 1 })
  const detector = await openDetector(host.detector, models)
  const settings = objectSeekerParams.parse({})
  const newRun = () => createRunContext({ signal: host.signal, seed: 0, digest: '0'.repeat(64) })
  const stages = new Map<string, number[]>()
  const objects: number[] = []
  const shares = SHARES.map(() => ({ far: 0, near: 0, over: 0, anywhere: 0 }))
  for (let seed = 1; seed <= PICTURES; seed++) {
    const scene = drawScene(seed)
    const { image } = await decodeImageBytes(await renderSvg(scene.svg), scene.name)
    const known = await detector.detect(image, newRun())
    const run = newRun()
    const recording = recordingOf(detector)
    const defended = objectseeker.wrap(recording.detector, settings, { models, inpaint })
    const start = performance.now()
    await defended.detect(image, run)
    const whole = performance.now() - start
    for (const { name, ms } of [...run.trace.stages, { name: 'whole', ms: whole }]) {
      stages.set(name, [...(stages.get(name) ?? []), ms])
    }
    const answers = await detectMasked(recording.replay(1), image, settings, newRun())
    objects.push(known.length)
    for (const [i, share] of SHARES.entries()) {
      const patch = squarePatch(image, share)
      for (const { certified } of certifyObjects(known, answers, image, settings, patch)) {
        for (const place of patchPlaces) shares[i]![place] += certified[place] ? 1 : 0
      }
    }
  }
  const middle = (name: string): number => median(stages.get(name) ?? [])
  const bare = middle('detect masked')
  const added = middle('mask') + middle('prune and merge')
  console.log(`\n${host.detector} behind ObjectSeeker, ${PICTURES} drawn scenes, one thread\n`)
  printTable(
    ['stage', 'median ms'],
    [...stages.keys()].map((name) => [name, middle(name).toFixed(1)]),
  )
  console.log(
    `\nbookkeeping / detector calls: ${((100 * added) / bare).toFixed(2)} % (limit 5 %)\n`,
  )
  const total = objects.reduce((sum, count) => sum + count, 0)
  console.log(
    `Of ${total} objects that the bare detector shows, certified against one square patch\n`,
  )
  printTable(
    ['patch', ...patchPlaces],
    SHARES.map((share, i) => [
      `${100 * share} %`,
      ...patchPlaces.map((place) => `${((100 * shares[i]![place]) / total).toFixed(1)} %`),
    ]),
  )
}

/** A detector that keeps its answers, so that the certificate does not cost every call a second time. */
function recordingOf(detector: Detector) {
  const answers: (readonly Detection[])[] = []
  return {
    detector: {
      classNames: detector.classNames,
      async detect(...call: Parameters<Detector['detect']>) {
        const answer = await detector.detect(...call)
        answers.push(answer)
        return answer
      },
    },
    /** Gives the answers once more, in order, from the one at `from` on. */
    replay(from: number): Detector {
      let next = from
      return {
        classNames: detector.classNames,
        detect: () => Promise.resolve(answers[next++] ?? []),
      }
    },
  }
}
