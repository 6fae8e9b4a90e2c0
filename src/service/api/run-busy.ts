import { AppError } from '../../shared/errors'
import type { Context } from '../context'

export const isUnderWay = ({ tasks }: Context, runId: number | undefined): boolean =>
  runId !== undefined && tasks.ofRun(runId) !== null

/** @throws AppError E_RUN_BUSY */
export function refuseTwice(context: Context, runId: number | undefined): void {
  if (runId === undefined || !isUnderWay(context, runId)) return
  const { name } = context.project.runs.get(runId)
  throw new AppError(
    'E_RUN_BUSY',
    `The run "${name}" is under way.`,
    'Wait for its end, or stop it first (Jobs).',
  )
}
