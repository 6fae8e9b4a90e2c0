import type { Run } from '../store'
import { resumeCertification } from './certificate-start'
import type { Context } from './context'
import type { StartedRun } from './detection-run'
import { prepareResume, startRun } from './run-start'

/** Goes on with a run of any kind. @throws AppError E_RUN_NOT_REPEATABLE, E_MODEL_… */
export async function resumeRun(context: Context, run: Run): Promise<StartedRun> {
  if (run.kind === 'certify') return resumeCertification(context, run)
  return startRun(context, undefined, await prepareResume(context, run))
}
