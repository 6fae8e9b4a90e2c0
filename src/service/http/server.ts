import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { AddressInfo } from 'node:net'
import { toErrorRecord } from '../../shared/errors'
import { PROJECT_HEADER } from '../../shared/api/project-header'
import type { Service } from '../create-service'
import { Access, newToken } from './access'
import { addApiRoutes } from './api-routes'
import { addDownloadRoute } from './download-route'
import { EventStreams } from './event-route'
import {
  foreignOrigin,
  noToken,
  notFound,
  otherProject,
  refuse,
  statusOf,
  stopping,
  tooManyRequests,
  wrongHost,
} from './failures'
import { securityHeaders } from './headers'
import { addMediaRoute } from './media-route'
import { addMetricsRoute, RequestCounts } from './metrics'
import { addPageRoutes } from './page-routes'
import { pageFiles } from './page-files'
import { RateLimit, type Rate } from './rate-limit'
import { addUploadRoute } from './upload-route'

export interface HttpOptions {
  /** Default 127.0.0.1: nobody but this machine. */
  readonly host?: string
  /** Default 0: one that is free. */
  readonly port?: number
  /** Further host names under which the service is reached. */
  readonly hostNames?: readonly string[]
  /** Default: a new one. */
  readonly token?: string
  /** Folder of the built pages; without it there is only the API. */
  readonly pages?: string
  /** Of a question. Default 8 MiB. */
  readonly bodyLimit?: number
  /** Of an uploaded file. Default 4 GiB. */
  readonly uploadLimit?: number
  /** Of those who have the token, and of those who have not. */
  readonly rates?: { readonly known: Rate; readonly unknown: Rate }
}

export interface HttpService extends AsyncDisposable {
  /** `http://127.0.0.1:4173` */
  readonly address: string
  readonly token: string
  /** The address that lets a browser in. */
  readonly entrance: string
  /** Answers what is being asked, for some seconds at most, then ends. The service itself is closed by its owner. */
  close(): Promise<void>
}

const BODY_LIMIT = 8 * 2 ** 20
const UPLOAD_LIMIT = 4 * 2 ** 30
const rates = {
  // A screen of thumbnails is a hundred requests.
  known: { burst: 3_000, perSecond: 500 },
  unknown: { burst: 30, perSecond: 2 },
}
const GRACE_MS = 5_000
/** What anybody may ask. */
const openPaths = new Set(['/healthz', '/readyz'])

/** Serves the core over HTTP. @throws AppError E_PORT_IN_USE and the like, from the caller's `listen` */
export async function startHttp(service: Service, options: HttpOptions = {}): Promise<HttpService> {
  const { host = '127.0.0.1', port = 0 } = options
  const server = fastify({
    bodyLimit: options.bodyLimit ?? BODY_LIMIT,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    // A slow upload is fine, slow headers are not.
    http: { headersTimeout: 20_000, requestTimeout: 0, maxHeaderSize: 16_384 },
  })
  // What another site's form can send without asking is nothing that we read.
  server.removeContentTypeParser('text/plain')
  const streams = new EventStreams(service)
  const counts = new RequestCounts()
  const state = { access: null as Access | null, isStopping: false }
  const limits = {
    known: new RateLimit(options.rates?.known ?? rates.known),
    unknown: new RateLimit(options.rates?.unknown ?? rates.unknown),
  }
  const token = options.token ?? newToken()
  const accessOf = () => {
    const { port: bound } = addressOf(server)
    return (state.access ??= new Access(token, {
      host,
      port: bound,
      names: options.hostNames ?? [],
    }))
  }
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    const refused = admit(request, reply, accessOf(), limits)
    if (refused || openPaths.has(request.url)) return refused
    const { key } = service.context
    reply.header(PROJECT_HEADER, key)
    // A page that slept while another project was opened would change pictures of that one by ids of its own.
    const meant = request.headers[PROJECT_HEADER]
    return meant === undefined || meant === key ? undefined : refuse(reply, 409, otherProject)
  })
  server.addHook('onResponse', (_request, reply, done) => {
    counts.add(reply.statusCode, reply.elapsedTime)
    done()
  })
  server.setErrorHandler((error, _request, reply) => sendFault(error, reply))
  server.setNotFoundHandler((_request, reply) => refuse(reply, 404, notFound))
  server.get('/healthz', (_request, reply) => reply.send({ ok: true }))
  server.get('/readyz', (_request, reply) =>
    state.isStopping ? refuse(reply, 503, stopping) : reply.send({ ok: true }),
  )
  addApiRoutes(server, service, options.bodyLimit ?? BODY_LIMIT)
  streams.addRoute(server, securityHeaders)
  addMediaRoute(server, service)
  addDownloadRoute(server, service)
  addMetricsRoute(server, service, counts, () => streams.count)
  await addUploadRoute(server, service, options.uploadLimit ?? UPLOAD_LIMIT)
  const pages = options.pages === undefined ? new Map() : pageFiles(options.pages)
  addPageRoutes(server, accessOf, pages)
  await server.listen({ host, port })
  const bound = addressOf(server)
  const shown = bound.family === 'IPv6' ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host
  const address = `http://${shown}:${bound.port}`
  const close = async (): Promise<void> => {
    state.isStopping = true
    streams.end()
    // What hangs longer than that is cut off.
    const clock = setTimeout(() => {
      server.server.closeAllConnections()
    }, GRACE_MS)
    await server.close()
    clearTimeout(clock)
  }
  return {
    ...{ address, token, close },
    entrance: `${address}/?token=${token}`,
    [Symbol.asyncDispose]: close,
  }
}

/** Who has no business here goes no further than this. */
function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
  limits: { readonly known: RateLimit; readonly unknown: RateLimit },
): FastifyReply | undefined {
  const { headers, method, ip } = request
  if (!access.isOwnHost(headers.host)) return refuse(reply, 421, wrongHost)
  const [path = '', query = ''] = request.url.split('?', 2)
  if (openPaths.has(path)) return undefined
  const isAllowed = access.isAllowed(headers)
  const isEntrance = method === 'GET' && path === '/' && new URLSearchParams(query).has('token')
  const wait = (isAllowed ? limits.known : limits.unknown).take(ip)
  if (wait > 0) return refuse(reply.header('retry-after', wait), 429, tooManyRequests)
  if (!isAllowed && !isEntrance) return refuse(reply, 401, noToken)
  const changes = method !== 'GET' && method !== 'HEAD'
  if (changes && !access.isOwnOrigin(headers)) return refuse(reply, 403, foreignOrigin)
  return undefined
}

/** Faults of the carrier itself: a body that is too large, or no JSON. */
function sendFault(error: unknown, reply: FastifyReply): FastifyReply {
  const { statusCode, code, message } = error as {
    statusCode?: number
    code?: string
    message?: string
  } // fastify's own
  if (statusCode !== undefined && statusCode < 500) {
    const fault = code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? 'E_BODY_TOO_LARGE' : 'E_INPUT_INVALID'
    return refuse(reply, statusCode, {
      code: fault,
      message: `The request cannot be read: ${message ?? 'it is malformed'}.`,
      hint: 'Send JSON, with the header content-type: application/json.',
    })
  }
  const record = toErrorRecord(error)
  return refuse(reply, statusOf(record), record)
}

function addressOf(server: FastifyInstance): AddressInfo {
  const address = server.server.address()
  return typeof address === 'object' && address !== null
    ? address
    : { address: '', family: 'IPv4', port: 0 }
}
