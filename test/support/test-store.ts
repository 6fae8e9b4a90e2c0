import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openModelStore } from '../../src/engine/models/model-store'
import { createRunContext } from '../../src/engine/run-context'
import type { RgbImage } from '../../src/shared/vision'

/** A folder of its own with a package, a project and a cache that hold nothing yet. */
export async function createTestStore() {
  const folder = mkdtempSync(join(tmpdir(), 'model-store-'))
  const locations = {
    packageRoot: join(folder, 'package'),
    projectDir: join(folder, 'project'),
    cacheDir: join(folder, 'cache'),
  }
  return {
    ...locations,
    store: await openModelStore(locations),
    /** Writes a file below the folder, and says where. */
    write(name: string, contents: Uint8Array | object): string {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, contents instanceof Uint8Array ? contents : JSON.stringify(contents))
      return path
    },
    remove() {
      rmSync(folder, { recursive: true })
    },
  }
}

export const newRun = (signal = new AbortController().signal) =>
  createRunContext({ signal, seed: 1, digest: '0'.repeat(64) })

export function greyImage(width: number, height: number): RgbImage {
  return { data: new Uint8Array(3 * width * height).fill(120), width, height }
}
