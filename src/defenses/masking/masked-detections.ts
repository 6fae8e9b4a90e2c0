import type { Detector, RunContext, StageTime } from '../../shared/plugin'
import { seededRandom } from '../../shared/random'
import type { Detection, RgbImage } from '../../shared/vision'
import { type HalfMask, halfMasks, hideHalf } from './half-masks'
import { maskedThreshold, type ObjectSeekerSettings } from './objectseeker-settings'
import { clipToFrame } from './prune'

/** What the detector sees on one masked picture: boxes above the threshold, inside the frame, in pixels of the picture. */
export interface MaskedDetections {
  readonly mask: HalfMask
  readonly detections: readonly Detection[]
}

/** Runs the detector on every masked copy of `image`, in the order of `halfMasks`. Records `mask` and `detect masked`. */
export async function detectMasked(
  detector: Detector,
  image: RgbImage,
  settings: ObjectSeekerSettings,
  run: RunContext,
): Promise<MaskedDetections[]> {
  const masks = halfMasks(image.width, image.height, settings.lines)
  const threshold = maskedThreshold(settings)
  const firstStage = run.trace.stages.length
  const answers: MaskedDetections[] = []
  const warn = once(run.warn)
  for (const mask of masks) {
    const masked = await run.stage('mask', () => hideHalf(image, mask, settings.grey))
    const found = await run.stage('detect masked', () =>
      detector.detect(masked, innerRun(run, warn)),
    )
    const detections = found.flatMap(({ box, score, classId }) => {
      const inside = clipToFrame(box, image.width, image.height)
      return score > threshold && inside ? [{ box: inside, score, classId }] : []
    })
    answers.push({ mask, detections })
    run.progress(answers.length, masks.length)
  }
  addUp(run.trace.stages, firstStage)
  return answers
}

/**
 * The certificate rests on it: what the detector answers must follow from the masked picture alone. The seed of `run`
 * follows from the whole picture, hidden pixels too, so each call gets random numbers that are always the same, and a
 * trace of its own.
 */
function innerRun(run: RunContext, warn: RunContext['warn']): RunContext {
  return {
    signal: run.signal,
    random: seededRandom(),
    trace: { stages: [], masks: new Map(), notes: new Map() },
    progress() {
      // One call is one step of ours.
    },
    warn,
    async stage(_name, work) {
      run.signal.throwIfAborted()
      return work()
    },
  }
}

/** One entry for all stages of a name from `first` on, in place. */
function addUp(stages: StageTime[], first: number): void {
  const sums = new Map<string, number>()
  for (const { name, ms } of stages.splice(first)) sums.set(name, (sums.get(name) ?? 0) + ms)
  for (const [name, ms] of sums) stages.push({ name, ms })
}

/** What is said of one masked picture would be said of most others too. */
function once(warn: RunContext['warn']): RunContext['warn'] {
  const said = new Set<string>()
  return (message) => {
    if (said.has(message)) return
    said.add(message)
    warn(message)
  }
}
