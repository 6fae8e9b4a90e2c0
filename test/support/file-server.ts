import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** `turn` counts requests from 0. */
export type Answer = (request: IncomingMessage, response: ServerResponse, turn: number) => void

/** A server on this machine that answers as a test says, gone when the test is done. */
export async function fileServer(answer: Answer) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response, requests.length - 1)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  return { url: `http://127.0.0.1:${port}/net.onnx`, port, requests }
}

export interface Served {
  readonly etag?: string
  /** Closes the connection after so many bytes of a body; some of them may be lost on the way. */
  readonly cutAfter?: number
  /** Falls silent after so many bytes. */
  readonly holdAfter?: number
  readonly ranges?: boolean
}

/** Answers with a file as a good server does: ranges, and If-Range by its ETag. */
export function serve(
  bytes: Uint8Array,
  { etag, cutAfter, holdAfter, ranges = true }: Served = {},
): Answer {
  return (request, response) => {
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
    const ifRange = request.headers['if-range']
    const isSame = ifRange === undefined || ifRange === etag
    const from = ranges && asked !== undefined && isSame ? Number(asked) : 0
    const body = bytes.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': body.length,
      ...(etag === undefined ? {} : { etag }),
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    if (holdAfter !== undefined) response.write(body.subarray(0, holdAfter))
    else if (cutAfter === undefined) response.end(body)
    else response.write(body.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 50))
  }
}

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(code, headers).end('no')
  }

/** The first answer for the first request, and so on; the last one stays. */
export function inTurn(...answers: readonly Answer[]): Answer {
  return (request, response, turn) => {
    answers[Math.min(turn, answers.length - 1)]?.(request, response, turn)
  }
}
