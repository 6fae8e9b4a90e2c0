import { MessageChannelMain, type MessagePortMain, type UtilityProcess } from 'electron'
import type { FromCore, GrantRecord, MediaAnswer, ToCore } from './core-messages'
import { coreNotRunning } from './desktop-errors'

const MEDIA_TIMEOUT_MS = 30_000
const GRANT_TIMEOUT_MS = 5_000

interface Waiting {
  readonly settle: (answer: MediaAnswer) => void
  readonly fail: () => void
}

/** The wire to one core process: grants, pictures and connections of pages go over it. Useless once the core ended. */
export class CoreLink {
  readonly #child: UtilityProcess
  readonly #waiting = new Map<number, Waiting>()
  readonly #untaken = new Map<string, () => void>()
  #nextRequest = 1
  #isOpen = true

  constructor(child: UtilityProcess) {
    this.#child = child
  }

  /** A new connection; the other end is for a page. */
  connect(): MessagePortMain {
    const { port1, port2 } = new MessageChannelMain()
    this.#post({ kind: 'connect' }, [port1])
    return port2
  }

  /**
   * Resolves when the core has taken the grant, or will not any more. A page speaks to the core over a pipe of its own:
   * it may use a grant only after that, or its call could overtake it.
   */
  tellGrant(grant: GrantRecord): Promise<void> {
    if (!this.#isOpen) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, GRANT_TIMEOUT_MS, undefined)
    this.#untaken.set(grant.id, () => {
      clearTimeout(timer)
      resolve(undefined)
    })
    this.#post({ kind: 'grant', grant })
    return promise
  }

  grantTaken(id: string): void {
    this.#untaken.get(id)?.()
    this.#untaken.delete(id)
  }

  stop(): void {
    this.#post({ kind: 'stop' })
  }

  /** @throws AppError E_CORE_NOT_RUNNING when the core ends or takes too long; the reason of the abort */
  media(path: string, signal: AbortSignal): Promise<MediaAnswer> {
    if (!this.#isOpen) return Promise.reject(coreNotRunning())
    if (signal.aborted) return Promise.reject(signal.reason as Error) // what abort() was given; ours are errors
    const request = this.#nextRequest++
    const { promise, resolve, reject } = Promise.withResolvers<MediaAnswer>()
    const giveUp = (reason: Error): void => {
      this.#waiting.delete(request)
      this.#post({ kind: 'cancel-media', request })
      reject(reason)
    }
    const cancel = (): void => {
      giveUp(signal.reason as Error) // as above
    }
    const timer = setTimeout(() => {
      giveUp(coreNotRunning())
    }, MEDIA_TIMEOUT_MS)
    signal.addEventListener('abort', cancel, { once: true })
    this.#waiting.set(request, {
      settle: resolve,
      fail: () => {
        reject(coreNotRunning())
      },
    })
    this.#post({ kind: 'media', request, path })
    return promise.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    })
  }

  answered({ request, answer }: Extract<FromCore, { kind: 'media' }>): void {
    this.#waiting.get(request)?.settle(answer)
    this.#waiting.delete(request)
  }

  /** The core has ended: whoever waits is told. */
  close(): void {
    this.#isOpen = false
    for (const { fail } of this.#waiting.values()) fail()
    this.#waiting.clear()
    for (const id of this.#untaken.keys()) this.grantTaken(id)
  }

  #post(message: ToCore, ports: MessagePortMain[] = []): void {
    if (this.#isOpen) this.#child.postMessage(message, ports)
  }
}
