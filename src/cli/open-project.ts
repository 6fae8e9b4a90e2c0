import type { Command } from 'commander'
import { recoverExports } from '../service/export-recovery'
import { AppError } from '../shared/errors'
import { showPath } from '../shared/image-errors'
import { openProject, type Project } from '../store'
import { type Environment, locationsFor } from './environment'
import { oneLine } from './report-error'

/** The project of a command line, open for writing; what was met on the way is told. @throws as `openProject` */
export async function projectFor(
  command: Command,
  environment: Environment,
  options: { readonly create?: boolean } = {},
): Promise<Project> {
  const { projectDir } = locationsFor(command, environment)
  const project = await openProject(projectDir, { create: options.create ?? true })
  tellNotes(project)
  for (const out of recoverExports(project)) warn('W_EXPORT_CUT_OFF', exportCutOff(out))
  return project
}

/**
 * The project for commands that only look. Beside a writer it is read as it is; with nobody writing it is opened for
 * writing too, so that a file of an older version is brought up to date.
 */
export async function projectToRead(command: Command, environment: Environment): Promise<Project> {
  const { projectDir } = locationsFor(command, environment)
  try {
    return await openProject(projectDir, { readonly: true })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'E_PROJECT_OLDER') throw error
    return projectFor(command, environment, { create: false })
  }
}

export const exportCutOff = (out: string): string =>
  `an export to ${showPath(out)} was cut off in its last step; what was there before is back`

function warn(code: string, message: string): void {
  process.stderr.write(`warning ${code}: ${oneLine(message)}\n`)
}

function tellNotes({ notes, folder }: Project): void {
  const { folderWarning, copyBeforeMigration, takenOverFrom } = notes
  if (folderWarning) warn(folderWarning.code, folderWarning.message)
  if (takenOverFrom) {
    warn('W_LOCK_STALE', `process ${takenOverFrom.pid} had ended without closing ${folder}`)
  }
  if (copyBeforeMigration) {
    warn(
      'W_PROJECT_UPDATED',
      `the project was brought up to date; the old file is ${copyBeforeMigration}`,
    )
  }
}
