import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FakePort } from './message-ports'
import { fakeElectron } from './state'

const shim = new URL('./parent-port.js', import.meta.url).href

interface ForkOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly serviceName?: string
  readonly stdio?: 'pipe' | 'ignore' | 'inherit'
}

type FromChild =
  | { readonly wire: 'message'; readonly data: unknown }
  | { readonly wire: 'port-message'; readonly port: number; readonly data: unknown }
  | { readonly wire: 'port-close'; readonly port: number }

/** A utility process that is a child process of Node. The program in it sees `process.parentPort` and no `process.send`. */
export class FakeUtilityProcess extends EventEmitter {
  readonly stdout: NodeJS.ReadableStream | null
  readonly stderr: NodeJS.ReadableStream | null
  readonly serviceName: string
  readonly env: NodeJS.ProcessEnv
  pid: number | undefined
  readonly #child: ChildProcess
  readonly #ports = new Map<number, FakePort>()
  #nextPort = 1

  constructor(entry: string, args: readonly string[], options: ForkOptions) {
    super()
    if (!fakeElectron.app.isReady) {
      throw new Error('utilityProcess cannot be created before app is ready')
    }
    this.serviceName = options.serviceName ?? ''
    this.env = options.env ?? process.env
    const stdio = options.stdio ?? 'inherit'
    this.#child = fork(entry.startsWith('file:') ? fileURLToPath(entry) : entry, args, {
      env: this.env,
      serialization: 'advanced',
      stdio: ['ignore', stdio, stdio, 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', shim],
    })
    this.stdout = this.#child.stdout
    this.stderr = this.#child.stderr
    fakeElectron.utilities.push(this)
    this.#child.once('spawn', () => {
      this.pid = this.#child.pid
      this.emit('spawn')
    })
    this.#child.on('message', (message) => {
      // Written by the shim.
      this.#receive(message as FromChild)
    })
    this.#child.once('close', (code) => {
      this.pid = undefined
      for (const port of this.#ports.values()) port.close()
      this.emit('exit', code ?? 15)
    })
  }

  postMessage(data: unknown, ports: readonly FakePort[] = []): void {
    const ids = ports.map((port) => this.#handOver(port))
    this.#send({ wire: 'message', data, ports: ids })
  }

  kill(): boolean {
    return this.#child.kill()
  }

  /** For tests: ends it as the system does when memory is short. */
  crash(): void {
    this.#child.kill('SIGKILL')
  }

  /** For tests: halts it, as a program that hangs. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  #handOver(port: FakePort): number {
    const id = this.#nextPort++
    this.#ports.set(id, port)
    port.on('message', ({ data }: { data: unknown }) => {
      this.#send({ wire: 'port-message', port: id, data })
    })
    port.once('close', () => {
      this.#send({ wire: 'port-close', port: id })
    })
    port.start()
    return id
  }

  #receive(message: FromChild): void {
    if (message.wire === 'message') this.emit('message', message.data)
    else if (message.wire === 'port-message') {
      this.#ports.get(message.port)?.postMessage(message.data)
    } else this.#ports.get(message.port)?.close()
  }

  #send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }
}

export const utilityProcess = {
  fork: (entry: string, args: readonly string[] = [], options: ForkOptions = {}) =>
    new FakeUtilityProcess(entry, args, options),
}
