import type { Run } from '../shared/api'

/** The letter of a side of the pair. */
export function runLetter(side: 'a' | 'b'): 'A' | 'B' {
  return side === 'a' ? 'A' : 'B'
}

/** What a run is called in short: its name, or what it is made of. */
export function runTitle(run: Pick<Run, 'name' | 'defense' | 'detector'>): string {
  if (run.name !== '') return run.name
  return run.defense ?? 'No defense'
}
