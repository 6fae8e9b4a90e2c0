import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether this user may mount a file system of its own: only the superuser of Linux, and not in every container. */
export const canMount = tryMount()

/** Gives `act` the folder of a file system that holds so many KiB, and takes it away again. */
export async function withTinyDisk<T>(
  kibibytes: number,
  act: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-test-disk-'))
  mount(folder, kibibytes)
  try {
    return await act(folder)
  } finally {
    execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true })
  }
}

function mount(folder: string, kibibytes: number): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], {
    stdio: 'ignore',
  })
}

function tryMount(): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-test-disk-'))
  try {
    mount(folder, 64)
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
