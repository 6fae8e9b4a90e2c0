import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { APP_ORIGIN } from './origin'
import type { MediaAnswer } from './core-messages'

/** Asks the core for the media at `path` (ids and a kind, then perhaps a query). Rejects while there is no core. */
export type AskForMedia = (path: string, signal: AbortSignal) => Promise<MediaAnswer>

/** `/<image id>/<kind>?v=<version>` as `mediaPath` of the API makes it: an address holds ids, never a path. */
const part = "[\\w.~!*'()%-]{1,300}"
const addressPattern = new RegExp(`^/\\d{1,15}/${part}\\?v=${part}$`)
/** Never SVG, which is a document with scripts when it is opened alone. */
const imageTypes = new Set(['image/png', 'image/jpeg', 'image/webp', 'application/octet-stream'])

/** A picture by id and kind: `image://project/<imageId>/<kind>?v=<hash>`. Streamed from disk where it is a file. */
export async function answerImageRequest(request: Request, media: AskForMedia): Promise<Response> {
  if (request.method !== 'GET') return refusal(405)
  const url = new URL(request.url)
  const address = url.pathname + url.search
  if (url.host !== 'project' || !addressPattern.test(address)) return refusal(404)
  let answer: MediaAnswer
  try {
    answer = await media(address, request.signal)
  } catch {
    return refusal(503)
  }
  if (answer.status !== 200 || !imageTypes.has(answer.contentType)) {
    return refusal(answer.status === 200 ? 415 : answer.status)
  }
  const headers = { ...baseHeaders, 'Content-Type': answer.contentType }
  if (answer.bytes) return respond(answer.bytes, answer.bytes.length, headers)
  return streamFile(answer.file, request.signal, headers)
}

const baseHeaders = {
  'Access-Control-Allow-Origin': APP_ORIGIN,
  'X-Content-Type-Options': 'nosniff',
  // The version in the address changes whenever the picture does.
  'Cache-Control': 'private, max-age=31536000, immutable',
  // A picture that is opened as a page of its own may do nothing.
  'Content-Security-Policy': "default-src 'none'; sandbox",
}

async function streamFile(
  path: string,
  signal: AbortSignal,
  headers: Record<string, string>,
): Promise<Response> {
  try {
    const stats = await stat(path)
    if (!stats.isFile()) return refusal(404)
    return respond(Readable.toWeb(createReadStream(path, { signal })), stats.size, headers)
  } catch {
    return refusal(404)
  }
}

function respond(
  body: Uint8Array | ReadableStream,
  length: number,
  headers: Record<string, string>,
): Response {
  // Bytes from the core lie in memory of their own, never in a shared buffer.
  return new Response(body as ConstructorParameters<typeof Response>[0], {
    status: 200,
    headers: { ...headers, 'Content-Length': `${length}` },
  })
}

function refusal(status: number): Response {
  return new Response(null, { status, headers: { ...baseHeaders, 'Cache-Control': 'no-store' } })
}
