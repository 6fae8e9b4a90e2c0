import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for what one file of tests makes and others read. It is gone after the last of them. */
export default function makeTestsFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-tests-'))
  process.env['PATCHWARDEN_TESTS'] = folder
  // Tests start hundreds of programs: each need not compile its code anew.
  process.env['NODE_COMPILE_CACHE'] ??= join(folder, 'compiled')
  return () => {
    rmSync(folder, { recursive: true, force: true })
  }
}
