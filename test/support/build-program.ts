import { fileURLToPath } from 'node:url'
import { programFolder } from '../../bin/build.js'

/** Builds the program once, before any test starts it: test files run side by side. */
export default async function buildProgram(): Promise<void> {
  await programFolder(fileURLToPath(new URL('../../', import.meta.url)))
}
