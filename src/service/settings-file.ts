import { readFileSync } from 'node:fs'
import { appSettings, type AppSettings } from '../shared/api'
import { writeFileAtomic } from '../engine/files/write-file'

/** The settings of the user, in a file of JSON. One that is missing or damaged means the defaults. */
export class SettingsFile {
  readonly #path: string
  #now: AppSettings
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    this.#now = readSettings(path)
  }

  get(): AppSettings {
    return this.#now
  }

  /** Resolves when it is on the disk. @throws AppError E_DISK_FULL, E_WRITE_DENIED */
  async set(changes: Partial<AppSettings>): Promise<AppSettings> {
    // Two changes at once: the second is one of what the first has left.
    const writing = this.#writing.then(async () => {
      const next = { ...this.#now, ...changes }
      await writeFileAtomic(this.#path, `${JSON.stringify(next, null, 2)}\n`)
      this.#now = next
      return next
    })
    this.#writing = writing.then(
      () => undefined,
      () => undefined,
    )
    return writing
  }

  async reset(): Promise<AppSettings> {
    return this.set(appSettings.parse({}))
  }
}

/** What can be read of it: a field that is wrong has its default. */
function readSettings(path: string): AppSettings {
  let given: unknown
  try {
    given = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return appSettings.parse({})
  }
  if (typeof given !== 'object' || given === null) return appSettings.parse({})
  const fields = Object.entries(appSettings.shape).flatMap(([name, field]) => {
    const value: unknown = Object.entries(given).find(([key]) => key === name)?.[1]
    const checked = field.safeParse(value)
    return checked.success ? [[name, checked.data] as const] : []
  })
  return appSettings.parse(Object.fromEntries(fields))
}
