import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Answer, Input, Output, ProcedureName } from '../../../src/shared/api'
import { startWith } from '../../support/own-package'
import { packageRoot } from '../../support/program'

/** A running `patchwarden serve`. */
export interface Service {
  /** What it told the user to open: its address with the token. */
  readonly url: string
  readonly origin: string
  readonly token: string
  readonly pid: number
  /** Calls a procedure over HTTP. @throws Error with the code of an answer that is a fault */
  call<N extends ProcedureName>(name: N, input: Input<N>): Promise<Output<N>>
  /** Ends it as Ctrl C does; resolves with its exit code. */
  stop(): Promise<number | null>
  /** Ends it as a crash does. */
  kill(): Promise<void>
}

export interface ServiceOptions {
  readonly project: string
  /** A home of its own, so that settings of the user stay out of it. */
  readonly home: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Folder with `models/` in place of the repository's. */
  readonly models?: string
}

const STARTS_WITHIN_MS = 120_000

/** Starts the built program on a free port and waits until it says where it is. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { project, home, args = [], env = {}, models } = options
  const serve = ['serve', '--port', '0', ...args]
  const place = {
    cwd: home,
    env: {
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      PATCHWARDEN_PROJECT: project,
      ...env,
    },
  }
  const child =
    models === undefined
      ? spawn(process.execPath, [join(packageRoot, 'bin/patchwarden.js'), ...serve], {
          cwd: home,
          env: { ...process.env, ...place.env },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      : startWith({ packageRoot: models, ...place }, serve).child
  const url = await addressOf(child)
  const { origin, searchParams } = new URL(url)
  const token = searchParams.get('token') ?? ''
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      resolve(code)
    })
  })
  return {
    url,
    origin,
    token,
    pid: child.pid ?? 0,
    async call(name, input) {
      const response = await fetch(`${origin}/api/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(input),
      })
      // The service answers in the form of the procedure's schema.
      const answer = (await response.json()) as Answer<never>
      if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.message}`)
      return answer.value
    },
    async stop() {
      child.kill('SIGINT')
      return ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const fail = (why: string): void => {
      child.kill('SIGKILL')
      reject(new Error(`patchwarden serve ${why}. It said:\n${said}`))
    }
    const timer = setTimeout(() => {
      fail(`did not say where it is within ${STARTS_WITHIN_MS / 1000} s`)
    }, STARTS_WITHIN_MS)
    const listen = (text: string): void => {
      said += text
      const url = /http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+\/\S*/.exec(said)?.[0]
      // The line may come in pieces: it is whole when something follows it.
      if (url === undefined || said.indexOf(url) + url.length === said.length) return
      clearTimeout(timer)
      resolve(url)
    }
    child.stdout?.setEncoding('utf8').on('data', listen)
    child.stderr?.setEncoding('utf8').on('data', listen)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      fail(`ended with ${code ?? 'a signal'}`)
    })
  })
}
