import type { MessagePortMain, ParentPort } from 'electron'
import { basename } from 'node:path'
import type { SpawnWorker, WorkerEvents } from '../engine/spawn-worker'
import type { FromCore, ToCore } from './core-messages'

interface Started {
  readonly events: WorkerEvents
  /** Messages from before the worker was there. */
  readonly unsent: unknown[]
  port?: MessagePortMain
  pid?: number | undefined
}

/** In the core: starts workers by asking the main process. Use as the core's `replaceSpawn`. */
export function spawnThroughMain(parentPort: ParentPort): SpawnWorker {
  const workers = new Map<number, Started>()
  let nextWorker = 1
  const tell = (message: FromCore): void => {
    parentPort.postMessage(message)
  }
  parentPort.on('message', ({ data, ports }) => {
    // The main process is of the same build.
    const message = data as ToCore
    if (message.kind === 'worker-started') {
      const started = workers.get(message.worker)
      const [port] = ports
      if (started && port) attach(started, port, message.pid)
    } else if (message.kind === 'worker-ended') {
      const started = workers.get(message.worker)
      workers.delete(message.worker)
      started?.port?.close()
      started?.events.exit(message.reason, message.lastWords)
    }
  })

  return (entry, events) => {
    const worker = nextWorker++
    const started: Started = { events, unsent: [] }
    workers.set(worker, started)
    // All programs lie beside one another; the main process starts nothing from elsewhere.
    tell({ kind: 'start-worker', worker, program: basename(entry, '.js') })
    return {
      get pid() {
        return started.pid
      },
      post(message) {
        if (started.port) started.port.postMessage(message)
        else started.unsent.push(message)
      },
      kill() {
        tell({ kind: 'end-worker', worker })
      },
    }
  }
}

function attach(started: Started, port: MessagePortMain, pid: number | undefined): void {
  started.port = port
  started.pid = pid
  port.on('message', ({ data }) => {
    started.events.message(data)
  })
  port.start()
  for (const message of started.unsent.splice(0)) port.postMessage(message)
}
