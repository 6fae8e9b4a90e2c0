import type { MessagePortMain } from 'electron'
import { toErrorRecord, type ErrorRecord } from '../shared/errors'
import type { CoreStatus } from '../shared/desktop'
import { CoreLink } from './core-link'
import type { FromCore, GrantRecord, MediaAnswer, RecentEntry } from './core-messages'
import { coreDied, coreNotRunning } from './desktop-errors'
import type { Log } from './log'
import { startUtility, type Utility } from './utility'
import { WorkerHost } from './worker-host'

/** Milliseconds throughout. */
export interface SupervisorTiming {
  /** A core that says nothing for so long hangs: it beats every second, but may be at a long transaction. */
  readonly silence: number
  /** The same until it is ready: bringing a large project up to date takes its time. */
  readonly openingSilence: number
  /** Wait before the first restart; doubled by each further one. */
  readonly backOff: number
  readonly backOffMax: number
  /** A core that ran so long is taken for healthy again. */
  readonly healthyAfter: number
  readonly stopGrace: number
}

const usualTiming: SupervisorTiming = {
  silence: 20_000,
  openingSilence: 180_000,
  backOff: 500,
  backOffMax: 30_000,
  healthyAfter: 60_000,
  stopGrace: 5_000,
}
const DEATHS_ALLOWED = 5

export interface SupervisorHost {
  /** Programs of the core and of its workers. */
  readonly coreEntry: string
  readonly workerEntry: string
  readonly coreArguments: readonly string[]
  /** What a core that starts must know. */
  grants(): Iterable<GrantRecord>
  statusChanged(status: CoreStatus): void
  recentChanged(projects: readonly RecentEntry[]): void
  readonly log: Log
}

/** Keeps the core running: starts it, listens for its heartbeat, starts it again when it died or hangs. */
export class Supervisor {
  readonly #host: SupervisorHost
  readonly #timing: SupervisorTiming
  #core: RunningCore | undefined
  #status: CoreStatus = { state: 'starting' }
  #deaths = 0
  #isStopping = false
  #restart: NodeJS.Timeout | undefined

  constructor(host: SupervisorHost, timing: Partial<SupervisorTiming> = {}) {
    this.#host = host
    this.#timing = { ...usualTiming, ...timing }
  }

  get status(): CoreStatus {
    return this.#status
  }

  /** Only after the app is ready: utility processes need it. */
  start(): void {
    if (this.#core || this.#isStopping) return
    clearTimeout(this.#restart)
    const { coreEntry, workerEntry, coreArguments } = this.#host
    const utility = startUtility(coreEntry, coreArguments, 'Patchwarden core')
    const core = new RunningCore(utility, workerEntry, this.#timing)
    this.#core = core
    core.on({
      ready: () => {
        this.#set({ state: 'ready' })
      },
      hangs: () => {
        this.#host.log('the core hangs and is ended')
      },
      recent: (projects) => {
        this.#host.recentChanged(projects)
      },
      ended: (reason, refusal) => {
        this.#ended(core, reason, refusal)
      },
    })
    for (const grant of this.#host.grants()) void core.link.tellGrant(grant)
  }

  /** Starts a core that has failed for good once more. */
  tryAgain(): void {
    if (this.#status.state !== 'failed') return
    this.#deaths = 0
    this.#set({ state: 'starting' })
    this.start()
  }

  /** @throws AppError E_CORE_NOT_RUNNING */
  connect(): MessagePortMain {
    if (!this.#core || this.#status.state !== 'ready') throw coreNotRunning()
    return this.#core.link.connect()
  }

  /** Resolves when the core has taken it; without a core at once: the next one is told all grants. */
  async tellGrant(grant: GrantRecord): Promise<void> {
    if (this.#status.state === 'ready') await this.#core?.link.tellGrant(grant)
    else void this.#core?.link.tellGrant(grant)
  }

  /** @throws AppError E_CORE_NOT_RUNNING, also when it ends before it answers */
  media(path: string, signal: AbortSignal): Promise<MediaAnswer> {
    return this.#core?.link.media(path, signal) ?? Promise.reject(coreNotRunning())
  }

  /** Lets the core finish what it writes and close its project; ends it after a grace period. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearTimeout(this.#restart)
    const core = this.#core
    if (!core) return
    core.link.stop()
    const insist = setTimeout(() => {
      core.utility.end()
    }, this.#timing.stopGrace)
    await core.exited
    clearTimeout(insist)
  }

  #ended(core: RunningCore, reason: string, refusal: ErrorRecord | undefined): void {
    this.#core = undefined
    if (this.#isStopping) return
    this.#host.log(`the core ${reason}: ${core.utility.lastWords()}`)
    if (core.lifetime() > this.#timing.healthyAfter) this.#deaths = 0
    this.#deaths++
    if (refusal) {
      this.#set({ state: 'failed', error: refusal })
    } else if (this.#deaths >= DEATHS_ALLOWED) {
      this.#set({ state: 'failed', error: toErrorRecord(coreDied(reason)) })
    } else {
      this.#set({ state: 'restarting' })
      const wait = Math.min(this.#timing.backOff * 2 ** (this.#deaths - 1), this.#timing.backOffMax)
      this.#restart = setTimeout(() => {
        this.start()
      }, wait)
    }
  }

  #set(status: CoreStatus): void {
    this.#status = status
    this.#host.statusChanged(status)
  }
}

interface CoreEvents {
  ready(): void
  recent(projects: readonly RecentEntry[]): void
  hangs(): void
  ended(reason: string, refusal: ErrorRecord | undefined): void
}

/** One life of the core. */
class RunningCore {
  readonly utility: Utility
  readonly link: CoreLink
  readonly exited: Promise<void>
  readonly #workers: WorkerHost
  readonly #startedAt = performance.now()
  readonly #timing: SupervisorTiming

  constructor(utility: Utility, workerEntry: string, timing: SupervisorTiming) {
    this.utility = utility
    this.link = new CoreLink(utility.child)
    this.#workers = new WorkerHost(utility.child, workerEntry)
    this.#timing = timing
    this.exited = new Promise((resolve) => {
      utility.child.once('exit', () => {
        resolve()
      })
    })
  }

  lifetime(): number {
    return performance.now() - this.#startedAt
  }

  on(events: CoreEvents): void {
    let refusal: ErrorRecord | undefined
    // Counted in ticks, not read off a clock: a computer that slept has not been silent.
    const tick = Math.min(1_000, this.#timing.silence / 4)
    let quietTicks = 0
    let allowed = this.#timing.openingSilence
    const watch = setInterval(() => {
      quietTicks++
      if (quietTicks * tick < allowed) return
      clearInterval(watch)
      events.hangs()
      this.utility.end()
    }, tick)
    this.utility.child.on('message', (data: unknown) => {
      quietTicks = 0
      // The core is of the same build.
      const message = data as FromCore
      if (message.kind === 'ready') {
        allowed = this.#timing.silence
        events.ready()
      }
      if (message.kind === 'refused') refusal = message.error
      else if (message.kind === 'recent') events.recent(message.projects)
      else if (message.kind === 'grant-taken') this.link.grantTaken(message.id)
      else if (message.kind === 'media') this.link.answered(message)
      else if (message.kind === 'start-worker') this.#workers.start(message)
      else if (message.kind === 'end-worker') this.#workers.end(message.worker)
    })
    this.utility.child.once('exit', (code) => {
      clearInterval(watch)
      this.link.close()
      this.#workers.close()
      events.ended(`ended with code ${code}`, refusal)
    })
  }
}
