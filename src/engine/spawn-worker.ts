import { fork } from 'node:child_process'

/** A worker process, whatever forked it: plain Node here, a utility process on the desktop. */
export interface WorkerHandle {
  readonly pid: number | undefined
  post(message: unknown): void
  /** Ends the process at once. Its exit is still reported. */
  kill(): void
}

export interface WorkerEvents {
  message(message: unknown): void
  /** `lastWords` is the end of what the process wrote to its standard error. */
  exit(reason: string, lastWords: string): void
}

export type SpawnWorker = (entry: string, events: WorkerEvents) => WorkerHandle

const LAST_WORDS_CHARACTERS = 2_000

let replacement: SpawnWorker | undefined

/**
 * For the desktop's core, once, before anything is spawned: inside Electron a process of ours cannot fork Node, only the
 * main process can start utility processes. From then on every worker is started by `spawn`.
 */
export function replaceSpawn(spawn: SpawnWorker): void {
  replacement = spawn
}

/** Starts `entry` as a worker. Messages are structured clones, so typed arrays travel as they are. */
export const spawnNodeWorker: SpawnWorker = (entry, events) =>
  replacement ? replacement(entry, events) : forkNode(entry, events)

/** Forks `entry` under the running Node. */
const forkNode: SpawnWorker = (entry, events) => {
  const child = fork(entry, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  let lastWords = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_CHARACTERS)
  })
  let ended = false
  const end = (reason: string): void => {
    if (ended) return
    ended = true
    events.exit(reason, lastWords.trim())
  }
  child.on('message', (message) => {
    events.message(message)
  })
  child.on('error', (error) => {
    end(error.message)
  })
  child.on('close', (code, signal) => {
    end(signal ? `ended by ${signal}` : `ended with code ${code ?? 'unknown'}`)
  })
  return {
    pid: child.pid,
    post(message) {
      // A process that just died is reported by its exit, not by the failed write.
      if (child.connected) child.send(message as object, () => undefined)
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}
