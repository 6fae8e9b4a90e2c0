import { defenses } from '../../defenses'
import { probabilities, segment } from '../../defenses/segment-and-complete/segmenter'
import { AppError } from '../../shared/errors'
import { parseParams, type Detector, type ModelHost, type RunContext } from '../../shared/plugin'
import type { RgbImage } from '../../shared/vision'
import { maskToText } from '../../shared/vision/rle-text'
import { openDetector } from '../detector'
import { inpaint } from '../images/inpaint'
import { createRunContext } from '../run-context'
import { encodeFractions, encodePicture } from './encode-picture'
import type { EncodedPicture, StagePicture, TriedStage, TryAnswer, TryOrder } from './messages'
import type { ModelMemory } from './model-memory'
import type { DecodedPicture, PictureMemory } from './picture-memory'

interface Tried {
  readonly answer: TryAnswer
  /** What the detector was handed. */
  readonly handed: RgbImage
}

const TRIES_KEPT = 6

/** Runs detectors and defenses on single pictures, and keeps the latest answers with their pictures. */
export class Tries {
  readonly #models: ModelHost
  readonly #memory: ModelMemory
  readonly #pictures: PictureMemory
  readonly #tried = new Map<string, Tried>()

  constructor(models: ModelHost, memory: ModelMemory, pictures: PictureMemory) {
    this.#models = memory.host(models)
    this.#memory = memory
    this.#pictures = pictures
  }

  /** @throws AppError whatever is wrong with the picture, a model or a setting */
  async run(order: TryOrder): Promise<TryAnswer> {
    return (await this.#try(order)).answer
  }

  /** Null where the defense has no such picture. @throws AppError as `run` */
  async picture(order: TryOrder, what: StagePicture): Promise<EncodedPicture | null> {
    if (what === 'removed') {
      const { handed } = await this.#try(order)
      return encodePicture(handed, null)
    }
    const settings = segmenterOf(order.task)
    if (settings === null) return null
    const { decoded } = await this.#pictures.decode(order)
    const model = await this.#models.load(settings.segmenter)
    const run = createRunContext({ ...quiet, seed: order.seed, digest: decoded.sha256 })
    const { image } = decoded
    const segmentation = await segment(image, model, settings.workingSize, run)
    return encodeFractions(probabilities(segmentation), image.width, image.height)
  }

  async #try(order: TryOrder): Promise<Tried> {
    const { decoded, reused, ms } = await this.#pictures.decode(order)
    const { task, seed } = order
    const key = JSON.stringify([decoded.sha256, { ...task, compare: false }, task.compare, seed])
    const known = this.#tried.get(key)
    if (known) {
      const stages = known.answer.stages.map((stage) => ({ ...stage, reused: true }))
      return { ...known, answer: { ...known.answer, stages } }
    }
    const tried = await this.#compute(order, decoded, { name: 'read picture', ms, reused })
    this.#tried.set(key, tried)
    for (const old of [...this.#tried.keys()].slice(0, -TRIES_KEPT)) this.#tried.delete(old)
    return tried
  }

  async #compute(order: TryOrder, decoded: DecodedPicture, reading: TriedStage): Promise<Tried> {
    const { task, seed } = order
    const { image, sha256 } = decoded
    const warnings = decoded.warnings.map(({ code, message }) => `${code} ${message}`)
    const bare = await openDetector(task.detector, this.#models, task.scoreThreshold)
    const detector = task.defense ? this.#defend(bare, task.defense) : bare
    await detector.prepare?.()
    const stages: TriedStage[] = [reading]
    const newRun = (into: TriedStage[]): RunContext =>
      this.#watched(
        createRunContext({ ...quiet, seed, digest: sha256, warn: (text) => warnings.push(text) }),
        into,
      )
    const run = newRun(stages)
    const detections = await detector.detect(image, run)
    const handed = run.trace.image ?? image
    const before =
      !task.defense || !task.compare
        ? null
        : handed === image
          ? detections
          : await bare.detect(image, newRun([]))
    const answer: TryAnswer = {
      ...{ sha256, width: image.width, height: image.height, detections, before, warnings, stages },
      classNames: bare.classNames,
      masks: Object.fromEntries(
        [...run.trace.masks].map(([name, mask]) => [name, maskToText(mask)]),
      ),
      notes: Object.fromEntries(run.trace.notes),
      isChanged: handed !== image,
      hasProbability: segmenterOf(task) !== null,
    }
    return { answer, handed }
  }

  /** Also notes which stages ran no model that had to be run. */
  #watched(run: RunContext, stages: TriedStage[]): RunContext {
    return {
      ...run,
      stage: async (name, work) => {
        this.#memory.watch()
        const start = performance.now()
        const result = await run.stage(name, work)
        const { reused, made, reusedMs } = this.#memory.seen
        const ms = performance.now() - start + reusedMs
        stages.push({ name, ms, reused: reused > 0 && made === 0 })
        return result
      },
    }
  }

  #defend(detector: Detector, { id, params }: NonNullable<TryOrder['task']['defense']>): Detector {
    const plugin = defenses.get(id)
    if (!plugin) {
      throw new AppError(
        'E_DEFENSE_UNKNOWN',
        `there is no defense "${id}"`,
        `Choose one of ${[...defenses.keys()].join(', ')}.`,
      )
    }
    const host = { models: this.#models, inpaint }
    return plugin.wrap(detector, parseParams(id, plugin.params, params), host)
  }
}

const quiet = { signal: new AbortController().signal }

/** Of a defense that has one: what it is called and how large it sees. */
function segmenterOf({ defense }: TryOrder['task']) {
  if (defense?.id !== 'segment-and-complete') return null
  const plugin = defenses.get(defense.id)
  if (!plugin) return null
  const params: Record<string, unknown> = parseParams(defense.id, plugin.params, defense.params)
  const { segmenter, workingSize } = params
  if (typeof segmenter !== 'string' || typeof workingSize !== 'number') return null
  return { segmenter, workingSize }
}
