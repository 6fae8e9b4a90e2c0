// A stand-in for the module `electron`, which exists only inside Electron: the same names, the same order of events and
// the same refusals, as far as the shell of this app uses them. `fakeElectron` is for tests to look at and to play the
// system with.
import type { MessageBoxOptions, OpenDialogOptions } from 'electron'
import { FakeMessageChannel } from './message-ports'
import { fakeElectron } from './state'

export { FakeBrowserWindow as BrowserWindow } from './browser-window'
export { FakeMessageChannel as MessageChannelMain }
export { ipcMain, ipcRenderer, invokeFrom } from './ipc'
export { utilityProcess } from './utility-process'
export { fakeElectron, resetElectron } from './state'

/** Objects that `resetElectron` replaces are reached through the state each time. */
function current<T extends object>(get: () => T): T {
  const read = (_target: object, key: string | symbol): unknown => {
    // Any object may be asked for any key.
    const value = (get() as Record<string | symbol, unknown>)[key]
    return typeof value === 'function' ? (value as () => unknown).bind(get()) : value
  }
  // The proxy stands for the object that `get` answers.
  return new Proxy({}, { get: read }) as T
}

export const app = current(() => fakeElectron.app)
export const session = {
  get defaultSession() {
    return fakeElectron.defaultSession
  },
}

export const protocol = {
  registerSchemesAsPrivileged(schemes: typeof fakeElectron.schemes): void {
    if (fakeElectron.app.isReady)
      throw new Error('schemes must be registered before the app is ready')
    fakeElectron.schemes = schemes
  },
}

export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu(menu: unknown): void {
    fakeElectron.menu = menu
  },
}

export const dialog = {
  showOpenDialog(_window: unknown, options: OpenDialogOptions) {
    fakeElectron.dialogs.push(options)
    const filePaths = [...(fakeElectron.nextChoice ?? [])]
    return Promise.resolve({ canceled: fakeElectron.nextChoice === undefined, filePaths })
  },
  showMessageBox(_window: unknown, options: MessageBoxOptions) {
    fakeElectron.messageBoxes++
    fakeElectron.lastMessageBox = options
    return Promise.resolve({ response: fakeElectron.messageBoxAnswer, checkboxChecked: false })
  },
}

export const shell = {
  openExternal(url: string): Promise<void> {
    fakeElectron.openedExternally.push(url)
    return Promise.resolve()
  },
  showItemInFolder(path: string): void {
    fakeElectron.shownInFolder.push(path)
  },
}

export const screen = {
  getAllDisplays: () => fakeElectron.displays,
  getPrimaryDisplay: () => {
    const [first] = fakeElectron.displays
    if (!first) throw new Error('no display')
    return first
  },
}

export const nativeTheme = {
  get shouldUseDarkColors() {
    return fakeElectron.shouldUseDarkColors
  },
  get themeSource() {
    return fakeElectron.themeSource
  },
  set themeSource(source: string) {
    fakeElectron.themeSource = source
  },
}

export const contextBridge = {
  exposeInMainWorld(name: string, value: unknown): void {
    if (fakeElectron.renderer.world.has(name)) throw new Error(`Cannot bind ${name} twice`)
    fakeElectron.renderer.world.set(name, value)
  },
}

export const webUtils = {
  getPathForFile(file: unknown): string {
    if (!(file instanceof File)) throw new TypeError('not a File')
    return fakeElectron.renderer.pathsOfFiles.get(file) ?? ''
  },
}
