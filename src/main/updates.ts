import { z } from 'zod'
import { toErrorRecord } from '../shared/errors'
import type { UpdateState } from '../shared/desktop'
import { updateFailed } from './desktop-errors'
import type { Log } from './log'

/** The part of electron-updater that is used. */
export interface Updater {
  autoDownload: boolean
  autoInstallOnAppQuit: boolean
  allowDowngrade: boolean
  allowPrerelease: boolean
  on(event: 'error', listener: (info: unknown) => void): unknown
  checkForUpdates(): Promise<{
    readonly isUpdateAvailable: boolean
    readonly updateInfo: { readonly version: string }
  } | null>
  downloadUpdate(): Promise<unknown>
  quitAndInstall(): void
}

export interface UpdateHost {
  /** Called at the first check, never before the user agreed: nothing of the updater is even loaded. */
  load(): Promise<Updater>
  /** Whether this build knows a place to get updates from. */
  readonly isSupported: boolean
  isWanted(): boolean
  setWanted(wanted: boolean): void
  changed(state: UpdateState): void
  readonly log: Log
}

const versionText = z
  .string()
  .max(40)
  .regex(/^[\w.+-]+$/)

/** Updates, off until asked for; never to an older version, never while the user is not told. */
export class Updates {
  readonly #host: UpdateHost
  #updater: Promise<Updater> | undefined
  #state: Omit<UpdateState, 'wanted'> = { status: 'idle' }

  constructor(host: UpdateHost) {
    this.#host = host
  }

  get state(): UpdateState {
    const wanted = this.#host.isWanted()
    if (!this.#host.isSupported) return { wanted, status: 'unsupported' }
    return wanted ? { wanted, ...this.#state } : { wanted, status: 'off' }
  }

  setWanted(wanted: boolean): UpdateState {
    this.#host.setWanted(wanted)
    this.#set({ status: 'idle' })
    return this.state
  }

  /** Looks for a newer version and fetches it. Does nothing, and loads nothing, while updates are not wanted. */
  async check(): Promise<UpdateState> {
    const { status } = this.#state
    const { isSupported } = this.#host
    if (
      !isSupported ||
      !this.#host.isWanted() ||
      ['checking', 'downloading', 'ready'].includes(status)
    ) {
      return this.state
    }
    this.#set({ status: 'checking' })
    try {
      const updater = await this.#loaded()
      const found = await updater.checkForUpdates()
      if (found?.isUpdateAvailable !== true) {
        this.#set({ status: 'none' })
        return this.state
      }
      const version = versionText.parse(found.updateInfo.version)
      this.#set({ status: 'downloading', version })
      await updater.downloadUpdate()
      this.#set({ status: 'ready', version })
    } catch (error) {
      this.#host.log(`update: ${String(error)}`)
      this.#set({ status: 'failed', error: toErrorRecord(updateFailed(error)) })
    }
    return this.state
  }

  /** Quits and installs what was fetched. The core closes its project first, as at any quit. */
  async install(): Promise<void> {
    if (this.state.status !== 'ready') return
    const updater = await this.#updater
    updater?.quitAndInstall()
  }

  /** Loaded once; where that failed, it is tried again by the next check. */
  async #loaded(): Promise<Updater> {
    try {
      return await (this.#updater ??= this.#load())
    } catch (error) {
      this.#updater = undefined
      throw error
    }
  }

  async #load(): Promise<Updater> {
    const updater = await this.#host.load()
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    updater.allowDowngrade = false
    updater.allowPrerelease = false
    updater.on('error', (error) => {
      this.#host.log(`update: ${String(error)}`)
    })
    return updater
  }

  #set(state: Omit<UpdateState, 'wanted'>): void {
    this.#state = state
    this.#host.changed(this.state)
  }
}
