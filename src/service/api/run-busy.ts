import { AppError } from '../../shared/errors'
import type { Context } from '../context'

export const isUnderWay = ({ tasks }: Context, runId: number | undefined): boolean =>
  runId !== undefined && tasks.ofRun(runId) !== null

/** @throws AppError E_RUN_BUSY */
export function refuseTwice(context: Context, runId: number | undefined): void {
  if (runId !== undefined && isUnderWay(context, runId)) throw runBusy(context, runId)
}

/**
 * Goes on with a run by `resume`; whoever asks for the same while that is being prepared is refused, so that it is done once.
 * @throws AppError E_RUN_BUSY, and what `resume` throws
 */
export async function resumingOnce<T>(
  context: Context,
  runId: number,
  resume: () => Promise<T>,
): Promise<T> {
  refuseTwice(context, runId)
  if (context.resuming.has(runId)) throw runBusy(context, runId)
  context.resuming.add(runId)
  try {
    return await resume()
  } finally {
    context.resuming.delete(runId)
  }
}

function runBusy({ project }: Context, runId: number): AppError {
  const { name } = project.runs.get(runId)
  return new AppError(
    'E_RUN_BUSY',
    `The run "${name}" is under way.`,
    'Wait for its end, or stop it first (Jobs).',
  )
}
