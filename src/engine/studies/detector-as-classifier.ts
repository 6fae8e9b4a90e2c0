import type { ModelCard } from '../../shared/model-card'
import type { ModelHost } from '../../shared/plugin'
import { openDetector } from '../detector'
import { createRunContext } from '../run-context'
import type { PictureModel } from './picture-model'

/** Studies ask for the likeliest class, so boxes that a user would not want to see count as well. */
const lowestScore = 0.05

/** A detector as a classifier of pictures: the class of its best box; the best score of each class as features. */
export async function openDetectorAsClassifier(
  id: string,
  card: ModelCard,
  models: ModelHost,
): Promise<PictureModel> {
  const detector = await openDetector(id, models, lowestScore)
  return {
    id: card.id,
    sha256: card.sha256,
    classNames: detector.classNames,
    answer: `class of the best box (score ${lowestScore} or more)`,
    features: 'best score of each class among the boxes of a detector',
    async classify(images, signal) {
      const answers = []
      for (const image of images) {
        signal.throwIfAborted()
        const run = createRunContext({ signal, seed: 0, digest: '0'.repeat(64) })
        const detections = await detector.detect(image, run)
        const features = new Float32Array(detector.classNames.length)
        for (const { classId, score } of detections) {
          features[classId] = Math.max(features[classId] ?? 0, score)
        }
        answers.push({ predicted: detections[0]?.classId ?? null, features })
      }
      return answers
    },
  }
}
