import { request, type IncomingHttpHeaders } from 'node:http'
import type { HttpService } from '../../../src/service/http/server'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly bytes: Buffer
}

interface Question {
  readonly method?: string
  readonly path: string
  /** Also `host`, which `fetch` does not let one choose. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A request as any program could send it. */
export function send(
  http: HttpService,
  { method = 'GET', path, headers = {}, body }: Question,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(http.address)
    const outgoing = request({ hostname, port, method, path, headers }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(pieces)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          text: bytes.toString(),
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export const bearer = ({ token }: HttpService) => ({ authorization: `Bearer ${token}` })

/** Calls a procedure over the wire. */
export function post(
  http: HttpService,
  name: string,
  input: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return send(http, {
    method: 'POST',
    path: `/api/${name}`,
    headers: { ...bearer(http), 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  })
}

export const json = (reply: Reply) =>
  JSON.parse(reply.text) as { ok: boolean; value: never; error: { code: string } }
