import { z } from 'zod'
import { defineDefense, type Detector, type LoadedModel } from '../../shared/plugin'
import { COMPONENTS_NOTE, componentsText } from '../../shared/plugin/components-note'
import { completionFields } from './completion-settings'
import { findPatches } from './find-patches'
import { fills, removePatches } from './remove-patches'

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
    .default(0.6)
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
    .default(0.024)
    .describe(
      'Product mode drops parts with less evidence: below 1 a share of the frame, else pixels',
    ),
}

/** Segmentation and completion together, as the defense and `segment` have them. */
export const segmentationFields = {
  ...segmenterFields,
  ...completionFields,
  // What fills less is a false alarm more often than a patch: its found pixels are removed all the same.
  minFill: completionFields.minFill.default(0.85),
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
        const segmenter = await (model ??= host.models.load(settings.segmenter))
        const { mask, components } = (await findPatches(image, segmenter, settings, run)).completion
        const cleaned = await run.stage('remove', () =>
          removePatches(image, mask, settings.fill, host.inpaint),
        )
        run.trace.image = cleaned
        run.trace.notes.set(COMPONENTS_NOTE, componentsText(components))
        return detector.detect(cleaned, run)
      },
    }
  },
})
