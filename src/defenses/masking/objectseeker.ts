import { defineDefense, type Detector } from '../../shared/plugin'
import { detectMasked } from './masked-detections'
import { mergeBoxes } from './merge'
import { objectSeekerParams } from './objectseeker-settings'
import { prune } from './prune'

export default defineDefense({
  id: 'objectseeker',
  name: 'ObjectSeeker',
  summary:
    'Looks again with one side of the picture hidden, for every side and line, and adds what a patch may have hidden.',
  reference:
    'Xiang, Valtchanov, Mahloujifar, Mittal, ObjectSeeker, IEEE S&P 2023 (arXiv 2202.01811)',
  params: objectSeekerParams,
  wrap(detector, settings): Detector {
    return {
      classNames: detector.classNames,
      async prepare() {
        await detector.prepare?.()
      },
      async detect(image, run) {
        run.signal.throwIfAborted()
        const bare = await detector.detect(image, run)
        const answers = await detectMasked(detector, image, settings, run)
        const { base, masked, added } = await run.stage('prune and merge', () => {
          const base = bare.filter(({ score }) => score > settings.baseScore)
          const masked = answers.flatMap(({ detections }) => detections)
          return { base, masked, added: mergeBoxes(prune(masked, base, settings), settings) }
        })
        const { notes } = run.trace
        notes.set('maskedPictures', answers.length)
        notes.set('maskedBoxes', masked.length)
        notes.set('addedBoxes', added.length)
        if (base.length === bare.length && added.length === 0) return bare
        // The bytes are the same, but what came out is not what the bare detector says: a new object tells readers of the trace.
        run.trace.image ??= { ...image }
        return [...base, ...added].sort((a, b) => b.score - a.score)
      },
    }
  },
})
