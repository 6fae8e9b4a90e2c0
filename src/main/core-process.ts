import type { MessagePortMain, ParentPort } from 'electron'
import { toErrorRecord } from '../shared/errors'
import { replaceSpawn } from '../engine/spawn-worker'
import type { FromCore, GrantRecord, MediaAnswer, RecentEntry, ToCore } from './core-messages'
import { spawnThroughMain } from './core-workers'

const HEARTBEAT_MS = 1_000

/** What the core does, whoever carries it. */
export interface Core {
  /** Serves one page over `port`. */
  connect(port: MessagePortMain): void
  addGrant(grant: GrantRecord): void
  media(path: string, signal: AbortSignal): Promise<MediaAnswer>
  /** Calls back with those that may be opened from here, now and whenever they change. */
  onRecent(listener: (projects: readonly RecentEntry[]) => void): void
  /** Ends what runs and closes the project. */
  stop(): Promise<void>
}

/**
 * Runs a core in this utility process: beats every second, obeys the main process, ends on any fault that nobody
 * caught, so that the supervisor starts a sound one.
 */
export async function runCore(parentPort: ParentPort, open: () => Promise<Core>): Promise<void> {
  const tell = (message: FromCore): void => {
    parentPort.postMessage(message)
  }
  process.on('unhandledRejection', fail)
  process.on('uncaughtException', fail)
  setInterval(() => {
    tell({ kind: 'beat' })
  }, HEARTBEAT_MS)
  replaceSpawn(spawnThroughMain(parentPort))

  let opened: Core | undefined
  const opening = open()
  const mediaRequests = new Map<number, AbortController>()
  parentPort.on('message', ({ data, ports }) => {
    // The main process is of the same build. What comes before the core is open waits for it, in order.
    const message = data as ToCore
    if (message.kind === 'cancel-media') mediaRequests.get(message.request)?.abort()
    else if (opened) obey(opened, message, ports)
    else
      void opening.then(
        (core) => {
          obey(core, message, ports)
        },
        () => undefined,
      )
  })

  function obey(core: Core, message: ToCore, ports: readonly MessagePortMain[]): void {
    const [port] = ports
    if (message.kind === 'connect' && port) core.connect(port)
    else if (message.kind === 'grant') {
      core.addGrant(message.grant)
      tell({ kind: 'grant-taken', id: message.grant.id })
    } else if (message.kind === 'media') void answerMedia(core, message.request, message.path)
    else if (message.kind === 'stop') void stop(core)
  }

  async function answerMedia(core: Core, request: number, path: string): Promise<void> {
    const abort = new AbortController()
    mediaRequests.set(request, abort)
    let answer: MediaAnswer
    try {
      answer = await core.media(path, abort.signal)
    } catch {
      answer = { status: 500 }
    }
    mediaRequests.delete(request)
    if (!abort.signal.aborted) tell({ kind: 'media', request, answer })
  }

  try {
    opened = await opening
    opened.onRecent((projects) => {
      tell({ kind: 'recent', projects })
    })
    tell({ kind: 'ready' })
  } catch (error) {
    tell({ kind: 'refused', error: toErrorRecord(error) })
    console.error(error)
    // The message must leave before the process does.
    setTimeout(() => process.exit(2), 100)
  }
}

async function stop(core: Core): Promise<void> {
  await core.stop()
  process.exit(0)
}

function fail(reason: unknown): void {
  console.error(reason)
  process.exit(1)
}
