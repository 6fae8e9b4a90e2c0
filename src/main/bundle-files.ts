import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { isOwnPage } from './origin'
import { securityHeaders } from './security-headers'

/** All that a bundle holds. */
const contentTypes = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.woff2', 'font/woff2'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.webp', 'image/webp'],
  ['.svg', 'image/svg+xml'],
])
/** An SVG that is opened as a page of its own would be a document with scripts. */
const powerless = { 'Content-Security-Policy': "default-src 'none'; sandbox" }

/** One file of the built renderer. Whatever is not inside `folder` or has an unknown ending is not found. */
export async function answerBundleRequest(request: Request, folder: string): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405)
  if (!isOwnPage(request.url)) return refusal(404)
  const path = decodedPath(request.url)
  const contentType = path === undefined ? undefined : contentTypes.get(extname(path).toLowerCase())
  if (path === undefined || contentType === undefined) return refusal(404)
  try {
    const file = await containedFile(folder, path)
    if (file === undefined) return refusal(404)
    const bytes = await readFile(file)
    const headers = {
      ...securityHeaders,
      ...(contentType === 'image/svg+xml' ? powerless : {}),
      'Content-Type': contentType,
      'Content-Length': `${bytes.length}`,
    }
    return new Response(request.method === 'HEAD' ? null : bytes, { status: 200, headers })
  } catch {
    return refusal(404)
  }
}

function decodedPath(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url).pathname)
    if (path.includes('\0') || path.includes('\\')) return undefined
    return path === '/' ? '/index.html' : path
  } catch {
    return undefined
  }
}

/** `path` begins with a slash, and resolving it would discard the folder: it is joined, and checked after links. */
async function containedFile(folder: string, path: string): Promise<string | undefined> {
  const base = await realpath(folder)
  const file = await realpath(join(base, path))
  return file.startsWith(base + sep) ? file : undefined
}

function refusal(status: number): Response {
  return new Response(null, { status, headers: securityHeaders })
}
