import { z } from 'zod'
import { certifiedSeries } from './certificates'
import { read } from './define'
import { imageFilter } from './filter'
import { count, fraction, id, ids, milliseconds } from './values'

/** The runs that results are about; `clean` is a run over the pictures without patches. */
const subject = {
  a: id.nullable().optional(),
  b: id.nullable().optional(),
  clean: id.nullable().optional(),
  filter: imageFilter.optional(),
}

/** A figure, or what it needs. */
const figure = z.object({
  id: z.enum([
    'ap50-clean',
    'ap50-attacked',
    'ap50-defended',
    'lost-on-clean',
    'patch-covered',
    'time',
  ]),
  value: z.number().nullable(),
  /** 0..1 shares, points of AP, or milliseconds. */
  unit: z.enum(['fraction', 'points', 'ms']),
  /** How many pictures, objects or patches it rests on; fewer than 10 are few. */
  samples: count,
  samplesAre: z.enum(['images', 'objects', 'patches', 'boxes']),
  needs: z
    .enum(['ground-truth', 'clean-run', 'run-a', 'run-b', 'patch-annotations', 'times'])
    .nullable(),
  /** The figure to compare with, such as AP of A beside B. */
  beside: z.number().nullable(),
})

const classScores = z.object({
  ap: z.number().nullable(),
  ap50: z.number().nullable(),
  ap75: z.number().nullable(),
  objects: count,
  detections: count,
})

const curve = z.object({
  layer: z.enum(['a', 'b', 'clean']),
  points: z.array(
    z.object({ recall: fraction, precision: fraction, score: z.number().nullable() }),
  ),
  ap50: z.number().nullable(),
})

const which = z.enum(['a', 'b', 'clean'])

export const resultProcedures = {
  'results.summary': read(
    'The six figures of the Results screen, each with its sample size or with what it needs.',
    z.strictObject(subject),
    z.object({ figures: z.array(figure), images: count, objects: count }),
  ),
  'results.perClass': read(
    'COCO evaluation by class, of each layer that is given.',
    z.strictObject(subject),
    z.object({
      /** IoU 0.50, up to 100 boxes an image. */
      overall: z.object({
        a: classScores.nullable(),
        b: classScores.nullable(),
        clean: classScores.nullable(),
      }),
      classes: z.array(
        z.object({
          class: z.string(),
          a: classScores.nullable(),
          b: classScores.nullable(),
          clean: classScores.nullable(),
        }),
      ),
      needs: z.enum(['ground-truth', 'run-a', 'run-b']).nullable(),
    }),
  ),
  'results.precisionRecall': read(
    'Precision and recall at IoU 0.50, of a class or of all together.',
    z.strictObject({ ...subject, class: z.string().max(500).optional() }),
    z.object({
      curves: z.array(curve),
      needs: z.enum(['ground-truth', 'run-a', 'run-b']).nullable(),
    }),
  ),
  'results.coverage': read(
    'Every annotated patch: its share of the picture and how much of it the mask of B covered.',
    z.strictObject(subject),
    z.object({
      points: z.array(
        z.object({ imageId: id, patchId: id, sizeFraction: fraction, coveredFraction: fraction }),
      ),
      /** Of all patches together. */
      covered: fraction.nullable(),
      underNinety: count,
      /** Share of what was removed that was no patch. */
      falseFraction: fraction.nullable(),
      needs: z.enum(['patch-annotations', 'run-b']).nullable(),
    }),
  ),
  'results.times': read(
    'Median milliseconds of each stage, in order, for A and B.',
    z.strictObject(subject),
    z.object({
      layers: z.array(
        z.object({
          layer: which,
          images: count,
          medianMs: milliseconds.nullable(),
          stages: z.array(z.object({ name: z.string(), medianMs: milliseconds })),
        }),
      ),
    }),
  ),
  'results.transitions': read(
    'From A to B: how many boxes of each class stayed, changed to another, were lost or gained.',
    z.strictObject({ ...subject, minScore: fraction.optional() }),
    z.object({
      classes: z.array(z.string()),
      /** Rows: class in A, the last one "nothing"; columns: class in B, the last one "nothing". */
      counts: z.array(z.array(count)),
      needs: z.enum(['run-a', 'run-b']).nullable(),
    }),
  ),
  'results.images': read(
    'The pictures behind a point, bar or cell, the most telling first.',
    z.strictObject({
      ...subject,
      behind: z.discriminatedUnion('kind', [
        /** Pictures in which a class is annotated and A, B or clean misses or invents an object. */
        z.strictObject({
          kind: z.literal('class'),
          class: z.string().max(500),
          layer: which,
          mistakes: z.enum(['missed', 'invented', 'any']),
        }),
        z.strictObject({
          kind: z.literal('coverage'),
          size: z.strictObject({ min: fraction, max: fraction }),
          covered: z.strictObject({ min: fraction, max: fraction }),
        }),
        /** A cell of the transitions; null: nothing. */
        z.strictObject({
          kind: z.literal('transition'),
          from: z.string().max(500).nullable(),
          to: z.string().max(500).nullable(),
        }),
        z.strictObject({
          kind: z.literal('time'),
          layer: which,
          stage: z.string().max(200).nullable(),
          minMs: z.number().min(0).max(1e9),
        }),
        /** A point of a curve of `certificates.curves`. */
        z.strictObject({
          kind: z.literal('certified'),
          run: id,
          method: z.string().max(200),
          series: certifiedSeries,
          size: z.number().min(0).max(1e9),
        }),
        z.strictObject({ kind: z.literal('failed'), layer: which }),
      ]),
      limit: z.int().min(1).max(10_000).optional(),
    }),
    z.object({
      ids,
      total: count,
      /** What these pictures have in common, in one sentence. */
      sentence: z.string(),
      rows: z.array(
        z.object({ imageId: id, name: z.string(), version: z.string(), note: z.string() }),
      ),
    }),
  ),
}
