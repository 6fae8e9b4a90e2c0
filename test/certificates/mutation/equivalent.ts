import { certificateEquivalents } from './equivalents/certificates'
import type { Equivalents } from './equivalents/equivalent'
import { normalEquivalents } from './equivalents/normal'
import { ablationEquivalents } from './equivalents/randomized-ablation'
import { splittingEquivalents } from './equivalents/splitting-noise'
import { statisticsEquivalents } from './equivalents/statistics'
import type { Mutant } from './mutants'

/** By file. They are left out of the score; one that is no longer there fails the file. */
const equivalents: Equivalents = {
  ...certificateEquivalents,
  ...ablationEquivalents,
  ...splittingEquivalents,
  ...statisticsEquivalents,
  ...normalEquivalents,
}

/** Whether a mutant of a file is known to change nothing. */
export function isEquivalent(file: string, source: string, mutant: Mutant): boolean {
  const textIn = (whole: string) => whole.split('\n')[mutant.line - 1]?.trim()
  const [before, after] = [textIn(source), textIn(mutant.text)]
  return (equivalents[file] ?? []).some(
    ({ line, from, to, becomes = after }) =>
      line === before && from === mutant.from && to === mutant.to && becomes === after,
  )
}

/** Those that name a line which the source has not. */
export const staleEquivalents = (file: string, source: string): string[] => {
  const lines = new Set(source.split('\n').map((line) => line.trim()))
  return (equivalents[file] ?? []).flatMap(({ line }) => (lines.has(line) ? [] : [line]))
}
