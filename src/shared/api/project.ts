import { z } from 'zod'
import { read, write } from './define'
import { count, errorRecord, id, milliseconds, nothing, shortText } from './values'

export const note = z.object({ code: z.string(), message: z.string() })

/** End what is under way in the present project; without it that is a reason to refuse. */
const stopJobs = z.boolean().optional()

export const projectProcedures = {
  'project.info': read(
    'The project that is open: name, counts, what was met when it was opened.',
    nothing,
    z.object({
      /** Stands for this project: the same after a restart, another one for another project. */
      key: z.string(),
      name: z.string(),
      /** Where it lies, for people; not to be sent back. */
      folder: z.string(),
      version: z.string(),
      images: count,
      datasets: count,
      runs: count,
      /** Warnings of the opening: network folder, lock taken over, brought up to date. */
      notes: z.array(note),
      /** True where nothing was ever imported: the first-run screen is shown. */
      isEmpty: z.boolean(),
      hasSample: z.boolean(),
      /** The layers that were chosen last. */
      pair: z.object({ a: id.nullable(), b: id.nullable() }),
      platform: z.string(),
      threads: count,
    }),
  ),
  'project.recent': read(
    'Projects that were opened on this machine and may be opened here, newest first.',
    nothing,
    z.object({
      projects: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          /** Where it lies, for people; not to be sent back. */
          folder: z.string(),
          openedMs: milliseconds,
          /** False where it was moved or deleted, or its disk is not connected. */
          isThere: z.boolean(),
          isOpen: z.boolean(),
        }),
      ),
    }),
  ),
  'project.open': write(
    'Opens a project in place of the present one, which is closed; the event `project` follows.',
    z.strictObject({
      /** A granted folder that may be written to, or one of `project.recent`. */
      from: z.union([
        z.strictObject({ grant: z.string().max(100) }),
        z.strictObject({ recent: z.string().max(100) }),
      ]),
      stopJobs,
    }),
    z.object({ name: z.string() }),
  ),
  'project.create': write(
    'Makes a project in a new folder below a granted one, and opens it as `project.open` does.',
    z.strictObject({ grant: z.string().max(100), name: shortText.max(200), stopJobs }),
    z.object({ name: z.string() }),
  ),
  'project.setPair': write(
    'Keeps which runs are A and B.',
    z.strictObject({ a: id.nullable(), b: id.nullable() }),
    nothing,
  ),
  'project.doctor': write(
    'Checks the project; with `originals` also whether all pictures are there and unchanged.',
    z.strictObject({ originals: z.boolean().optional() }),
    z.object({
      findings: z.array(z.object({ code: z.string(), message: z.string(), repaired: z.boolean() })),
    }),
  ),
  'project.clearThumbnails': write('Empties the cache of pictures.', nothing, nothing),
  'project.addSample': write(
    'Adds the drawn scenes as the data set "Sample" and defends them; a job.',
    nothing,
    z.object({ jobId: id, datasetId: id.nullable() }),
  ),
  'project.about': read(
    'Version, parts with their licences, and what the engine runs on. No paths, no pictures.',
    nothing,
    z.object({
      version: z.string(),
      node: z.string(),
      platform: z.string(),
      threads: count,
      parts: z.array(z.object({ name: z.string(), version: z.string(), licence: z.string() })),
      models: z.array(z.object({ id: z.string(), licence: z.string(), origin: z.string() })),
    }),
  ),
}

export const grantProcedures = {
  'grants.list': read(
    'Places of this machine that the user has granted, as opaque ids.',
    nothing,
    z.object({
      grants: z.array(
        z.object({
          id: z.string(),
          /** For people. */
          name: z.string(),
          kind: z.enum(['file', 'folder', 'files']),
          /** command-line: a folder in which typed paths are allowed. */
          origin: z.enum(['dialog', 'drop', 'upload', 'command-line', 'path']),
          writable: z.boolean(),
        }),
      ),
      /** Whether `grants.fromPath` can succeed at all. */
      allowsPaths: z.boolean(),
    }),
  ),
  'grants.fromPath': write(
    'Turns a typed path into a grant; only below folders that were granted when the service was started.',
    z.strictObject({ path: z.string().min(1).max(4_096) }),
    z.object({ grant: z.string(), name: z.string() }),
  ),
  'grants.browse': read(
    'Folders and files below a granted folder, to choose from.',
    z.strictObject({ grant: z.string().max(100), folder: z.string().max(4_096).optional() }),
    z.object({
      folder: z.string(),
      entries: z.array(
        z.object({ name: z.string(), isFolder: z.boolean(), sizeBytes: count.nullable() }),
      ),
      isComplete: z.boolean(),
    }),
  ),
  'grants.within': write(
    'Turns a file or folder below a granted folder into a grant of its own.',
    z.strictObject({ grant: z.string().max(100), path: shortText.max(4_096) }),
    z.object({ grant: z.string(), name: z.string() }),
  ),
  'grants.drop': write('Forgets a grant.', z.strictObject({ grant: z.string().max(100) }), nothing),
}

/** Where the user looks for what went wrong; never pixels. */
export const failure = z.object({ file: z.string(), error: errorRecord })
