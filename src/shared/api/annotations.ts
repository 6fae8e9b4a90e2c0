import { z } from 'zod'
import { drawnAs, object, patch } from './annotation-values'
import { read, write } from './define'
import { patchStatus } from './filter'
import {
  attributes,
  boxXywh,
  boxXyxy,
  count,
  fraction,
  id,
  nothing,
  rle,
  settings,
  shape,
  shortText,
} from './values'

const undoState = z.object({ undo: z.string().nullable(), redo: z.string().nullable() })

const drawing = {
  box: boxXywh,
  shape: shape.optional(),
  name: shortText.nullable().optional(),
  target: shortText.nullable().optional(),
  drawnAs: drawnAs.optional(),
}

const ids = z.array(id).min(1).max(10_000)

/** A shape that may become a patch: from the segmenter, completed. Not stored. */
export const proposal = z.object({
  box: boxXywh,
  mask: rle,
  /** What the segmenter marked, before the completion. */
  raw: rle,
  shape: z.enum(['square', 'rectangle', 'circle', 'as-found']),
  /** Side of the square in pixels of the picture; null for other shapes. */
  side: z.number().nullable(),
  rung: z.number().nullable(),
  q: z.number().nullable(),
  /** Mean probability of the raw pixels. */
  probability: fraction.nullable(),
  segmenter: z.string(),
})
export type Proposal = z.infer<typeof proposal>

export const annotationProcedures = {
  'annotations.get': read(
    'Patches and objects of a picture.',
    z.strictObject({ id }),
    z.object({ patches: z.array(patch), objects: z.array(object) }),
  ),
  'patches.draw': write(
    'Adds a patch that the user drew; it counts as accepted.',
    z.strictObject({ imageId: id, ...drawing }),
    z.object({ patch }),
  ),
  'patches.change': write(
    'Changes place, shape, name or target of a patch; a box alone drops the shape drawn for the old one.',
    z.strictObject({ id, ...z.object(drawing).partial().shape }),
    z.object({ patch }),
  ),
  'patches.setStatus': write(
    'Accepts, rejects or reopens patches.',
    z.strictObject({ ids, status: patchStatus }),
    z.object({ patches: z.array(patch) }),
  ),
  'patches.delete': write('Deletes patches.', z.strictObject({ ids }), nothing),
  'patches.propose': read(
    'Runs the segmenter on a picture and completes what it finds: at a click, within a box, or everywhere.',
    z.strictObject({
      imageId: id,
      /** Pixels of the picture: only the part under this point. */
      at: z.tuple([z.number().min(0).max(1e6), z.number().min(0).max(1e6)]).optional(),
      within: boxXyxy.optional(),
      /** Settings of segmenter and completion, as of the defense segment-and-complete. */
      params: settings.optional(),
      shape: z.enum(['square', 'rectangle', 'circle', 'as-found']).optional(),
      /** Snap the square to this side. */
      side: z.number().positive().max(100_000).optional(),
    }),
    z.object({
      proposals: z.array(proposal),
      /** Sides in pixels of this picture that squares snap to, ascending. */
      sides: z.array(z.number()),
      threshold: z.number(),
      ms: z.number(),
      reused: z.boolean(),
    }),
  ),
  'patches.keepProposals': write(
    'Stores proposals as patches with the status `proposed`, or accepts them at once; one undoable step.',
    z.strictObject({
      imageId: id,
      segmenter: shortText,
      params: settings,
      proposals: z
        .array(
          z.strictObject({ box: boxXywh, shape: shape.optional(), drawnAs: drawnAs.optional() }),
        )
        .min(1)
        .max(1_000),
      accept: z.boolean().optional(),
      /** Marks the picture reviewed, in the same step. */
      reviewed: z.boolean().optional(),
    }),
    z.object({ patches: z.array(patch) }),
  ),
  'patches.proposeAll': write(
    'Proposes patches for pictures that have none, as a job; what a defended run found is taken where `run` is given.',
    z.strictObject({
      dataset: id.optional(),
      imageIds: z.array(id).max(100_000).optional(),
      /** Take the completed masks of this run. */
      run: id,
    }),
    z.object({ jobId: id }),
  ),
  'objects.add': write(
    'Adds an object; a class that is new to the data set is made.',
    z.strictObject({
      imageId: id,
      class: shortText,
      box: boxXywh,
      shape: shape.optional(),
      isCrowd: z.boolean().optional(),
      attributes: attributes.optional(),
    }),
    z.object({ object }),
  ),
  'objects.change': write(
    'Changes an object.',
    z.strictObject({
      id,
      class: shortText.optional(),
      box: boxXywh.optional(),
      shape: shape.optional(),
      isCrowd: z.boolean().optional(),
    }),
    z.object({ object }),
  ),
  'objects.delete': write('Deletes objects.', z.strictObject({ ids }), nothing),
  'review.queue': read(
    'The review list: pictures to do first, with what was decided; a window by position.',
    z.strictObject({
      dataset: id.optional(),
      show: z.enum(['to-do', 'accepted', 'rejected', 'no-patch', 'all']).optional(),
      from: count.optional(),
      limit: z.int().min(1).max(1_000).optional(),
    }),
    z.object({
      total: count,
      toDo: count,
      accepted: count,
      rejected: count,
      rows: z.array(
        z.object({
          imageId: id,
          name: z.string(),
          version: z.string(),
          proposals: count,
          accepted: count,
          state: z.enum(['to-do', 'accepted', 'rejected', 'no-patch']),
        }),
      ),
    }),
  ),
  'review.accept': write(
    'Accepts all proposals of a picture and marks it reviewed; one undoable step.',
    z.strictObject({ imageId: id }),
    z.object({ patches: count }),
  ),
  'review.reject': write(
    'No patch in this picture: rejects all proposals and marks it reviewed; one undoable step.',
    z.strictObject({ imageId: id }),
    z.object({ patches: count }),
  ),
  'undo.state': read('What undo and redo would do; null: nothing.', nothing, undoState),
  'undo.undo': write(
    'Takes back the last step.',
    nothing,
    undoState.extend({ done: z.string().nullable(), imageIds: z.array(id) }),
  ),
  'undo.redo': write(
    'Does the last undone step again.',
    nothing,
    undoState.extend({ done: z.string().nullable(), imageIds: z.array(id) }),
  ),
  'undo.history': read(
    'Steps, newest first; those that touch a picture when it is named.',
    z.strictObject({ imageId: id.optional(), limit: z.int().min(1).max(1_000).optional() }),
    z.object({
      steps: z.array(z.object({ id, name: z.string(), atMs: z.number(), isUndone: z.boolean() })),
    }),
  ),
  'undo.goTo': write(
    'Undoes or redoes until this step is the last one done; null: until none is.',
    z.strictObject({ id: id.nullable() }),
    undoState.extend({ moved: count }),
  ),
}
