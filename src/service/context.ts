import { availableParallelism } from 'node:os'
import { spawnNodeWorker, type SpawnWorker } from '../engine/spawn-worker'
import { Studio } from '../engine/studio/studio'
import type { Locations } from '../engine/vision-job'
import { openProject, ThumbnailCache, type Project } from '../store'
import type { EventData } from '../shared/api'
import { DigestsNow } from './certificate-staleness'
import { sweepCopies } from './copied-files'
import { EventHub } from './events'
import { recoverExports } from './export-recovery'
import type { Grants } from './grants'
import { ImageLists } from './library/image-lists'
import { RunMarks } from './library/run-marks'
import { Reader } from './reader/reader'
import type { OpenProjects } from './open-projects'
import { projectKey } from './recent-projects'
import type { SettingsFile } from './settings-file'
import { Tasks } from './tasks'
import { Turnstile } from './turnstile'

export interface ServiceOptions {
  readonly locations: Locations
  /** Where the settings of the user are kept, for all projects. */
  readonly settingsFile: string
  readonly spawn?: SpawnWorker
  /** Folders of this machine in which typed paths are allowed. */
  readonly allowedFolders?: readonly string[]
  readonly create?: boolean
  /** Begin with the project that was open last, where there is one; else with that of `locations`. */
  readonly reopensLast?: boolean
  /** Whether every recent project may be opened (default), or only those in `allowedFolders` and of this start. */
  readonly opensAnyRecent?: boolean
}

/** What stays while projects are opened and left. */
export interface Lasting {
  readonly grants: Grants
  readonly settings: SettingsFile
  readonly projects: OpenProjects
}

/** What handlers work with: one project, open for writing, and the processes beside it. */
export interface Context extends Lasting {
  readonly project: Project
  /** Stands for this project where a page might still speak of another one. */
  readonly key: string
  readonly locations: Locations
  readonly spawn: SpawnWorker
  readonly events: EventHub
  readonly tasks: Tasks
  /** Runs go one after the other. */
  readonly turnstile: Turnstile
  /** Runs that are about to go on. */
  readonly resuming: Set<number>
  readonly marks: RunMarks
  readonly lists: ImageLists
  /** What models and pictures are now, to tell stale certificates. */
  readonly digests: DigestsNow
  readonly cache: ThumbnailCache
  /** Shows pictures. */
  readonly gallery: Studio
  /** Tries settings. */
  readonly studio: Studio
  readonly reader: Reader
  /** Threads for one model run at a screen. */
  readonly threads: number
  /** Tells everybody, and forgets lists that are no longer true. */
  readonly changed: (what: EventData<'changed'>['what'], ids?: readonly number[] | null) => void
}

/** Of more pictures than this that have changed none is named: all are then asked for again. */
const MOST_NAMED = 10_000

/** Opens the project of `locations`. @throws AppError as `openProject` */
export async function openContext(
  { locations, spawn = spawnNodeWorker, create = true }: ServiceOptions,
  lasting: Lasting,
): Promise<Context> {
  const { settings } = lasting
  const project = await openProject(locations.projectDir, { create })
  try {
    recoverExports(project)
    leaveUnfinished(project)
    sweepCopies(project)
  } catch (error) {
    await project.close()
    throw error
  }
  const events = new EventHub()
  const marks = new RunMarks(project)
  const lists = new ImageLists(project, marks)
  const cores = availableParallelism()
  return {
    ...{ ...lasting, project, locations, spawn, events, marks, lists },
    key: projectKey(project.folder),
    tasks: new Tasks(project, events),
    digests: new DigestsNow(project, locations),
    turnstile: new Turnstile(),
    resuming: new Set(),
    cache: new ThumbnailCache(project.folder, { maxBytes: settings.get().thumbnailCacheBytes }),
    gallery: new Studio({ processes: Math.max(1, Math.min(4, cores - 1)), spawn }),
    studio: new Studio({ processes: 1, spawn }),
    reader: new Reader(project.folder, spawn),
    threads: Math.max(1, settings.get().threads || cores),
    changed(what, ids = null) {
      if (what === 'images' || what === 'annotations' || what === 'datasets') lists.imagesChanged()
      if (what === 'runs' || what === 'datasets') lists.runsChanged()
      const areFew = ids !== null && ids.length <= MOST_NAMED
      events.emit('changed', { what, ids: areFew ? [...ids] : null })
      if (what === 'annotations' || what === 'images') events.emit('undo', project.undoLog.state())
    },
  }
}

/** Only runs go on after the program has ended: imports and exports are whole or nothing, and begin anew. */
function leaveUnfinished(project: Project): void {
  const unfinished = (['queued', 'paused'] as const).flatMap(
    (state) => project.jobs.list(state, { limit: 1_000 }).rows,
  )
  for (const { id, kind } of unfinished) {
    const goesOn = kind === 'run' || kind === 'certify'
    project.jobs.setState(id, goesOn ? 'queued' : 'cancelled')
  }
}

export async function closeContext(context: Context): Promise<void> {
  const { tasks, project, gallery, studio, reader, cache } = context
  await tasks.stop(new DOMException('the project is being closed', 'AbortError'))
  gallery.close()
  studio.close()
  reader.close()
  cache.close()
  await project.close()
}
