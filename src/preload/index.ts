import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron'
import { version } from '../../package.json'
import type {
  Answer,
  DesktopBridge,
  PushChannel,
  RequestChannel,
  RequestPayload,
} from '../shared/desktop'

// The page gets named functions, never `ipcRenderer`, a channel name of its choice or an event object. Sandboxed
// preloads cannot load modules, so this file must stay one bundle: only types may be imported from `shared`.

const BRIDGE: typeof import('../shared/desktop').DESKTOP_BRIDGE = 'patchwardenDesktop'
const CORE_PORT: typeof import('../shared/desktop').CORE_PORT_MESSAGE = 'patchwarden:core-port'

function request<T, C extends RequestChannel>(
  channel: C,
  ...payload: RequestPayload<C> extends undefined ? [] : [RequestPayload<C>]
): Promise<Answer<T>> {
  // The main process answers every one of its channels with an `Answer`.
  return ipcRenderer.invoke(channel, ...payload) as Promise<Answer<T>>
}

/** Calls back with the value of each message; returns what ends it. */
function subscribe<T>(channel: PushChannel, callback: (value: T) => void): () => void {
  const listener = (_event: IpcRendererEvent, value: T): void => {
    callback(value)
  }
  ipcRenderer.on(channel, listener)
  return () => {
    ipcRenderer.off(channel, listener)
  }
}

// A port cannot pass the context bridge; it is handed to the page's own window, and to no other origin.
ipcRenderer.on('core:port' satisfies PushChannel, ({ ports }) => {
  window.postMessage(CORE_PORT, window.location.origin, [...ports])
})

const platform = process.platform
const bridge: DesktopBridge = {
  platform: platform === 'win32' || platform === 'darwin' ? platform : 'linux',
  versions: {
    app: version,
    electron: process.versions.electron,
    chrome: process.versions.chrome,
    node: process.versions.node,
  },
  connectCore: () => request('core:connect'),
  restartCore: () => request('core:restart'),
  coreStatus: () => request('core:status'),
  onCoreStatus: (callback) => subscribe('core:status-changed', callback),
  grantFiles: async (files) =>
    request('grants:files', {
      // `shared` knows no DOM; webUtils throws at what is no `File`.
      paths: files.map((file) => webUtils.getPathForFile(file as File)),
    }),
  chooseFolder: (purpose) => request('dialog:folder', { purpose }),
  chooseFiles: (purpose) => request('dialog:files', { purpose }),
  showGrant: (grantId) => request('shell:show-grant', { grantId }),
  openExternal: (url) => request('shell:open-external', { url }),
  setAppearance: (choice) => request('appearance:set', { choice }),
  onMenuCommand: (callback) => subscribe('menu:command', callback),
  onOpenRecent: (callback) => subscribe('menu:recent', callback),
  onOpened: (callback) => subscribe('files:opened', callback),
  updateState: () => request('updates:state'),
  setUpdatesWanted: (wanted) => request('updates:want', { wanted }),
  checkForUpdates: () => request('updates:check'),
  installUpdate: () => request('updates:install'),
  onUpdateState: (callback) => subscribe('updates:changed', callback),
}

contextBridge.exposeInMainWorld(BRIDGE, bridge)
