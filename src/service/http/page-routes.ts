import type { FastifyInstance } from 'fastify'
import type { Access } from './access'
import { noToken, notFound, refuse } from './failures'
import type { PageFile } from './page-files'

/** The pages, and the one address that gives a browser the cookie. */
export function addPageRoutes(
  server: FastifyInstance,
  /** Known once the port is. */
  access: () => Access,
  pages: ReadonlyMap<string, PageFile>,
): void {
  server.get<{ Querystring: { token?: unknown } }>('/', async (request, reply) => {
    const { token } = request.query
    if (token !== undefined) {
      if (typeof token !== 'string' || !access().isToken(token)) return refuse(reply, 401, noToken)
      // The token does not stay in the address bar, nor in the history.
      return reply.header('set-cookie', access().setCookie).redirect('/', 303)
    }
    return sendPage(reply, pages.get('/'))
  })
  for (const [address, page] of pages) {
    if (address !== '/') server.get(address, async (_request, reply) => sendPage(reply, page))
  }
}

function sendPage(
  reply: Parameters<typeof refuse>[0],
  page: PageFile | undefined,
): ReturnType<typeof refuse> {
  if (!page) return refuse(reply, 404, notFound)
  return reply
    .header('cache-control', page.isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache')
    .type(page.contentType)
    .send(page.bytes)
}
