import { z } from 'zod'
import { read, write } from './define'
import {
  fileState,
  imageFilter,
  imageOrder,
  imageStatus,
  pair,
  patchStatus,
  selection,
} from './filter'
import {
  attributes,
  boundedCount,
  boxXyxy,
  count,
  errorRecord,
  fraction,
  id,
  ids,
  nothing,
  pageOf,
  pageRequest,
  rle,
  shortText,
} from './values'

export const dataset = z.object({
  id,
  name: z.string(),
  importer: z.string(),
  /** For people. */
  root: z.string(),
  createdMs: z.number(),
  images: count,
  splits: z.array(z.object({ name: z.string(), images: count })),
})

const facetValue = z.object({ value: z.string(), images: count })

/** Differences between the answers of A and B to one picture. */
export const changeMarks = z.object({
  gained: count,
  lost: count,
  moved: count,
  relabelled: count,
  /** 0: the same. See design: 1 - sum of IoU / (boxes in A + boxes in B - pairs). */
  change: fraction,
})

/** What a cell of the grid shows. */
export const imageCard = z.object({
  id,
  datasetId: id,
  /** Name of the file without its folders. */
  name: z.string(),
  file: z.string(),
  fileState,
  /** Upright pixels; null where nobody knows. */
  width: z.number().nullable(),
  height: z.number().nullable(),
  status: imageStatus,
  tags: z.array(z.string()),
  /** Part of the address of its pictures: changes with the content. */
  version: z.string(),
  marks: z.object({
    /** Patches that B found or, without a run, that are annotated. */
    patches: count,
    changes: changeMarks.nullable(),
    certified: z.boolean().nullable(),
    accepted: z.boolean(),
    /** Patches that wait for a decision. */
    proposals: count,
    failed: errorRecord.nullable(),
  }),
  /** What is drawn over the thumbnail, when asked for: boxes of B and the outline of its masks. */
  overlay: z
    .object({
      boxes: z.array(boxXyxy),
      /** What became of each box from A to B; empty where A did not look at the picture. */
      kinds: z.array(z.enum(['same', 'gained', 'moved', 'relabelled'])),
      /** Boxes that only A has. */
      lost: z.array(boxXyxy),
      mask: rle.nullable(),
    })
    .nullable(),
})
export type ImageCard = z.infer<typeof imageCard>

const listRequest = { filter: imageFilter.optional(), order: imageOrder.optional() }

export const libraryProcedures = {
  'datasets.list': read(
    'All data sets, by name.',
    nothing,
    z.object({ datasets: z.array(dataset) }),
  ),
  'datasets.get': read(
    'A data set with its classes.',
    z.strictObject({ id }),
    z.object({
      dataset,
      categories: z.array(z.object({ id, name: z.string(), supercategory: z.string().nullable() })),
    }),
  ),
  'datasets.rename': write('Renames a data set.', z.strictObject({ id, name: shortText }), nothing),
  'datasets.remove': write(
    'Removes a data set with its annotations from the project; files stay, undo ends here.',
    z.strictObject({ id }),
    nothing,
  ),
  'datasets.problems': read(
    'Lines of the report of its import.',
    z.strictObject({ id, ...pageRequest.shape }),
    pageOf(
      z.object({
        id,
        decision: z.string(),
        code: z.string(),
        file: z.string(),
        line: z.number().nullable(),
        record: z.number().nullable(),
        message: z.string(),
      }),
    ),
  ),
  'images.ids': read(
    'Ids of the pictures that a filter lets through, in order: a window of the whole list by position, with its length.',
    z.strictObject({
      ...listRequest,
      /** Position of the first id, from 0. */
      from: count.optional(),
      limit: z.int().min(1).max(20_000).optional(),
    }),
    z.object({
      total: count,
      ids: z.array(id),
      /** Changes when the list may have: ask again from the start. */
      revision: z.string(),
    }),
  ),
  'images.list': read(
    'Cards of the pictures that a filter lets through, a page by key.',
    z.strictObject({
      ...listRequest,
      ...pair,
      ...pageRequest.shape,
      limit: z.int().min(1).max(500).optional(),
      overlay: z.boolean().optional(),
    }),
    pageOf(imageCard),
  ),
  'images.cards': read(
    'Cards of given pictures, in the order of the ids; those that are gone are left out.',
    z.strictObject({
      ids: z.array(id).max(500),
      ...pair,
      /** Also the boxes and masks of B. */
      overlay: z.boolean().optional(),
    }),
    z.object({ cards: z.array(imageCard) }),
  ),
  'images.position': read(
    'Where a picture stands in a list: its position, the one before and the one after; null where it is not in it.',
    z.strictObject({ ...listRequest, id }),
    z.object({
      position: count.nullable(),
      total: count,
      previous: id.nullable(),
      next: id.nullable(),
    }),
  ),
  'images.count': read(
    'How many pictures a filter lets through.',
    z.strictObject({ filter: imageFilter.optional() }),
    boundedCount,
  ),
  'images.facets': read(
    'Values with their numbers of pictures, of a data set or all; what happened from A to B when runs are given.',
    z.strictObject({ dataset: id.optional(), ...pair }),
    z.object({
      images: count,
      split: z.array(facetValue),
      class: z.array(facetValue.extend({ objects: count })),
      label: z.array(facetValue),
      tag: z.array(facetValue),
      file: z.array(facetValue),
      status: z.array(facetValue),
      patch: z.object({ with: count, without: count }),
      patchStatus: z.array(facetValue),
      certified: z.object({ yes: count, no: count }),
      happened: z
        .object({
          done: count,
          patchFound: count,
          changed: count,
          failed: count,
          accepted: count,
          /** Pictures by the completion's rung. */
          rungs: z.array(z.object({ rung: count, images: count })),
          /** Pictures by their change: 20 equal steps of 0..1; unchanged ones are not counted. */
          changeHistogram: z.array(count),
        })
        .nullable(),
    }),
  ),
  'images.parseQuery': read(
    'Reads the search language (class:dog score<0.5 rung>=2 patch:yes change>0.3 tag:x name:"…" words) as a filter.',
    z.strictObject({ text: z.string().max(2_000), ...pair }),
    z.object({
      filter: imageFilter,
      /** What could not be read, with its place in the text; the rest is in the filter. */
      faults: z.array(z.object({ start: count, end: count, message: z.string() })),
    }),
  ),
  'images.complete': read(
    'Words that may go on at the end of a search text: keys, class names, tags.',
    z.strictObject({ text: z.string().max(2_000) }),
    z.object({
      /** Position in the text from which a suggestion replaces it. */
      from: count,
      suggestions: z.array(z.string()),
    }),
  ),
  'images.setStatus': write(
    'Marks pictures as open, reviewed or excluded; one undoable step.',
    z.strictObject({ selection, status: imageStatus }),
    z.object({ images: count }),
  ),
  'images.tag': write(
    'Adds and removes tags; one undoable step.',
    z.strictObject({
      selection,
      add: z.array(shortText.max(100)).max(50).optional(),
      remove: z.array(shortText.max(100)).max(50).optional(),
    }),
    z.object({ images: count }),
  ),
  'images.remove': write(
    'Takes pictures out of the project with their annotations; the files stay. One undoable step.',
    z.strictObject({ selection }),
    z.object({ images: count }),
  ),
  'images.acceptPatches': write(
    'Accepts the proposed masks of pictures and marks them as reviewed; one undoable step.',
    z.strictObject({ selection }),
    z.object({ patches: count, images: count }),
  ),
  'images.attributes': read(
    'What the import has kept of a picture beside its annotations.',
    z.strictObject({ id }),
    z.object({ attributes }),
  ),
  'patches.list': read(
    'Patch annotations of all pictures, by status: the review list.',
    z.strictObject({ status: patchStatus.optional(), ids: ids.optional(), ...pageRequest.shape }),
    pageOf(z.object({ id, imageId: id, status: patchStatus })),
  ),
}
