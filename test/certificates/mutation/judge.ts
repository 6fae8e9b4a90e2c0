import { Script } from 'node:vm'
import fc from 'fast-check'
import type { Check, Load } from '../checks/check'
import { loadWith } from './load-source'
import type { Mutant } from './mutants'

/** A mutant that runs longer is caught: it hangs. */
const PATIENCE_MS = 20_000

declare global {
  var runMutantChecks: (() => void) | undefined
}

/** Whether some check fails for the mutant. */
export function isCaught(file: string, mutant: Mutant, checks: readonly Check[]): boolean {
  // The first counterexample is enough, and whoever counts again shall find as many.
  fc.configureGlobal({ endOnFailure: true, seed: 1 })
  globalThis.runMutantChecks = () => {
    const load: Load = loadWith({ file, text: mutant.text })
    for (const { run } of checks) run(load, 0.1)
  }
  try {
    // Only a script can be stopped from outside.
    new Script('runMutantChecks()').runInThisContext({ timeout: PATIENCE_MS })
    return false
  } catch {
    return true
  } finally {
    globalThis.runMutantChecks = undefined
    fc.resetConfigureGlobal()
  }
}
