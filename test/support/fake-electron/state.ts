import type { MessageBoxOptions, OpenDialogOptions, Rectangle } from 'electron'
import { FakeApp } from './app'
import type { FakeBrowserWindow } from './browser-window'
import { FakeRenderer } from './renderer'
import { FakeSession } from './session'
import type { FakeUtilityProcess } from './utility-process'
import type { FakeWebContents } from './web-contents'

type IpcHandler = (event: unknown, ...args: unknown[]) => unknown

/** All that the fake holds; `resetElectron` makes it anew. Tests look at it and play the system's part. */
export interface FakeState {
  app: FakeApp
  defaultSession: FakeSession
  renderer: FakeRenderer
  windows: FakeBrowserWindow[]
  contents: FakeWebContents[]
  utilities: FakeUtilityProcess[]
  ipcHandlers: Map<string, IpcHandler>
  schemes: { scheme: string; privileges?: Record<string, boolean> }[]
  openedExternally: string[]
  shownInFolder: string[]
  menu: unknown
  /** What the user will choose in the next open dialog; the options it was opened with are kept. */
  nextChoice: readonly string[] | undefined
  dialogs: OpenDialogOptions[]
  messageBoxAnswer: number
  messageBoxes: number
  lastMessageBox: MessageBoxOptions | undefined
  displays: { workArea: Rectangle; workAreaSize: { width: number; height: number } }[]
  themeSource: string
  shouldUseDarkColors: boolean
}

const display = { x: 0, y: 0, width: 1_920, height: 1_040 }

function fresh(): FakeState {
  return {
    app: new FakeApp(),
    defaultSession: new FakeSession(),
    renderer: new FakeRenderer(),
    windows: [],
    contents: [],
    utilities: [],
    ipcHandlers: new Map(),
    schemes: [],
    openedExternally: [],
    shownInFolder: [],
    menu: undefined,
    nextChoice: undefined,
    dialogs: [],
    messageBoxAnswer: 0,
    messageBoxes: 0,
    lastMessageBox: undefined,
    displays: [{ workArea: display, workAreaSize: display }],
    themeSource: 'system',
    shouldUseDarkColors: true,
  }
}

export const fakeElectron: FakeState = fresh()

/** A system in which no app has started. Programs of the last one are ended. */
export function resetElectron(): FakeState {
  for (const utility of fakeElectron.utilities) utility.crash()
  return Object.assign(fakeElectron, fresh())
}
