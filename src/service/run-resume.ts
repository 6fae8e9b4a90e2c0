import type { Run } from '../store'
import { refuseTwice } from './api/run-busy'
import { resumeCertification } from './certificate-start'
import type { Context } from './context'
import type { StartedRun } from './detection-run'
import { prepareResume, startRun } from './run-start'

/**
 * Goes on with a run of any kind.
 * @throws AppError E_RUN_BUSY, E_RUN_NOT_REPEATABLE, E_MODEL_…
 */
export async function resumeRun(context: Context, run: Run): Promise<StartedRun> {
  if (run.kind === 'certify') return resumeCertification(context, run)
  const prepared = await prepareResume(context, run)
  // Whoever asked at the same time may have begun it meanwhile.
  refuseTwice(context, run.id)
  return startRun(context, undefined, prepared)
}
