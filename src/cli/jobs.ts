import type { RunningJob } from '../service/jobs'

/** Waits for a job, which the signal cancels. @throws what ended the job */
export async function cancelWith<T>(signal: AbortSignal, job: RunningJob<T>): Promise<T> {
  const cancel = (): void => {
    job.cancel(signal.reason)
  }
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await job.finished
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
