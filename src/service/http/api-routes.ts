import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Service } from '../create-service'
import { refuse, statusOf } from './failures'
import { openApi } from './openapi'

/** `POST /api/<procedure>` with the input as JSON, and the description of all of them. */
export function addApiRoutes(server: FastifyInstance, service: Service, bodyLimit: number): void {
  server.post<{ Params: { name: string } }>('/api/:name', { bodyLimit }, async (request, reply) => {
    const answer = await service.answer(request.params.name, request.body ?? {}, whileHeard(reply))
    if (!answer.ok) return refuse(reply, statusOf(answer.error), answer.error)
    return reply.header('cache-control', 'no-store').send(answer)
  })
  const document = JSON.stringify(openApi())
  server.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document),
  )
}

/** Aborted when the other end goes away before it was answered. */
export function whileHeard(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.on('close', () => {
    if (!reply.raw.writableFinished) {
      controller.abort(new DOMException('the connection was closed', 'AbortError'))
    }
  })
  return controller.signal
}
