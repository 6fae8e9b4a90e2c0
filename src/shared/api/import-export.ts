import { z } from 'zod'
import { read, write } from './define'
import { imageFilter } from './filter'
import { count, errorRecord, id, pictureRef, settings, shortText, startedJob } from './values'

const grantId = z.string().max(100)

const problemGroup = z.object({
  decision: z.string(),
  code: z.string(),
  count,
  /** The first few: file, line or record, sentence. */
  examples: z.array(z.object({ file: z.string(), message: z.string() })),
})

export const importProcedures = {
  'import.preview': read(
    'What an import would bring: format, counts, first pictures, what would be left out and why. Stores nothing.',
    z.strictObject({
      grant: grantId,
      /** Further files that were dropped with it: then only these files are looked at. */
      moreGrants: z.array(grantId).max(20_000).optional(),
      /** Id of an importer; the most certain one by default. */
      format: shortText.optional(),
      params: settings.optional(),
    }),
    z.object({
      format: z.string(),
      /** One sentence about what was recognised. */
      summary: z.string(),
      others: z.array(z.object({ format: z.string(), summary: z.string(), certainty: z.number() })),
      /** A free name for the data set. */
      suggestedName: z.string(),
      /** False: at least so many. */
      isComplete: z.boolean(),
      images: count,
      objects: count,
      patches: count,
      classes: z.array(z.string()),
      splits: z.array(z.object({ name: z.string(), images: count })),
      problems: z.array(problemGroup),
      /** Why it would be refused. */
      refusal: errorRecord.nullable(),
      /** First pictures, small. */
      thumbnails: z.array(z.object({ name: z.string(), picture: pictureRef })),
    }),
  ),
  'import.start': write(
    'Imports as a new data set, or into one that is there; a job, cancelled without a trace.',
    z.strictObject({
      grant: grantId,
      moreGrants: z.array(grantId).max(20_000).optional(),
      /** Of the new data set; a free one by default. Not looked at with `into`. */
      name: shortText.optional(),
      /** Adds to this data set: pictures and annotations that it has are not doubled, nothing of it is changed. */
      into: id.optional(),
      format: shortText.optional(),
      params: settings.optional(),
      /** Decode every picture, which finds damage inside; slower. */
      verify: z.boolean().optional(),
    }),
    startedJob,
  ),
  'import.results': write(
    'Takes a COCO results file as a run of a data set; a job.',
    z.strictObject({ grant: grantId, name: shortText, dataset: id }),
    startedJob,
  ),
  'import.report': read(
    'How an import went: added, left out and why.',
    z.strictObject({ jobId: id }),
    z.object({
      datasetId: id.nullable(),
      images: count,
      objects: count,
      patches: count,
      /** What the data set had before; `images`, `objects` and `patches` were added. */
      there: z.object({ images: count, objects: count, patches: count }),
      skipped: count,
      problems: z.array(problemGroup),
    }),
  ),
}

export const exportSubject = z.union([z.strictObject({ dataset: id }), z.strictObject({ run: id })])

const order = {
  subject: exportSubject,
  filter: imageFilter.optional(),
  /** Id of an exporter. */
  format: shortText,
  params: settings.optional(),
}

export const exportProcedures = {
  'export.preview': read(
    'Counted on the chosen content: what is lost, what is changed, what is kept, the first lines, the command.',
    z.strictObject(order),
    z.object({
      images: count,
      objects: count,
      /** Pictures left out because nobody knows their size. */
      withoutSize: count,
      losses: z.array(z.object({ what: z.string(), message: z.string(), count })),
      kept: z.array(z.object({ what: z.string(), count })),
      /** About. */
      bytes: count.nullable(),
      firstLines: z.array(z.string()),
      firstFile: z.string().nullable(),
      command: z.string(),
    }),
  ),
  'export.check': read(
    'Whether something is at the target already, and which name would be free.',
    z.strictObject({
      /** As for the export itself: null is the project's folder `exports`. */
      grant: grantId.nullable(),
      name: shortText.max(255),
      format: shortText,
    }),
    z.object({ exists: z.boolean(), freeName: z.string(), path: z.string() }),
  ),
  'export.start': write(
    'Writes the files, whole or not at all; a job.',
    z.strictObject({
      ...order,
      /** A folder that was granted for writing; null: the project's folder `exports`. */
      grant: grantId.nullable(),
      /** Of the file or folder. */
      name: shortText.max(255),
      copyImages: z.boolean().optional(),
      /** refuse: an error; keep-both: a free name; replace: what is there goes. */
      ifExists: z.enum(['refuse', 'keep-both', 'replace']).optional(),
    }),
    startedJob,
  ),
  'export.result': read(
    'What an export wrote; `download` fetches it from the service where it is one file below 2 GiB.',
    z.strictObject({ jobId: id }),
    z.object({
      images: count,
      files: count,
      path: z.string(),
      fileName: z.string(),
      renamed: count,
      download: z.string().nullable(),
    }),
  ),
}
