import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { z } from 'zod'
import { version } from '../../../package.json'
import { openModelStore } from '../../engine/models/model-store'
import { AppError } from '../../shared/errors'
import type { Project } from '../../store'
import type { Context } from '../context'
import { isAppError } from '../is-app-error'
import { openImportPlace } from '../import-place'
import { parts } from '../parts'
import { picturesOf, prepareRun, startRun } from '../run-start'
import { drawSample, sampleFolder } from '../sample'
import type { HandlersOf } from './handler'
import { importerNamed, startImport } from './import'
import { projectChangeHandlers } from './project-change'

const PAIR = 'pair'
const SAMPLE = 'Sample'
/** Projects that the sample is being added to. */
const awaitingSample = new WeakSet<Project>()
const pairSchema = z.object({ a: z.number().nullable(), b: z.number().nullable() })

export const projectHandlers: HandlersOf<'project'> = {
  ...projectChangeHandlers,
  'project.info': ({ project, key, projects }) => {
    const datasets = project.datasets.list()
    return {
      ...{ key, name: basename(project.folder) },
      folder: project.folder,
      version,
      images: project.images.facets().images,
      datasets: datasets.length,
      runs: project.runs.count,
      notes: [...startNotes(projects), ...notesOf(project)],
      isEmpty: datasets.length === 0,
      hasSample: datasets.some(({ name }) => name === SAMPLE),
      pair: pairOf(project),
      platform: process.platform,
      threads: availableParallelism(),
    }
  },
  'project.setPair': ({ project }, pair) => {
    for (const id of [pair.a, pair.b]) if (id !== null) project.runs.get(id)
    project.settings.set(PAIR, { a: pair.a, b: pair.b })
    return {}
  },
  'project.doctor': ({ reader }, input, signal) => reader.ask('project.doctor', input, signal),
  'project.clearThumbnails': ({ cache }) => {
    cache.clear()
    return {}
  },
  async 'project.addSample'(context, _input, signal) {
    const { project } = context
    if (project.datasets.list().some(({ name }) => name === SAMPLE)) {
      throw new AppError(
        'E_DATASET_EXISTS',
        'The sample is here already.',
        'Open it in the Library.',
      )
    }
    if (awaitingSample.has(project)) {
      throw new AppError(
        'E_DATASET_EXISTS',
        'The sample is being added already.',
        'Wait until it is in the Library.',
      )
    }
    awaitingSample.add(project)
    try {
      const jobId = await importSample(context, signal)
      void defendWhenThere(context, jobId).finally(() => awaitingSample.delete(project))
      return { jobId, datasetId: null }
    } catch (error) {
      awaitingSample.delete(project)
      throw error
    }
  },
  async 'project.about'({ locations }) {
    const models = await (await openModelStore(locations)).list()
    return {
      version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      threads: availableParallelism(),
      parts: parts(locations.packageRoot),
      models: models.flatMap(({ id, card, available }) =>
        card && available ? [{ id, licence: card.licence, origin: card.origin }] : [],
      ),
    }
  },
}

/** Draws the scenes and imports them; answers the import's job. */
async function importSample(context: Context, signal: AbortSignal): Promise<number> {
  await drawSample(context, signal)
  const place = await openImportPlace(sampleFolder(context), context.project.folder)
  const importer = importerNamed('coco')
  const settings = importer.params.parse({})
  return startImport(context, place, { name: SAMPLE, importer, settings, verify: false })
}

/** The sample is shown defended: both runs follow the import by themselves. */
async function defendWhenThere(context: Context, jobId: number): Promise<void> {
  const { tasks, events, project } = context
  try {
    await tasks.running(jobId)?.finished
    const { datasetId } = tasks.outcome(jobId) ?? {}
    if (datasetId == null) return
    const pictures = await picturesOf(context, { filter: { dataset: datasetId } })
    const choice = { detector: 'patchwarden-nano', defense: null }
    const defended = { ...choice, defense: { id: 'segment-and-complete', params: {} } }
    const bare = startRun(context, 'Sample, bare', await prepareRun(context, choice, pictures))
    const other = startRun(
      context,
      'Sample, defended',
      await prepareRun(context, defended, pictures),
    )
    project.settings.set(PAIR, { a: bare.run.id, b: other.run.id })
    context.changed('runs')
  } catch (error) {
    if (error instanceof DOMException) return
    const message = error instanceof Error ? error.message : String(error)
    const told = error instanceof AppError ? { code: error.code, message, hint: error.hint } : null
    events.emit('toast', { kind: 'bad', message, error: told, jobId })
  }
}

/** Runs that were deleted are chosen no more. */
function pairOf(project: Project): { a: number | null; b: number | null } {
  const checked = pairSchema.safeParse(project.settings.get(PAIR))
  const known = (id: number | null): number | null => {
    if (id === null) return null
    try {
      return project.runs.get(id).id
    } catch (error) {
      if (isAppError(error, 'E_ROW_UNKNOWN')) return null
      throw error
    }
  }
  return checked.success
    ? { a: known(checked.data.a), b: known(checked.data.b) }
    : { a: null, b: null }
}

/** The user expects the project of the last time, and sees another one. */
function startNotes({ startNote }: Context['projects']) {
  if (!startNote) return []
  const why = `${startNote.message} (${startNote.code})`
  return [
    { code: 'W_LAST_PROJECT', message: `The project of the last time could not be opened: ${why}` },
  ]
}

function notesOf({ notes, folder }: Project) {
  const { folderWarning, takenOverFrom, copyBeforeMigration } = notes
  return [
    ...(folderWarning ? [{ code: folderWarning.code, message: folderWarning.message }] : []),
    ...(takenOverFrom
      ? [
          {
            code: 'W_LOCK_STALE',
            message: `Process ${takenOverFrom.pid} had ended without closing ${folder}.`,
          },
        ]
      : []),
    ...(copyBeforeMigration
      ? [
          {
            code: 'W_PROJECT_UPDATED',
            message: `The project was brought up to date; the old file is ${copyBeforeMigration}.`,
          },
        ]
      : []),
  ]
}
