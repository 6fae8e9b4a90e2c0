import { z } from 'zod'
import { defineDefense, type Detector, type LoadedModel } from '../../shared/plugin'
import { COMPONENTS_NOTE, componentsText } from '../../shared/plugin/components-note'
import { removePatches } from './remove-patches'
import { gatherEvidence } from './evidence'
import { rawMask, segment, workingScale } from './segmenter'
import { completeFor, completionFields } from './completion-settings'
import { fills } from './remove-patches'

export const segmenterFields = {
  segmenter: z
    .string()
    .default('sac-lite')
    .meta({ model: 'segment-patch' })
    .describe('Id or ONNX file of the model that finds patch pixels'),
  workingSize: z
    .int()
    .min(0)
    .max(8192)
    .default(640)
    .describe('Longer side, in pixels, above which pictures are segmented smaller; 0 never does'),
  threshold: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.5)
    .describe('Probability above which a pixel belongs to a patch'),
  certainty: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.8)
    .describe('Probability above which a pixel is evidence; above 0.96 it counts three times'),
  minEvidence: z
    .number()
    .min(0)
    .default(0.007)
    .describe(
      'Product mode drops parts with less evidence: below 1 a share of the frame, else pixels',
    ),
}

/** Segmentation and completion together, as the defense and `segment` have them. */
export const segmentationFields = {
  ...segmenterFields,
  ...completionFields,
  // What rounding takes from the rim of a patch; more would cost the objects behind it more than it covers.
  grow: completionFields.grow.default(0.5),
}

const params = z.object({
  ...segmentationFields,
  fill: z.enum(fills).default('inpaint').describe('What removed pixels become'),
})

export default defineDefense({
  id: 'segment-and-complete',
  name: 'Segment and Complete',
  summary:
    'Finds patch pixels with a segmenter, completes them to whole patches and removes these.',
  reference:
    'Liu, Levine, Lau, Chellappa, Feizi, Segment and Complete, CVPR 2022 (arXiv 2112.04532)',
  params,
  wrap(detector, settings, host): Detector {
    // Loaded with the first picture and kept: a detector may never be asked.
    let model: Promise<LoadedModel> | undefined
    return {
      classNames: detector.classNames,
      async prepare() {
        await detector.prepare?.()
        await (model ??= host.models.load(settings.segmenter))
      },
      async detect(image, run) {
        const loaded = await (model ??= host.models.load(settings.segmenter))
        const segmentation = await segment(image, loaded, settings.workingSize, run)
        const raw = await run.stage('threshold', () =>
          rawMask(segmentation, settings.threshold, loaded.card.id),
        )
        const completion = await run.stage('complete', () =>
          completeFor(raw, settings, {
            warn: run.warn,
            scale: workingScale(image, settings.workingSize),
            evidence: gatherEvidence(segmentation, settings),
          }),
        )
        const cleaned = await run.stage('remove', () =>
          removePatches(image, completion.mask, settings.fill, host.inpaint),
        )
        run.trace.masks.set('raw', raw)
        run.trace.masks.set('completed', completion.mask)
        run.trace.image = cleaned
        for (const [name, value] of Object.entries(completion.notes))
          run.trace.notes.set(name, value)
        run.trace.notes.set(COMPONENTS_NOTE, componentsText(completion.components))
        return detector.detect(cleaned, run)
      },
    }
  },
})
