import type { FastifyInstance } from 'fastify'
import type { Service } from '../create-service'
import { whileHeard } from './api-routes'
import { notFound, refuse } from './failures'

/** `GET /media/<image>/<kind>?v=…`: pictures by ids, never by paths. */
export function addMediaRoute(server: FastifyInstance, service: Service): void {
  server.get<{ Params: { image: string; kind: string }; Querystring: { v?: unknown } }>(
    '/media/:image/:kind',
    async (request, reply) => {
      const { image, kind } = request.params
      const { v } = request.query
      const version = typeof v === 'string' ? `?v=${v}` : ''
      const answer = await service.media(`${image}/${kind}${version}`, whileHeard(reply))
      if (answer.status !== 200) return refuse(reply, answer.status, notFound)
      return reply
        .header(
          'cache-control',
          v === undefined ? 'no-store' : 'private, max-age=31536000, immutable',
        )
        .header('content-length', answer.bytes.length)
        .type(answer.contentType)
        .send(Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength))
    },
  )
}
