import type { FastifyInstance } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Service } from '../create-service'
import { eventNames } from '../events'
import { refuse, stopping, tooManyRequests } from './failures'

const MOST_STREAMS = 50
const SILENCE_MS = 15_000
/** A reader that does not read is let go. */
const MOST_BUFFERED = 4 * 2 ** 20

/** `GET /events`: everything that happens, as server-sent events. */
export class EventStreams {
  readonly #service: Service
  readonly #open = new Map<ServerResponse, () => void>()
  #isEnded = false

  constructor(service: Service) {
    this.#service = service
  }

  get count(): number {
    return this.#open.size
  }

  addRoute(server: FastifyInstance, headers: Readonly<Record<string, string>>): void {
    server.get('/events', (_request, reply) => {
      if (this.#isEnded) return refuse(reply, 503, stopping)
      if (this.#open.size >= MOST_STREAMS) return refuse(reply, 503, tooManyRequests)
      reply.hijack()
      reply.raw.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      })
      this.#serve(reply.raw)
      return undefined
    })
  }

  end(): void {
    this.#isEnded = true
    for (const [stream, close] of this.#open) {
      close()
      stream.end()
    }
  }

  #serve(stream: ServerResponse): void {
    const send = (piece: string): void => {
      stream.write(piece)
      if (stream.writableLength > MOST_BUFFERED) stream.destroy()
    }
    const stops = eventNames.map((event) =>
      this.#service.subscribe(event, (data) => {
        send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      }),
    )
    const clock = setInterval(() => {
      send(': still here\n\n')
    }, SILENCE_MS)
    const close = (): void => {
      clearInterval(clock)
      for (const stop of stops) stop()
      this.#open.delete(stream)
    }
    this.#open.set(stream, close)
    stream.on('close', close)
    stream.on('error', close)
    send(': here\n\n')
  }
}
