/**
 * A controller that is aborted with the first of some signals, with its reason. `AbortSignal.any` of signals that are
 * themselves made by it was seen (Node 24.21) to stay silent when one of its sources was aborted.
 */
export function linkedTo(...signals: readonly AbortSignal[]): AbortController {
  const controller = new AbortController()
  for (const signal of signals) {
    const abort = (): void => {
      controller.abort(signal.reason)
    }
    if (signal.aborted) abort()
    // Once it is aborted it listens no more.
    else signal.addEventListener('abort', abort, { once: true, signal: controller.signal })
  }
  return controller
}
