import { MessageChannelMain, type UtilityProcess } from 'electron'
import { workerProgram, type FromCore, type ToCore } from './core-messages'
import { startUtility, type Utility } from './utility'

/**
 * Starts vision workers and their like for the core, which cannot do it itself: inside Electron only the main process
 * forks. Worker and core then talk over a port of their own. All workers of a core end with it.
 */
export class WorkerHost {
  readonly #core: UtilityProcess
  readonly #entry: string
  readonly #workers = new Map<number, Utility>()
  #isClosed = false

  /** `entry` is the program that turns a utility process into a worker. */
  constructor(core: UtilityProcess, entry: string) {
    this.#core = core
    this.#entry = entry
  }

  start({ worker, program }: Extract<FromCore, { kind: 'start-worker' }>): void {
    if (this.#isClosed || !workerProgram.test(program)) return
    const utility = startUtility(this.#entry, [program], `Patchwarden ${program}`)
    const { child } = utility
    this.#workers.set(worker, utility)
    child.once('exit', (code) => {
      this.#workers.delete(worker)
      const reason = code === 0 ? 'ended' : `ended with code ${code}`
      this.#tell({ kind: 'worker-ended', worker, reason, lastWords: utility.lastWords() })
    })
    child.once('spawn', () => {
      const { port1, port2 } = new MessageChannelMain()
      child.postMessage('port', [port1])
      if (!this.#isClosed) {
        const started: ToCore = { kind: 'worker-started', worker, pid: child.pid }
        this.#core.postMessage(started, [port2])
      }
    })
  }

  end(worker: number): void {
    this.#workers.get(worker)?.end()
  }

  /** The core has ended, and so do they. */
  close(): void {
    this.#isClosed = true
    for (const utility of this.#workers.values()) utility.end()
  }

  #tell(message: ToCore): void {
    if (!this.#isClosed) this.#core.postMessage(message)
  }
}
