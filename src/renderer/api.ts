import type { Backend } from '../shared/api'
import type { DesktopBridge } from '../shared/desktop/bridge'
import { httpBackend } from './client/http'
import { portBackend } from './client/port'

declare global {
  interface Window {
    /** Filled by the preload of the desktop app; a browser has none. */
    readonly patchwardenDesktop?: DesktopBridge
  }
}

/** What only the desktop app can do: dialogs, dropped paths, the menu. Undefined in a browser. */
export const desktop: DesktopBridge | undefined = window.patchwardenDesktop

/** The core. Nothing else in the renderer talks to anything outside. */
export const backend: Backend = desktop ? portBackend(desktop) : httpBackend()
