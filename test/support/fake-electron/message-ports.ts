import { EventEmitter } from 'node:events'

/** One end of a channel. As in Electron, nothing arrives before `start`, and the closing of one end is told to the other. */
export class FakePort extends EventEmitter {
  #peer: FakePort | undefined
  #waiting: unknown[] = []
  #isStarted = false
  #isClosed = false

  static pair(): [FakePort, FakePort] {
    const one = new FakePort()
    const other = new FakePort()
    one.#peer = other
    other.#peer = one
    return [one, other]
  }

  postMessage(message: unknown, ports: readonly unknown[] = []): void {
    // MessagePortMain hands on ports and nothing else; none of ours does.
    if (ports.length > 0) throw new TypeError('Port at index 0 is not a valid port')
    const peer = this.#peer
    if (this.#isClosed || !peer) return
    const data = structuredClone(message)
    setImmediate(() => {
      peer.#receive(data)
    })
  }

  start(): void {
    this.#isStarted = true
    for (const data of this.#waiting.splice(0)) this.#receive(data)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    setImmediate(() => {
      this.#peer?.close()
      this.emit('close')
    })
  }

  #receive(data: unknown): void {
    if (this.#isClosed) return
    if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }
}

export class FakeMessageChannel {
  readonly port1: FakePort
  readonly port2: FakePort

  constructor() {
    ;[this.port1, this.port2] = FakePort.pair()
  }
}
