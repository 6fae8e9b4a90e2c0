import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** An empty folder that is gone after the tests of this file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-test-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/**
 * Runs `act` without the powers of the superuser, whom permissions do not bind. Resolves to undefined where that cannot be
 * arranged.
 */
export async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process
  if (geteuid?.() !== 0 || !seteuid) return act()
  seteuid(65_534)
  try {
    return await act()
  } finally {
    seteuid(0)
  }
}
