import { fileURLToPath } from 'node:url'

/** Programs that run beside the one that was started, each in processes of its own. */
export type ProgramName = 'worker' | 'probe' | 'verify' | 'export' | 'study' | 'studio' | 'reader'

/**
 * Path of a program of this build, such as the vision worker: they lie beside one another. Where the sources run without
 * a build (tests), PATCHWARDEN_PROGRAM names the folder of one.
 */
export function programFile(name: ProgramName): string {
  const isBuilt = import.meta.url.endsWith('.js')
  const folder = isBuilt ? import.meta.url : process.env['PATCHWARDEN_PROGRAM']
  if (folder === undefined) throw new Error('PATCHWARDEN_PROGRAM does not name a build')
  return fileURLToPath(new URL(`./${name}.js`, isBuilt ? folder : `${folder}/`))
}
