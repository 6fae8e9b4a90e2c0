/**
 * A controller that is aborted with a signal of a single question. `AbortSignal.any` of signals that are themselves made by
 * it was seen (Node 24.21) to stay silent when one of its sources was aborted.
 */
export function linkedTo(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort(signal.reason)
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller
}
