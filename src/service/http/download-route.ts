import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { toErrorRecord } from '../../shared/errors'
import { exportResult } from '../api/export'
import type { Service } from '../create-service'
import { notFound, refuse, statusOf } from './failures'

/** `GET /download/<job>`: what an export wrote, where it is one file. */
export function addDownloadRoute(server: FastifyInstance, service: Service): void {
  server.get<{ Params: { job: string } }>('/download/:job', (request, reply) => {
    try {
      const { job } = request.params
      if (!/^\d{1,15}$/.test(job)) return refuse(reply, 404, notFound)
      const { path, isFile } = exportResult(service.context, Number(job))
      const stats = statSync(path, { throwIfNoEntry: false })
      if (!isFile || !stats?.isFile()) return refuse(reply, 404, notFound)
      const name = encodeURIComponent(basename(path)).replaceAll(
        /['()*]/g,
        (one) => `%${one.charCodeAt(0).toString(16)}`,
      )
      return reply
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .header('content-length', stats.size)
        .header('cache-control', 'no-store')
        .type('application/octet-stream')
        .send(createReadStream(path))
    } catch (error) {
      const record = toErrorRecord(error)
      return refuse(reply, statusOf(record), record)
    }
  })
}
