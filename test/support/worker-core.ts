import { spawnNodeWorker, type WorkerHandle } from '../../src/engine/spawn-worker'
import { runCore } from '../../src/main/core-process'

// A core that has nothing but workers: a page tells it by words to start them, to post to them and to end them.

type Order =
  | { readonly start: number }
  | { readonly to: number; readonly post: unknown }
  | { readonly kill: number }
  | 'throw'

const workers = new Map<number, WorkerHandle>()

void runCore(process.parentPort, () =>
  Promise.resolve({
    connect(port) {
      port.on('message', ({ data }) => {
        // The test is the only one who sends.
        obey(data as Order, (answer) => {
          port.postMessage(answer)
        })
      })
      port.start()
    },
    addGrant: () => undefined,
    media: () => Promise.reject(new Error('no pictures')),
    onRecent: () => undefined,
    stop: () => Promise.resolve(),
  }),
)

function obey(order: Order, answer: (message: unknown) => void): void {
  if (order === 'throw') {
    void Promise.reject(new Error('a fault in the core'))
  } else if ('start' in order) {
    const handle = spawnNodeWorker('/anywhere/worker.js', {
      message: (message) => {
        answer({ from: order.start, message, pid: handle.pid })
      },
      exit: (reason, lastWords) => {
        answer({ ended: order.start, reason, lastWords })
      },
    })
    workers.set(order.start, handle)
  } else if ('kill' in order) {
    workers.get(order.kill)?.kill()
  } else {
    workers.get(order.to)?.post(order.post)
  }
}
