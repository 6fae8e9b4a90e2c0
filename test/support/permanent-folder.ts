import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder for a whole file of tests; gone when they are done. */
export function permanentFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `patchwarden-${name}-`))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
