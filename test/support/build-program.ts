import { fileURLToPath } from 'node:url'
import { programFolder } from '../../bin/build.js'

/** Builds the program once, before any test starts it, and names it to tests that start parts of it. */
export default async function buildProgram(): Promise<void> {
  const folder = await programFolder(fileURLToPath(new URL('../../', import.meta.url)))
  process.env['PATCHWARDEN_PROGRAM'] = folder
}
