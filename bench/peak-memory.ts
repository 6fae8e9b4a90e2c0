import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { WorkingSize } from './model-feeds'

/**
 * Most memory (bytes, resident) of a process of its own that loads a model and runs it three times; without a model,
 * what such a process takes for itself.
 */
export async function peakMemoryOf(path: string | null, size: WorkingSize): Promise<number> {
  const program = fileURLToPath(new URL('./memory.js', import.meta.url)) // built beside this file
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    JSON.stringify({ path, size }),
  ])
  return Number(stdout)
}
