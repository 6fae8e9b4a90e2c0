import { BrowserWindow, type BrowserWindowConstructorOptions, type Rectangle } from 'electron'
import { BAR_HEIGHT } from './appearance'
import { START_URL } from './origin'
import { SMALLEST } from './window-state'

export interface WindowLook {
  readonly bounds: Partial<Rectangle>
  readonly maximized: boolean
  readonly colours: { readonly background: string; readonly bar: string; readonly symbol: string }
}

/** Opens the window. It is shown when the first page has been drawn, so nothing flashes. */
export function openWindow(
  look: WindowLook,
  host: { readonly preload: string; readonly isPackaged: boolean },
): BrowserWindow {
  const window = new BrowserWindow({
    ...look.bounds,
    ...titleBar(look),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Patchwarden',
    backgroundColor: look.colours.background,
    autoHideMenuBar: true,
    webPreferences: {
      preload: host.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !host.isPackaged,
    },
  })
  if (look.maximized) window.maximize()
  window.once('ready-to-show', () => {
    window.show()
  })
  void window.loadURL(START_URL)
  return window
}

/** The page draws the top bar; the system puts its buttons into it. */
function titleBar({ colours }: WindowLook): BrowserWindowConstructorOptions {
  if (process.platform === 'darwin') {
    return { titleBarStyle: 'hidden', trafficLightPosition: { x: 14, y: 14 } }
  }
  const overlay = { color: colours.bar, symbolColor: colours.symbol, height: BAR_HEIGHT }
  return { titleBarStyle: 'hidden', titleBarOverlay: overlay }
}
