import { AppError } from '../shared/errors'
import type { Project, Run } from '../store'
import { allRuns } from './run-order'

/**
 * The run that a person means: by its number, or by its name.
 * @throws AppError E_RUN_UNKNOWN, E_RUN_AMBIGUOUS
 */
export function findRun(project: Project, text: string): Run {
  const runs = [...allRuns(project)]
  const named = runs.filter(({ name }) => name === text)
  const [first, second] = named
  if (first && second) {
    throw new AppError(
      'E_RUN_AMBIGUOUS',
      `There are ${named.length} runs named "${text}".`,
      `Give a number: ${named.map(({ id }) => id).join(', ')}.`,
    )
  }
  const run = first ?? runs.find(({ id }) => String(id) === text)
  if (run) return run
  const known = runs.slice(0, 10).map(({ id, name }) => `${id} (${name})`)
  throw new AppError(
    'E_RUN_UNKNOWN',
    `The project has no run "${text}".`,
    known.length === 0
      ? 'There are no runs yet: "patchwarden defend --dataset NAME --store" makes one.'
      : `Known here: ${known.join(', ')}${runs.length > 10 ? ' …' : ''}.`,
  )
}
