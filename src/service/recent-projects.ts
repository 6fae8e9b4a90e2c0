import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../engine/files/write-file'
import { hasProject } from '../store'

const MOST_KEPT = 10

const fileSchema = z.object({
  projects: z.array(z.object({ folder: z.string().min(1).max(4_096), openedMs: z.number() })),
})

/** A project that was opened on this machine. */
export interface RecentProject {
  /** Stands for the folder, for those who are not to send paths. */
  readonly id: string
  /** Last part of the path. */
  readonly name: string
  readonly folder: string
  /** Milliseconds since 1970. */
  readonly openedMs: number
  /** Whether there is still a project at its place. */
  readonly isThere: boolean
}

/** Stands for a project while it lies where it does: the same after a restart, and another for another folder. */
export const projectKey = (folder: string) => hash('sha256', folder).slice(0, 16)

/** Where the list lies: beside the settings of the user. */
export const recentFileBeside = (settingsFile: string) =>
  join(settingsFile, '..', 'recent-projects.json')

/** The projects that were opened last, in a file of JSON. One that is missing or damaged means none. */
export class RecentProjects {
  readonly #path: string
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** Newest first. Read anew every time: another process of ours may have opened one. */
  list(): RecentProject[] {
    return readRecent(this.#path).map(({ folder, openedMs }) => ({
      id: projectKey(folder),
      name: basename(folder),
      folder,
      openedMs,
      isThere: existsSync(folder) && hasProject(folder),
    }))
  }

  /** Puts folders at the head of the list, the first one first. @throws AppError E_DISK_FULL, E_WRITE_DENIED */
  add(...folders: readonly string[]): Promise<void> {
    const writing = this.#writing.then(async () => {
      const others = readRecent(this.#path).filter(({ folder }) => !folders.includes(folder))
      const added = folders.map((folder) => ({ folder, openedMs: Date.now() }))
      const projects = [...added, ...others].slice(0, MOST_KEPT)
      await writeFileAtomic(this.#path, `${JSON.stringify({ projects }, null, 2)}\n`)
    })
    this.#writing = writing.catch(() => undefined)
    return writing
  }
}

function readRecent(path: string): z.infer<typeof fileSchema>['projects'] {
  try {
    const read = fileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return read.success ? read.data.projects.slice(0, MOST_KEPT) : []
  } catch {
    return []
  }
}
