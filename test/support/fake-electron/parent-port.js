// Loaded before the program of a fake utility process: gives it `process.parentPort` in place of Node's own channel to
// the parent, which it must not see, since a real utility process has none.
import { EventEmitter } from 'node:events'
import process from 'node:process'

const send = process.send.bind(process)
const emit = process.emit.bind(process)
const ports = new Map()

/** Keeps what comes before somebody listens, as Electron does. */
class ParentPort extends EventEmitter {
  #early = []

  constructor() {
    super()
    this.on('newListener', (event) => {
      if (event !== 'message') return
      setImmediate(() => {
        for (const message of this.#early.splice(0)) this.emit('message', message)
      })
    })
  }

  postMessage(data) {
    send({ wire: 'message', data: structuredClone(data) })
  }

  receive(message) {
    if (this.listenerCount('message') > 0 && this.#early.length === 0) this.emit('message', message)
    else this.#early.push(message)
  }
}

class Port extends EventEmitter {
  #early = []
  #isStarted = false

  constructor(id) {
    super()
    this.id = id
  }

  postMessage(data) {
    send({ wire: 'port-message', port: this.id, data: structuredClone(data) })
  }

  start() {
    this.#isStarted = true
    for (const data of this.#early.splice(0)) this.receive(data)
  }

  close() {
    send({ wire: 'port-close', port: this.id })
  }

  receive(data) {
    if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#early.push(data)
  }
}

process.parentPort = new ParentPort()
process.emit = (event, ...args) => {
  const message = args[0]
  if (event === 'message' && message?.wire !== undefined) return receive(message)
  // Utility processes end with the app. (A program that emits `disconnect` itself is still connected.)
  if (event === 'disconnect' && !process.connected) process.exit(0)
  return emit(event, ...args)
}
Object.defineProperty(process, 'send', { value: undefined, writable: true, configurable: true })
// Node holds messages back until somebody listens.
process.on('message', () => undefined)

function receive(message) {
  if (message.wire === 'message') {
    const handed = message.ports.map((id) => {
      const port = new Port(id)
      ports.set(id, port)
      return port
    })
    process.parentPort.receive({ data: message.data, ports: handed })
  } else if (message.wire === 'port-message') ports.get(message.port)?.receive(message.data)
  else {
    ports.get(message.port)?.emit('close')
    ports.delete(message.port)
  }
  return true
}
