import { BrowserWindow, app, session, shell, type WebContents } from 'electron'
import { existsSync } from 'node:fs'
import type { Grant, PushChannel } from '../shared/desktop'
import { applyAppearance, shellColours } from './appearance'
import { tellCoreFailure } from './core-failure'
import type { RecentEntry } from './core-messages'
import { Dialogs } from './dialogs'
import { restrictDownloads } from './downloads'
import { openExternal } from './external-links'
import { Grants } from './grants'
import { answerRequests, dropOtherMessages, type Handlers } from './ipc'
import { openLog, type Log } from './log'
import { installMenu } from './menu'
import { forbidNavigation } from './navigation'
import { blockNetwork } from './network'
import type { AppPaths } from './paths'
import { denyPermissions } from './permissions'
import { openPreferences, type Preferences } from './preferences'
import type { StateFile } from './state-file'
import { handleProtocols } from './protocols'
import { reviveCrashedPages } from './renderer-crashes'
import { Supervisor } from './supervisor'
import { Updates, type Updater } from './updates'
import { openWindow } from './window'
import { boundsFor, openWindowState, rememberWindow, type WindowState } from './window-state'

/** The app after the system said that it is ready: one window, one core, and what stands between them. */
export class DesktopApp {
  readonly #paths: AppPaths
  readonly #log: Log
  readonly #preferences: StateFile<Preferences>
  readonly #windowState: StateFile<WindowState | undefined>
  readonly #grants: Grants
  readonly #dialogs: Dialogs
  readonly #supervisor: Supervisor
  readonly #updates: Updates
  #window: BrowserWindow | undefined
  /** Whether the page has asked for the core; from then on it gets each one that starts. */
  #pageWantsCore = false
  /** Files that the page has not been told of. */
  readonly #offered: Grant[] = []

  constructor(paths: AppPaths, host: { loadUpdater(): Promise<Updater> }) {
    this.#paths = paths
    this.#log = openLog(paths.log)
    this.#preferences = openPreferences(paths.preferences)
    this.#windowState = openWindowState(paths.windowState)
    this.#grants = new Grants((grant) => this.#supervisor.tellGrant(grant))
    this.#dialogs = new Dialogs(this.#grants, this.#preferences)
    this.#supervisor = new Supervisor({
      coreEntry: this.#paths.coreEntry,
      workerEntry: this.#paths.workerEntry,
      coreArguments: [JSON.stringify({ packageRoot: this.#paths.packageRoot })],
      grants: () => this.#grants.all(),
      statusChanged: (status) => {
        this.#push('core:status-changed', status)
        if (status.state === 'ready' && this.#pageWantsCore) this.#connectPage()
        if (status.state === 'failed') {
          void tellCoreFailure(this.#window, status, () => {
            this.#supervisor.tryAgain()
          })
        }
      },
      recentChanged: (projects) => {
        this.#installMenu(projects)
      },
      log: this.#log,
    })
    this.#updates = new Updates({
      load: () => host.loadUpdater(),
      isSupported: app.isPackaged && existsSync(this.#paths.updateSource),
      isWanted: () => this.#preferences.value.updatesWanted,
      setWanted: (updatesWanted) => {
        this.#preferences.set({ ...this.#preferences.value, updatesWanted })
      },
      changed: (state) => {
        this.#push('updates:changed', state)
      },
      log: this.#log,
    })
  }

  start(): void {
    const { defaultSession } = session
    denyPermissions(defaultSession)
    blockNetwork(defaultSession)
    restrictDownloads(defaultSession)
    forbidNavigation(this.#log)
    handleProtocols(defaultSession, {
      bundleFolder: this.#paths.bundleFolder,
      media: (path, signal) => this.#supervisor.media(path, signal),
    })
    const isOwnWindow = (contents: WebContents): boolean => contents === this.#window?.webContents
    answerRequests(this.#handlers(), isOwnWindow, this.#log)
    this.#installMenu([])
    this.#supervisor.start()
    this.showWindow()
    void this.#updates.check()
  }

  /** Brings the window to the front, or opens it. */
  showWindow(): void {
    const window = this.#window
    if (window && !window.isDestroyed()) {
      if (window.isMinimized()) window.restore()
      window.focus()
      return
    }
    const choice = this.#preferences.value.appearance
    const state = this.#windowState.value
    const opened = openWindow(
      {
        bounds: boundsFor(state),
        maximized: state?.maximized ?? false,
        colours: shellColours(choice),
      },
      { preload: this.#paths.preload, isPackaged: app.isPackaged },
    )
    this.#window = opened
    applyAppearance(choice, [opened])
    rememberWindow(opened, this.#windowState)
    reviveCrashedPages(opened, this.#log)
    dropOtherMessages(opened.webContents, this.#log)
    opened.once('closed', () => {
      this.#window = undefined
      this.#pageWantsCore = false
    })
  }

  /** Offers files that the system or a second start named. The page shows what they are; nothing is imported yet. */
  async offer(paths: readonly string[]): Promise<void> {
    this.showWindow()
    if (paths.length === 0) return
    try {
      this.#offered.push(await this.#grants.grant(paths, { origin: 'drop', writable: false }))
      this.#handOver()
    } catch {
      this.#log('files that were named at the start could not be opened')
    }
  }

  /** A page hears nothing before it has asked for the core, and one that is being opened has not yet. */
  #handOver(): void {
    if (!this.#pageWantsCore) return
    for (const grant of this.#offered.splice(0)) this.#push('files:opened', grant)
  }

  /** Closes the project and writes what is remembered. */
  async stop(): Promise<void> {
    await this.#supervisor.stop()
    await Promise.all([this.#preferences.settled(), this.#windowState.settled()])
  }

  #handlers(): Handlers {
    return {
      'core:connect': () => {
        this.#pageWantsCore = true
        if (this.#supervisor.status.state === 'ready') this.#connectPage()
        this.#handOver()
      },
      'core:restart': () => {
        this.#supervisor.tryAgain()
      },
      'core:status': () => this.#supervisor.status,
      'grants:files': ({ paths }) => this.#grants.grant(paths, { origin: 'drop', writable: false }),
      'dialog:folder': ({ purpose }) => this.#dialogs.chooseFolder(this.#openWindow(), purpose),
      'dialog:files': ({ purpose }) => this.#dialogs.chooseFiles(this.#openWindow(), purpose),
      'shell:show-grant': ({ grantId }) => {
        shell.showItemInFolder(this.#grants.pathOf(grantId))
      },
      'shell:open-external': ({ url }) => openExternal(url),
      'appearance:set': ({ choice }) => {
        this.#preferences.set({ ...this.#preferences.value, appearance: choice })
        applyAppearance(choice, BrowserWindow.getAllWindows())
      },
      'updates:state': () => this.#updates.state,
      'updates:want': async ({ wanted }) => {
        this.#updates.setWanted(wanted)
        return this.#updates.check()
      },
      'updates:check': () => this.#updates.check(),
      'updates:install': () => this.#updates.install(),
    }
  }

  #installMenu(recent: readonly RecentEntry[]): void {
    installMenu({
      send: (command) => {
        this.#push('menu:command', command)
      },
      openRecent: (id) => {
        this.#push('menu:recent', id)
      },
      recent,
      isPackaged: app.isPackaged,
    })
  }

  /** Hands the page a connection to the core that runs now. */
  #connectPage(): void {
    const contents = this.#window?.webContents
    if (!contents || contents.isDestroyed()) return
    contents.postMessage('core:port' satisfies PushChannel, null, [this.#supervisor.connect()])
  }

  /** The window that a request came from: requests of any other are refused before. */
  #openWindow(): BrowserWindow {
    if (!this.#window) throw new Error('a request without a window')
    return this.#window
  }

  #push(channel: PushChannel, value: unknown): void {
    const contents = this.#window?.webContents
    if (contents && !contents.isDestroyed()) contents.send(channel, value)
  }
}
