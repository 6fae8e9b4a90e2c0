import { isAbsolute } from 'node:path'
import { AppError } from '../shared/errors'
import type { Project } from '../store'
import { clearUp } from './export-process'

/**
 * Clears up after exports that died with their program, when the project is opened. Answers the targets that have again what
 * was in them before: their exports were killed just when the new content was put into its place.
 */
export function recoverExports(project: Project): readonly string[] {
  const back: string[] = []
  for (const { kind, manifest } of project.jobs.list('queued', { limit: 1_000 }).rows) {
    const out = manifest['out']
    if (kind !== 'export' || typeof out !== 'string' || !isAbsolute(out)) continue
    try {
      if (clearUp(out)) back.push(out)
    } catch (error) {
      // A disk that is not there, or read only: the next export to that place tries again.
      if (!(error instanceof AppError)) throw error
    }
  }
  return back
}
