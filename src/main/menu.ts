import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../shared/desktop'
import type { RecentEntry } from './core-messages'

/**
 * The application menu. Keys of commands are shown but not taken (`registerAccelerator`): the page's own registry of
 * shortcuts, which the user may remap, answers them.
 */
export function installMenu(host: MenuHost): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(host)))
}

export interface MenuHost {
  readonly send: (command: MenuCommand) => void
  /** By the id of one of `recent`. */
  readonly openRecent: (id: string) => void
  readonly recent: readonly RecentEntry[]
  readonly isPackaged: boolean
}

function menuTemplate({
  send,
  openRecent,
  recent,
  isPackaged,
}: MenuHost): MenuItemConstructorOptions[] {
  const item = (
    label: string,
    command: MenuCommand,
    accelerator?: string,
  ): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
    click: () => {
      send(command)
    },
  })
  const isMac = process.platform === 'darwin'
  const settings = item('Settings…', 'settings', 'CmdOrCtrl+,')
  const about = item('About Patchwarden', 'about')
  const forDevelopers: MenuItemConstructorOptions[] = isPackaged
    ? []
    : [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }]
  return [
    ...(isMac ? [appMenu(about, settings)] : []),
    {
      label: 'File',
      submenu: [
        item('New project…', 'new-project'),
        item('Open project…', 'open-project'),
        {
          label: 'Open recent',
          enabled: recent.length > 0,
          submenu: recent.map(({ id, name }) => ({
            label: menuText(name),
            click: () => {
              openRecent(id)
            },
          })),
        },
        { type: 'separator' },
        item('Import a folder…', 'import-folder', 'CmdOrCtrl+O'),
        item('Import files…', 'import-files', 'CmdOrCtrl+Shift+O'),
        item('Export…', 'export', 'CmdOrCtrl+E'),
        ...(isMac ? [] : [{ type: 'separator' } as const, settings]),
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    // The system's own entries, so that text fields behave as everywhere; the page undoes its edits by the same keys.
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        item('Command palette', 'palette', 'CmdOrCtrl+K'),
        item('Left panel', 'toggle-left-panel', 'CmdOrCtrl+B'),
        item('Right panel', 'toggle-right-panel', 'CmdOrCtrl+Alt+B'),
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...forDevelopers,
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [item('Keyboard shortcuts', 'shortcuts'), ...(isMac ? [] : [about])],
    },
  ]
}

/** A name of a folder as text: an ampersand would be taken for the mark of an access key. */
const menuText = (name: string) => name.replaceAll('&', '&&')

function appMenu(
  about: MenuItemConstructorOptions,
  settings: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    role: 'appMenu',
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  }
}
