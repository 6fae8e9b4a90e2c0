import type { JobControl } from './jobs'

/** Waits until one may use the machine; answers what ends the turn. @throws the reason of the abort */
export type Turn = (signal: AbortSignal) => Promise<() => void>

/**
 * Does the work of a job when it is its turn. While the job is paused it has none, whether it waits for one or is in the
 * middle of it: others are let through, and it comes again after them.
 * @throws what `act` throws; the reason of a cancel
 */
export async function inTurns<T>(
  control: JobControl,
  turn: Turn | undefined,
  act: (control: JobControl) => Promise<T>,
): Promise<T> {
  if (!turn) return act(control)
  let leave = await nextTurn(control, turn)
  try {
    return await act({
      jobId: control.jobId,
      signal: control.signal,
      get pauseSignal() {
        return control.pauseSignal
      },
      report: control.report,
      begin: control.begin,
      async checkpoint() {
        if (!control.pauseSignal.aborted) return
        leave()
        leave = await nextTurn(control, turn)
      },
    })
  } finally {
    leave()
  }
}

async function nextTurn(control: JobControl, turn: Turn): Promise<() => void> {
  for (;;) {
    await control.checkpoint()
    const { pauseSignal } = control
    try {
      const leave = await turn(pauseSignal)
      control.begin()
      return leave
    } catch (error) {
      // Paused while it waited: it stands in line again when it goes on.
      if (!pauseSignal.aborted || control.signal.aborted) throw error
    }
  }
}
