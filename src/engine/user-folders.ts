import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Locations } from './vision-job'

/** Where models and caches are: `project`, then PATCHWARDEN_PROJECT, then the user's data folder. */
export function locationsOf(packageRoot: string, project?: string): Locations {
  const named = project ?? process.env['PATCHWARDEN_PROJECT']
  return {
    packageRoot,
    projectDir: named ? resolve(named) : join(userFolder('data'), 'projects', 'default'),
    cacheDir: userFolder('cache'),
  }
}

/** What a user has set, for all projects. */
export function userSettingsFile(): string {
  return join(userFolder('data'), 'settings.json')
}

function userFolder(kind: 'data' | 'cache'): string {
  const home = homedir()
  if (process.platform === 'win32') {
    const local = process.env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local')
    return join(local, 'Patchwarden', kind)
  }
  if (process.platform === 'darwin') {
    return join(home, 'Library', kind === 'data' ? 'Application Support' : 'Caches', 'Patchwarden')
  }
  return kind === 'data'
    ? join(process.env['XDG_DATA_HOME'] ?? join(home, '.local/share'), 'patchwarden')
    : join(process.env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'patchwarden')
}
