import { existsSync, realpathSync, rmdirSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Job } from '../shared/api'
import { AppError } from '../shared/errors'
import { closeContext, openContext, type Context, type ServiceOptions } from './context'
import { EventHub } from './events'
import { contains, Grants, pathOf } from './grants'
import { Media } from './media'
import { recentFileBeside, RecentProjects, type RecentProject } from './recent-projects'
import { SettingsFile } from './settings-file'

/** A project while it is open, and the questions to it that are under way. */
export interface Session {
  readonly context: Context
  readonly media: Media
  readonly calls: Set<AbortController>
  /** Pictures that are on their way. */
  readonly pictures: Set<Promise<unknown>>
}

/** How long pictures of a project that is left are waited for. */
const PICTURES_MS = 2_000

export interface OpenOrder {
  /** Make the project; else it has to be there. */
  readonly create: boolean
  /** End the jobs of the present project; without it they are a reason to refuse. */
  readonly stopJobs: boolean
}

/**
 * The project that is open, and the way to another one. Grants and settings stay; all else belongs to a project and goes
 * with it. Whatever hinders the opening of another one, the present one stays.
 */
export class OpenProjects {
  /** What happens in the project that is open, and that it is another one. */
  readonly events = new EventHub()
  readonly #options: ServiceOptions
  readonly #grants = new Grants()
  readonly #settings: SettingsFile
  readonly #recent: RecentProjects
  /** Folders that were open since this start. */
  readonly #opened = new Set<string>()
  #session: Session | null = null
  #stopRelay: () => void = () => undefined
  #turn: Promise<unknown> = Promise.resolve()
  #startNote: AppError | null = null

  private constructor(options: ServiceOptions) {
    this.#options = options
    this.#settings = new SettingsFile(options.settingsFile)
    this.#recent = new RecentProjects(recentFileBeside(options.settingsFile))
    for (const folder of options.allowedFolders ?? []) this.#grants.add(folder, 'command-line')
  }

  /** @throws AppError as `openProject`, and E_GRANT_REFUSED for a folder that is not there */
  static async start(options: ServiceOptions): Promise<OpenProjects> {
    const projects = new OpenProjects(options)
    const session = (await projects.#last()) ?? (await projects.#sessionOf(options))
    projects.#enter(session)
    return projects
  }

  get session(): Session {
    if (!this.#session) throw new TypeError('no project is open before the start has ended')
    return this.#session
  }

  /** Why the project that was open last is not the one that was opened at the start; null where it is. */
  get startNote(): AppError | null {
    return this.#startNote
  }

  get grants(): Grants {
    return this.#grants
  }

  /** Those that may be opened here, newest first. */
  recent(): RecentProject[] {
    const listed = this.#recent.list()
    if (this.#options.opensAnyRecent ?? true) return listed
    const allowed = this.#grants.all.filter(({ origin }) => origin === 'command-line')
    return listed.filter(
      ({ folder }) =>
        this.#opened.has(folder) || allowed.some((grant) => contains(pathOf(grant), folder)),
    )
  }

  /**
   * Opens the project in `folder` in place of the present one, which is then closed. One change at a time.
   * @throws AppError as `openProject`, E_JOBS_UNDER_WAY; the present project is then still open
   */
  async open(folder: string, order: OpenOrder): Promise<void> {
    const turn = this.#turn.then(() => this.#move(folder, order))
    this.#turn = turn.catch(() => undefined)
    await turn
  }

  /** Withdraws what is being asked, ends jobs, lets go of the project. */
  async close(): Promise<void> {
    await this.#turn
    await leave(this.session, 'the service is being stopped')
    this.#stopRelay()
  }

  async #move(folder: string, { create, stopJobs }: OpenOrder): Promise<void> {
    const present = this.session
    if (realPathOf(folder) === realPathOf(present.context.project.folder)) return
    if (!stopJobs) refuseWhileWorking(present)
    const { locations } = this.#options
    const isNew = !existsSync(folder)
    const place = { ...locations, projectDir: folder }
    let next: Session
    try {
      next = await this.#sessionOf({ ...this.#options, locations: place, create })
    } catch (error) {
      if (isNew) removeEmpty(folder)
      throw error
    }
    try {
      // Opening takes its time: something may have been started meanwhile.
      if (!stopJobs) refuseWhileWorking(present)
    } catch (error) {
      await closeContext(next.context)
      throw error
    }
    this.#enter(next)
    for (const { id, origin } of this.#grants.all) if (origin === 'upload') this.#grants.drop(id)
    await this.#remember(next.context.project.folder, present.context.project.folder)
    const { key, project } = next.context
    this.events.emit('project', { key, name: basename(project.folder) })
    // Pages let go of them when they begin anew, and would else show them as broken until then.
    await Promise.race([
      Promise.allSettled(present.pictures),
      delay(PICTURES_MS, undefined, { ref: false }),
    ])
    await leave(present, 'another project is being opened')
  }

  async #sessionOf(options: ServiceOptions): Promise<Session> {
    const lasting = { grants: this.#grants, settings: this.#settings, projects: this }
    const context = await openContext(options, lasting)
    return { context, media: new Media(context), calls: new Set(), pictures: new Set() }
  }

  /** The project that was open last; null where there is none, or it cannot be opened any more. */
  async #last(): Promise<Session | null> {
    const last = this.#options.reopensLast ? this.#recent.list()[0] : undefined
    if (!last) return null
    const locations = { ...this.#options.locations, projectDir: last.folder }
    try {
      return await this.#sessionOf({ ...this.#options, locations, create: false })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      this.#startNote = error
      return null
    }
  }

  /** From here on questions go to this project, and what happens in the other one is told no more. */
  #enter(session: Session): void {
    this.#stopRelay()
    this.#session = session
    this.#opened.add(session.context.project.folder)
    this.#stopRelay = session.context.events.relayTo(this.events)
  }

  /** A list that cannot be written must not keep a project closed. */
  async #remember(...folders: readonly string[]): Promise<void> {
    try {
      await this.#recent.add(...folders)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
  }
}

/** Withdraws questions, ends jobs, lets go of the project. */
async function leave({ context, calls }: Session, why: string): Promise<void> {
  for (const call of calls) call.abort(new DOMException(why, 'AbortError'))
  await closeContext(context)
}

function refuseWhileWorking({ context }: Session): void {
  const jobs = context.tasks.active
  if (jobs.length > 0) throw jobsUnderWay(jobs)
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}

/** The folder of a project that could not be made; one that holds something stays. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // It is not there, or not empty.
  }
}

function jobsUnderWay(jobs: readonly Job[]): AppError {
  const names = jobs.slice(0, 3).map(({ name }) => `"${name}"`)
  const others = jobs.length - names.length
  const more = others > 0 ? ` and ${others} more` : ''
  return new AppError(
    'E_JOBS_UNDER_WAY',
    `The project has work under way: ${names.join(', ')}${more}.`,
    'Wait for its end, or stop it: what a run has stored stays, an import or export that is cut off leaves no trace.',
  )
}
