import { z } from 'zod'
import { defenses } from '../../defenses'
import { segmentationFields } from '../../defenses/segment-and-complete'
import { openModelStore } from '../../engine/models/model-store'
import { componentsOf } from '../proposals'
import { requireId, manifestOf } from '../detection-choice'
import { modelsOfSettings } from '../settings-models'
import { parseParams } from '../../shared/plugin'
import { AppError } from '../../shared/errors'
import { supersede } from '../drafts'
import type { Handlers } from './handler'
import { itemOf } from './image'

const settingsSchema = z.object(segmentationFields)
const IMAGES_A_STEP = 200

export const proposeHandlers: Handlers<'patches.propose' | 'patches.proposeAll'> = {
  async 'patches.propose'(context, { imageId, at, within, params = {}, shape, side }, signal) {
    const { project, locations, studio, threads, settings } = context
    const image = project.images.get(imageId)
    const newest = supersede(context, `propose ${imageId}`, signal)
    const wanted = parseParams('patches.propose', settingsSchema, proposalSettings(params))
    requireId(wanted.segmenter)
    await modelsOfSettings(await openModelStore(locations), settingsSchema, wanted)
    const answer = await studio.ask(
      'propose',
      {
        item: itemOf(image),
        params: wanted,
        at: at ?? null,
        within: within ?? null,
        shape: shape ?? 'rectangle',
        side: side ?? null,
        ...{ locations, threads, seed: 0 },
        maxPixels: Math.round(settings.get().maxMegapixels * 1e6),
      },
      newest,
    )
    const { width, height, segmenter, sides, threshold, ms, reused } = answer
    const frame = { width, height }
    return {
      proposals: answer.proposals.map(({ box, mask, raw, ...proposal }) => ({
        ...proposal,
        segmenter,
        box: [...box] as [number, number, number, number], // a copy of four numbers
        mask: { ...frame, text: mask },
        raw: { ...frame, text: raw },
      })),
      sides: [...sides],
      ...{ threshold, ms, reused },
    }
  },
  'patches.proposeAll': (context, { dataset, imageIds, run: runId }) => {
    const { project, tasks } = context
    const run = project.runs.get(runId)
    const manifest = manifestOf(run)
    if (!manifest?.defense) {
      throw new AppError(
        'E_RUN_WITHOUT_MASKS',
        `The run "${run.name}" has no defense, so it found no patch.`,
        'Choose a defended run.',
      )
    }
    const { id, params } = manifest.defense
    const segmenter = typeof params['segmenter'] === 'string' ? params['segmenter'] : id
    const wanted = imageIds ? new Set(imageIds) : null
    const job = tasks.start({
      order: {
        kind: 'propose',
        name: run.name,
        manifest: { run: runId, dataset: dataset ?? null },
      },
      canPause: true,
      work: async (control) => {
        let [patches, done] = [0, 0]
        const propose = project.edits.proposeInParts(segmenter, params)
        const ids = project.images
          .allIds({ patch: false, ...(dataset === undefined ? {} : { dataset }) })
          .filter((one) => !wanted || wanted.has(one))
        for (let from = 0; from < ids.length; from += IMAGES_A_STEP) {
          await control.checkpoint()
          const step = ids.slice(from, from + IMAGES_A_STEP)
          const proposals = step.flatMap((one) => {
            const item = project.runs.itemOfImage(runId, one)
            return item ? componentsOf(item).map((place) => ({ memberId: one, ...place })) : []
          })
          if (proposals.length > 0) {
            propose(proposals)
            context.changed('annotations', step)
          }
          patches += proposals.length
          done += step.length
          control.report({ done, total: ids.length })
        }
        return { patches, images: ids.length }
      },
      outcome: ({ patches, images }) => ({
        summary: `${patches} patches proposed in ${images} images.`,
        datasetId: null,
        result: { patches, images },
      }),
    })
    return { jobId: job.id }
  },
}

/** Settings of the defense that are not about its segmenter and completion are passed over. */
function proposalSettings(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const others = new Set(
    Object.keys(defenses.get('segment-and-complete')?.params.shape ?? {}).filter(
      (key) => !Object.hasOwn(settingsSchema.shape, key),
    ),
  )
  return Object.fromEntries(Object.entries(params).filter(([key]) => !others.has(key)))
}
