import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { IncomingHttpHeaders } from 'node:http'

/** Who may talk to the service: those who know the token, or whose browser has the cookie that the token gave it. */
export class Access {
  readonly token: string
  readonly cookieName: string
  readonly #cookie: string
  readonly #isLoopback: boolean
  readonly #names: ReadonlySet<string>

  /** `names`: further host names under which the service is reached. */
  constructor(token: string, options: { host: string; port: number; names?: readonly string[] }) {
    this.token = token
    // Cookies know no ports: two services on one machine must not take each other's.
    this.cookieName = `patchwarden-${options.port}`
    this.#cookie = createHmac('sha256', token).update('patchwarden session').digest('base64url')
    this.#isLoopback = isLoopback(options.host)
    const own = this.#isLoopback ? [] : [options.host, hostname()]
    this.#names = new Set(
      ['localhost', ...own, ...(options.names ?? [])].map((name) => name.toLowerCase()),
    )
  }

  isToken(given: string): boolean {
    return isSame(given, this.token)
  }

  /** By `Authorization: Bearer` or by the cookie. */
  isAllowed(headers: IncomingHttpHeaders): boolean {
    const [, bearer] = /^Bearer ([\w.~+/=-]{1,500})$/.exec(headers.authorization ?? '') ?? []
    if (bearer !== undefined) return this.isToken(bearer)
    const cookie = cookiesOf(headers.cookie ?? '').get(this.cookieName)
    return cookie !== undefined && isSame(cookie, this.#cookie)
  }

  /** The header that gives a browser the cookie. Scripts cannot read it, other sites cannot use it. */
  get setCookie(): string {
    return `${this.cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`
  }

  /**
   * Whether the `Host` header names this service. A page of somebody else's domain whose name was made to point here
   * (DNS rebinding) names its own.
   */
  isOwnHost(host: string | undefined): boolean {
    if (host === undefined) return false
    const [, name = ''] = /^(\[[0-9a-f:.]{2,45}\]|[\w.-]{1,253})(?::\d{1,5})?$/i.exec(host) ?? []
    const plain = name.replace(/^\[|\]$/g, '').toLowerCase()
    if (this.#names.has(plain)) return true
    if (isIP(plain) === 0) return false
    return !this.#isLoopback || isLoopback(plain)
  }

  /** What changes something comes from our own pages, or from no page at all. */
  isOwnOrigin(headers: IncomingHttpHeaders): boolean {
    const { origin, host } = headers
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
    if (origin === undefined || host === undefined) return origin === undefined
    // A proxy in front of the service may speak HTTPS to the browser.
    return origin === `http://${host}` || origin === `https://${host}`
  }
}

export const newToken = () => randomBytes(32).toString('base64url')

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

function cookiesOf(header: string): Map<string, string> {
  return new Map(
    header.split(';').flatMap((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const]
    }),
  )
}
