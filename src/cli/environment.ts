import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Locations } from '../engine/vision-job'

/** What every command is given. */
export interface Environment {
  readonly packageRoot: string
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal
  /** Sets the exit code of a command that ended without an error of its own. */
  finish(code: number): void
}

/** Where models and caches are: `--project`, then PATCHWARDEN_PROJECT, then the user's data folder. */
export function locationsFor(command: Command, environment: Environment): Locations {
  const { project } = command.optsWithGlobals<{ project?: string }>()
  const env = process.env
  const named = project ?? env['PATCHWARDEN_PROJECT']
  return {
    packageRoot: environment.packageRoot,
    projectDir: named ? resolve(named) : join(userFolder('data'), 'projects', 'default'),
    cacheDir: userFolder('cache'),
  }
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
