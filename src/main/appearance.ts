import { nativeTheme, type BrowserWindow } from 'electron'
import type { AppearanceChoice } from '../shared/desktop'

/** The grey behind a page that has not been drawn yet, and the bar that holds the system's window buttons. */
const colours = {
  dark: { background: '#121213', bar: '#121213', symbol: '#EDEDF0' },
  light: { background: '#F1F1F3', bar: '#F1F1F3', symbol: '#141416' },
  highContrast: { background: '#000000', bar: '#000000', symbol: '#FFFFFF' },
}
export const BAR_HEIGHT = 44

export function shellColours(choice: AppearanceChoice): (typeof colours)['dark'] {
  if (choice === 'high-contrast') return colours.highContrast
  const isDark = choice === 'dark' || (choice === 'system' && nativeTheme.shouldUseDarkColors)
  return isDark ? colours.dark : colours.light
}

/** Makes the system's own parts (menus, dialogs, window buttons) follow the choice. */
export function applyAppearance(choice: AppearanceChoice, windows: Iterable<BrowserWindow>): void {
  nativeTheme.themeSource = choice === 'high-contrast' ? 'dark' : choice
  const { background, bar, symbol } = shellColours(choice)
  for (const window of windows) {
    window.setBackgroundColor(background)
    // macOS draws its buttons itself.
    if (process.platform !== 'darwin') {
      window.setTitleBarOverlay({ color: bar, symbolColor: symbol, height: BAR_HEIGHT })
    }
  }
}
