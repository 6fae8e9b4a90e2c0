import { Agent as PlainAgent, request as plainRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { downloadAddress, downloadRedirect } from './pull-errors'

const MAX_REDIRECTS = 5

export interface HttpOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Longest wait for the head of an answer, the connection included. */
  readonly answerMs: number
}

/** A server that says nothing. */
export class SilenceError extends Error {}

// HTTP_PROXY, HTTPS_PROXY and NO_PROXY are Node's own business from 24.5 on; older ones ignore the option.
const agents = {
  'http:': new PlainAgent({ proxyEnv: process.env }),
  'https:': new SecureAgent({ proxyEnv: process.env }),
}

/**
 * Asks for `address` and follows redirects, at most five and never from https to http.
 * @returns the answer, whatever its status; its body must be read or destroyed
 * @throws AppError E_DOWNLOAD_ADDRESS, E_DOWNLOAD_REDIRECT; SilenceError; errors of the network as they are
 */
export async function httpGet(address: string, options: HttpOptions): Promise<IncomingMessage> {
  let url = parseAddress(address)
  for (let hops = 0; ; hops++) {
    const response = await ask(url, options)
    const { location } = response.headers
    const status = response.statusCode ?? 0
    if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return response
    response.destroy()
    if (hops === MAX_REDIRECTS) {
      throw downloadRedirect(showAddress(address), `it redirects more than ${MAX_REDIRECTS} times`)
    }
    const next = URL.parse(location, url.href)
    if (next === null || !(next.protocol in agents)) {
      throw downloadRedirect(showAddress(address), `it redirects to "${location.slice(0, 200)}"`)
    }
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw downloadRedirect(showAddress(address), `it redirects from https to http, ${hostOf(next.href)}`)
    }
    url = next
  }
}

/** An address as messages show it: without name, password and query, which may be secret. */
export function showAddress(address: string): string {
  const url = URL.parse(address)
  return url === null ? address : `${url.protocol}//${url.host}${url.pathname}`
}

export function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address
}

function parseAddress(address: string): URL {
  const url = URL.parse(address)
  if (url === null) throw downloadAddress(address, 'it is not an address')
  if (!(url.protocol in agents)) throw downloadAddress(address, `"${url.protocol}" is not served`)
  return url
}

function ask(url: URL, { headers, signal, answerMs }: HttpOptions): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const isSecure = url.protocol === 'https:'
  const request = (isSecure ? secureRequest : plainRequest)(url, {
    agent: agents[isSecure ? 'https:' : 'http:'],
    // Anything but the bytes themselves would have another size and digest.
    headers: { 'accept-encoding': 'identity', 'user-agent': 'patchwarden', ...headers },
    signal,
  })
  const clock = setTimeout(() => {
    request.destroy(new SilenceError(`no answer within ${answerMs / 1_000} seconds`))
  }, answerMs)
  request.on('error', (error) => {
    clearTimeout(clock)
    reject(error)
  })
  request.on('response', (response) => {
    clearTimeout(clock)
    response.on('error', () => undefined) // whoever reads the body gets it too
    resolve(response)
  })
  request.end()
  return promise
}
