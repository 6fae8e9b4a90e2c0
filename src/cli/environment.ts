import type { Command } from 'commander'
import { locationsOf } from '../engine/user-folders'
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
  return locationsOf(environment.packageRoot, project)
}
