import type { ErrorRecord } from '../errors'
import type { AppearanceChoice, ChooseFilesPurpose, ChooseFolderPurpose } from './requests'

/** The property of `window` that the preload fills in the desktop app; a browser has none. */
export const DESKTOP_BRIDGE = 'patchwardenDesktop'

/**
 * `data` of the window message that brings a connection to the core: its first port speaks the message port carrier. A
 * new one arrives, unasked, whenever the core was started again; the old port is closed then.
 */
export const CORE_PORT_MESSAGE = 'patchwarden:core-port'

/** What crosses the process border: Electron does not carry error classes. */
export type Answer<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorRecord }

/**
 * The right to what the user picked or dropped together: one file, one folder, or several of them. The API takes its id;
 * paths stay on the other side.
 */
export interface Grant {
  readonly id: string
  /** For people, such as the last part of the path; not trusted text. */
  readonly name: string
  readonly kind: 'file' | 'folder' | 'files'
}

/** How the core does. `failed` stays until `restartCore`; `error` says why where that is known. */
export interface CoreStatus {
  readonly state: 'starting' | 'ready' | 'restarting' | 'failed'
  readonly error?: ErrorRecord
}

/** What the system menu asks the page to do. */
export const menuCommands = [
  'new-project',
  'open-project',
  'import-folder',
  'import-files',
  'export',
  'palette',
  'shortcuts',
  'settings',
  'about',
  'toggle-left-panel',
  'toggle-right-panel',
] as const
export type MenuCommand = (typeof menuCommands)[number]

export interface UpdateState {
  /** Off until the user asked for it. */
  readonly wanted: boolean
  /** `unsupported`: this build knows no place to get updates from. */
  readonly status:
    'unsupported' | 'off' | 'idle' | 'checking' | 'none' | 'downloading' | 'ready' | 'failed'
  readonly version?: string
  readonly error?: ErrorRecord
}

/** All that the page can ask of the desktop. Callbacks get values, never events of Electron. */
export interface DesktopBridge {
  readonly platform: 'win32' | 'darwin' | 'linux'
  readonly versions: {
    readonly app: string
    readonly electron: string
    readonly chrome: string
    readonly node: string
  }
  /** Asks for a connection to the core; it arrives as a window message, see `CORE_PORT_MESSAGE`. */
  connectCore(): Promise<Answer<null>>
  /** Starts the core again after it has failed for good. */
  restartCore(): Promise<Answer<null>>
  coreStatus(): Promise<Answer<CoreStatus>>
  onCoreStatus(callback: (status: CoreStatus) => void): () => void
  /** One grant for files and folders that were dropped or pasted together. A `File` made by a script has no path and is refused. */
  grantFiles(files: readonly object[]): Promise<Answer<Grant>>
  /** `null` when the user closed the dialog. */
  chooseFolder(purpose: ChooseFolderPurpose): Promise<Answer<Grant | null>>
  chooseFiles(purpose: ChooseFilesPurpose): Promise<Answer<Grant | null>>
  /** Shows a granted file or folder in the file manager. */
  showGrant(grantId: string): Promise<Answer<null>>
  /** Opens a page of the project's own hosts in the browser. Anything else is refused. */
  openExternal(url: string): Promise<Answer<null>>
  setAppearance(choice: AppearanceChoice): Promise<Answer<null>>
  onMenuCommand(callback: (command: MenuCommand) => void): () => void
  /** The menu names a recent project, by its id in `project.recent`. */
  onOpenRecent(callback: (id: string) => void): () => void
  /** Files that the system asked the app to open, or that a second start named. */
  onOpened(callback: (grant: Grant) => void): () => void
  updateState(): Promise<Answer<UpdateState>>
  setUpdatesWanted(wanted: boolean): Promise<Answer<UpdateState>>
  checkForUpdates(): Promise<Answer<UpdateState>>
  installUpdate(): Promise<Answer<null>>
  onUpdateState(callback: (state: UpdateState) => void): () => void
}
