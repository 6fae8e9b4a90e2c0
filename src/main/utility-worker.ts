import type { MessagePortMain } from 'electron'
import { workerProgram } from './core-messages'

// The program of every worker's utility process. A worker is written for a child process of Node: it listens to
// `process.on('message')` and answers with `process.send`. Here both are led to the port that the core has the other
// end of, and then the worker itself is loaded.

const program = process.argv.at(-1) ?? ''
if (!workerProgram.test(program)) throw new Error('which worker?')

// Without a handler a utility process only warns and lives on, half working.
process.on('unhandledRejection', (reason) => {
  console.error(reason)
  process.exit(1)
})

process.parentPort.once('message', ({ ports: [port] }) => {
  if (port) void run(port)
})

async function run(port: MessagePortMain): Promise<void> {
  process.send = (message: unknown, ...rest: unknown[]): boolean => {
    port.postMessage(message)
    const sent = rest.at(-1)
    if (typeof sent === 'function') setImmediate(sent as () => void)
    return true
  }
  port.on('message', ({ data }) => {
    // As a child process would emit it, without a handle.
    process.emit('message', data, undefined)
  })
  port.on('close', () => {
    process.emit('disconnect')
  })
  await import(/* @vite-ignore */ new URL(`./${program}.js`, import.meta.url).href)
  port.start()
}
