import { readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { ImportReport } from '../../engine/import/import-report'
import { preview } from '../../engine/import/preview'
import { chooseImporter, recognize } from '../../engine/import/recognize'
import { startVerifier } from '../../engine/import/verifier'
import { importTools } from '../../engine/import/import-tools'
import { programFile } from '../../engine/program-file'
import { importers } from '../../datasets'
import type { Output } from '../../shared/api'
import { parseParams, type ImporterPlugin } from '../../shared/plugin'
import { z } from 'zod'
import type { Context } from '../context'
import { chosenFiles } from '../chosen-files'
import { removeCopies } from '../copied-files'
import { pathOf } from '../grants'
import { importDataset, type ImportResult } from '../import-job'
import type { ImportPlace } from '../import-place'
import { keepImportPicture } from '../import-pictures'
import { importResults } from '../results-import'
import { datasetExists } from '../../store/store-errors'
import { importSourceUnknown } from '../service-errors'
import type { HandlersOf } from './handler'

const THUMBNAILS = 12
const EXAMPLES = 5

const reportSchema = z.object({
  images: z.number(),
  objects: z.number(),
  patches: z.number(),
  there: z
    .object({ images: z.number(), objects: z.number(), patches: z.number() })
    .default({ images: 0, objects: 0, patches: 0 }), // of reports kept before there were such imports
  skipped: z.number(),
  problems: z.array(
    z.object({
      decision: z.string(),
      code: z.string(),
      count: z.number(),
      examples: z.array(z.object({ file: z.string(), message: z.string() })),
    }),
  ),
})
type Problems = Output<'import.report'>['problems']

export const importHandlers: HandlersOf<'import'> = {
  async 'import.preview'(context, { grant, moreGrants, format, params }) {
    const place = await placeOf(context, grant, moreGrants)
    try {
      const candidates = await recognize(place.source)
      const importer = await chooseImporter(place.source, format ?? null)
      const settings = parseParams(importer.id, importer.params, params ?? {})
      const found = await preview(place.source, importer, settings)
      const own = candidates.find((one) => one.importer.id === importer.id)
      const report = new ImportReport({ examples: EXAMPLES })
      for (const problem of found.problems) report.add(problem)
      return {
        format: importer.id,
        summary: own?.summary ?? `Taken for ${importer.name}, because you said so.`,
        others: candidates
          .filter((one) => one.importer.id !== importer.id && one.certainty > 0)
          .map((one) => ({
            format: one.importer.id,
            summary: one.summary,
            certainty: one.certainty,
          })),
        suggestedName: freeName(context, suggestedName(context, grant)),
        isComplete: found.complete,
        images: found.images,
        objects: found.objects,
        patches: found.patches,
        classes: [...found.categories],
        splits: [...found.splits].map(([name, images]) => ({ name, images })),
        problems: problemsOf(report),
        refusal: found.refusal,
        thumbnails: await firstPictures(context, place, importer, settings),
      }
    } finally {
      place.source.close()
    }
  },
  async 'import.start'(
    context,
    { grant, moreGrants, into, format, params, verify = false, ...asked },
  ) {
    const name =
      into === undefined
        ? (asked.name ?? freeName(context, suggestedName(context, grant)))
        : context.project.datasets.byId(into).name
    if (into === undefined) requireFreeName(context, name)
    const place = await placeOf(context, grant, moreGrants)
    try {
      const importer = await chooseImporter(place.source, format ?? null)
      const settings = parseParams(importer.id, importer.params, params ?? {})
      const target = { name, ...(into === undefined ? {} : { into }) }
      const uploads = uploadsOf(context, [grant, ...(moreGrants ?? [])])
      return {
        jobId: startImport(context, place, { ...target, importer, settings, verify, uploads }),
      }
    } catch (error) {
      place.source.close()
      throw error
    }
  },
  'import.results': (context, { grant, name, dataset: id }) => {
    const { project, grants, tasks } = context
    const given = grants.get(grant)
    const { name: file } = given
    const path = pathOf(given)
    const dataset = project.datasets.byId(id)
    const job = tasks.start({
      order: { kind: 'import-results', name, manifest: { file, dataset: id } },
      canPause: true,
      work: (control) => importResults(project, { path, name, dataset }, control),
      outcome: ({ run, detections, report }) => ({
        summary: `${detections} boxes became the run "${run.name}".`,
        datasetId: null,
        result: {
          ...{ images: run.done, objects: detections, patches: 0 },
          there: { images: 0, objects: 0, patches: 0 },
          skipped: report.groups().reduce((sum, { count }) => sum + count, 0),
          problems: problemsOf(report),
        },
      }),
      settled(isDone) {
        if (isDone && given.origin === 'upload') removeCopies(project, given.paths)
        context.changed('runs')
      },
    })
    return { jobId: job.id }
  },
  'import.report': ({ tasks }, { jobId }) => {
    const outcome = tasks.outcome(jobId)
    const checked = reportSchema.safeParse(outcome?.result)
    if (!checked.success) throw importSourceUnknown(jobId)
    return { datasetId: outcome?.datasetId ?? null, ...checked.data }
  },
}

interface ImportStart {
  /** Also names the job. */
  readonly name: string
  /** The data set of that name that is added to; without it the import makes one. */
  readonly into?: number
  readonly importer: ImporterPlugin
  readonly settings: Record<string, unknown>
  readonly verify: boolean
  /** Copies of ours that it is read from: those that are not needed go when it is done. */
  readonly uploads?: readonly string[]
}

/** Answers the job. It closes the source when it has ended. */
export function startImport(
  context: Context,
  place: ImportPlace,
  { name, into, importer, settings, verify, uploads = [] }: ImportStart,
): number {
  const { project, tasks } = context
  const verifier = verify
    ? startVerifier({ entry: programFile('verify'), spawn: context.spawn, workers: 2 })
    : null
  const report = new ImportReport()
  const job = tasks.start({
    order: {
      kind: 'import',
      name,
      manifest: {
        ...{ root: place.root, importer: importer.id, params: JSON.stringify(settings), name },
        ...(into === undefined ? {} : { into }),
      },
    },
    canPause: true,
    work: (control) =>
      importDataset(
        project,
        place,
        { ...(into === undefined ? { name } : { into }), importer, params: settings },
        {
          ...(verifier ? { verify: verifier.verify } : {}),
          maxPixels: Math.round(context.settings.get().maxMegapixels * 1e6),
          report,
          onImage(images) {
            control.report({ done: images })
          },
          signal: control.signal,
          checkpoint: control.checkpoint,
        },
      ),
    outcome: outcomeOf,
    settled(isDone) {
      place.source.close()
      verifier?.close()
      // One that was refused may be tried again, as another format.
      if (isDone) removeCopies(project, uploads)
      context.changed('datasets')
      context.changed('images')
    },
  })
  return job.id
}

function outcomeOf({ datasetId, counts, there, report }: ImportResult) {
  const { images, objects, patches, skippedImages } = counts
  const added = images - there.images
  const left = skippedImages === 0 ? '' : `, ${skippedImages} left out`
  const known = there.images === 0 ? '' : `, ${there.images} were there already`
  return {
    summary: `${added} ${added === 1 ? 'image' : 'images'} added${known}${left}.`,
    datasetId,
    result: {
      images: added,
      objects: objects - there.objects,
      patches: patches - there.patches,
      there,
      skipped: skippedImages,
      problems: problemsOf(report),
    },
  }
}

const uploadsOf = ({ grants }: Context, ids: readonly string[]): readonly string[] =>
  ids
    .map((id) => grants.get(id))
    .filter(({ origin }) => origin === 'upload')
    .flatMap(({ paths }) => paths)

async function placeOf(
  { grants, project }: Context,
  grant: string,
  moreGrants: readonly string[] = [],
): Promise<ImportPlace> {
  const given = [grant, ...moreGrants].map((id) => grants.get(id))
  return chosenFiles(
    given.flatMap(({ paths }) => paths),
    project.folder,
  )
}

/** From what was chosen: the name of the folder or file, without its ending. */
function suggestedName({ grants }: Context, grant: string): string {
  const { paths, kind, origin, name: given } = grants.get(grant)
  const [path, ...others] = paths
  if (path === undefined || others.length > 0) return given
  if (origin === 'upload' && kind === 'folder') return nameOfUpload(path)
  const name = kind === 'folder' ? basename(path) : basename(path, extname(path))
  return name === '' ? 'Pictures' : name
}

/** The folder of an upload has a name of ours: what lies in it has the user's. */
function nameOfUpload(folder: string): string {
  const [only, ...others] = readdirSync(folder)
  return only === undefined || others.length > 0 ? 'Pictures' : basename(only, extname(only))
}

function freeName({ project }: Context, wanted: string): string {
  const taken = new Set(project.datasets.list().map(({ name }) => name))
  let name = wanted
  for (let n = 2; taken.has(name); n++) name = `${wanted} ${n}`
  return name
}

function requireFreeName({ project }: Context, name: string): void {
  if (project.datasets.list().some((dataset) => dataset.name === name)) throw datasetExists(name)
}

/** Small pictures of the first images; none of an archive, which is not unpacked for a look. */
async function firstPictures(
  context: Context,
  place: ImportPlace,
  importer: ImporterPlugin,
  settings: Record<string, unknown>,
): Promise<Output<'import.preview'>['thumbnails']> {
  if (place.archiveSha256 !== null) return []
  const pictures: Output<'import.preview'>['thumbnails'] = []
  try {
    for await (const record of importer.read(place.source, settings, importTools(place.source))) {
      if (record.kind !== 'image' || record.image.pixels) continue
      const { file } = record.image
      if (!(await place.source.has(file))) continue
      const token = keepImportPicture(context, { path: file, source: join(place.root, file) })
      pictures.push({
        name: basename(file),
        picture: { imageId: 0, kind: `import-${token}`, version: token },
      })
      if (pictures.length === THUMBNAILS) break
    }
  } catch {
    // What is wrong with the source is told by the preview itself.
  }
  return pictures
}

export function problemsOf(report: ImportReport): Problems {
  return report.groups().map(({ decision, code, count, examples }) => ({
    ...{ decision, code, count },
    examples: examples.slice(0, EXAMPLES).map(({ file, message }) => ({ file, message })),
  }))
}

/** Of the command line and the sample: an importer that is always there. @throws TypeError if it is not */
export function importerNamed(id: string): ImporterPlugin {
  const importer = importers.get(id)
  if (!importer) throw new TypeError(`there is no importer ${id}`)
  return importer
}
