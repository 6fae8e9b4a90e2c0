import type { RunContext, Trace } from '../shared/plugin'
import { seededRandom } from '../shared/random'

export interface RunContextOptions {
  readonly signal: AbortSignal
  readonly seed: number
  /** Hex digest of what is worked on: results depend on the seed and on it, never on order or worker. */
  readonly digest: string
  readonly warn?: (message: string) => void
}

export function createRunContext(options: RunContextOptions): RunContext {
  const { signal, seed, digest } = options
  const trace: Trace = { stages: [], masks: new Map(), notes: new Map() }
  return {
    signal,
    trace,
    random: seededRandom(
      seed,
      parseInt(digest.slice(0, 8), 16),
      parseInt(digest.slice(8, 16), 16),
      parseInt(digest.slice(16, 24), 16),
    ),
    progress() {
      // One image is one step of a job: what happens inside it is not reported further.
    },
    warn(message) {
      options.warn?.(message)
    },
    async stage(name, work) {
      signal.throwIfAborted()
      const start = performance.now()
      try {
        return await work()
      } finally {
        trace.stages.push({ name, ms: performance.now() - start })
      }
    },
  }
}
