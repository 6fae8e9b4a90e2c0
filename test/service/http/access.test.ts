import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { procedures } from '../../../src/shared/api'
import { PROJECT_HEADER } from '../../../src/shared/api/project-header'
import type { Service } from '../../../src/service/create-service'
import { Access } from '../../../src/service/http/access'
import { RateLimit } from '../../../src/service/http/rate-limit'
import { startHttp, type HttpService } from '../../../src/service/http/server'
import { temporaryFolder } from '../../engine/temporary-folder'
import { openService } from '../api/open-service'
import { bearer, json, post, send } from './open-http'

let service: Service
let http: HttpService
const pages = join(temporaryFolder(), 'pages')

beforeAll(async () => {
  mkdirSync(join(pages, 'assets'), { recursive: true })
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Patchwarden</title>')
  writeFileSync(join(pages, 'assets/app-1a2b.js'), 'export {}')
  writeFileSync(join(pages, 'built-from'), 'secret of the build')
  service = await openService()
  http = await startHttp(service, {
    pages,
    bodyLimit: 10_000,
    rates: { known: { burst: 10_000, perSecond: 1_000 }, unknown: { burst: 500, perSecond: 50 } },
  })
})
afterAll(async () => {
  await http.close()
  await service.close()
})

test('without the right token nothing is told, and nothing done', async () => {
  const paths = [
    '/',
    '/api/project.info',
    '/events',
    '/media/1/full',
    '/metrics',
    '/openapi.json',
    '/assets/app-1a2b.js',
    '/download/1',
    '/nothing',
  ]
  for (const path of paths) {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${http.token}` },
      { cookie: http.token },
      { cookie: 'patchwarden-1=x' },
    ]) {
      const reply = await send(http, { path, headers })
      expect([path, reply.status, json(reply).error.code]).toEqual([path, 401, 'E_TOKEN_REQUIRED'])
    }
  }
  const upload = await send(http, { method: 'POST', path: '/upload?name=a&batch=b', body: 'x' })
  expect(upload.status).toBe(401)
  expect((await post(http, 'project.info', {}, { authorization: 'Bearer x' })).status).toBe(401)
  expect((await send(http, { path: '/?token=wrong' })).status).toBe(401)
})

test('anybody may ask whether it lives', async () => {
  expect((await send(http, { path: '/healthz' })).status).toBe(200)
  expect((await send(http, { path: '/readyz' })).status).toBe(200)
})

test('a foreign Host header is refused, even with the token', async () => {
  for (const host of [
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    '10.1.2.3',
    '[2001:db8::1]',
    'localhost@evil.example',
  ]) {
    for (const path of ['/healthz', '/api/project.info', '/']) {
      const reply = await send(http, { path, headers: { ...bearer(http), host } })
      expect([host, reply.status]).toEqual([host, 421])
    }
  }
  for (const host of ['localhost', 'localhost:1234', '127.0.0.1', '[::1]:80']) {
    expect((await send(http, { path: '/healthz', headers: { host } })).status).toBe(200)
  }
})

test('a foreign page cannot change anything, whatever it knows', async () => {
  const own = http.address
  // Behind a proxy that speaks HTTPS, too.
  for (const origin of [own, own.replace('http:', 'https:')]) {
    expect((await post(http, 'undo.state', {}, { origin })).status).toBe(200)
  }
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const reply = await post(http, 'undo.state', {}, headers)
    expect(json(reply).error.code).toBe('E_ORIGIN_REFUSED')
  }
  // A form of another page can only send such types.
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ]) {
    const reply = await post(http, 'undo.state', {}, { 'content-type': type })
    expect(reply.status).toBe(415)
  }
  const preflight = await send(http, {
    method: 'OPTIONS',
    path: '/api/undo.state',
    headers: { ...bearer(http), origin: 'https://evil.example' },
  })
  expect(
    Object.keys(preflight.headers).filter((name) => name.startsWith('access-control')),
  ).toEqual([])
})

test('the entrance gives a cookie that scripts cannot read, and takes the token out of the address', async () => {
  const entrance = await send(http, { path: `/?token=${http.token}` })
  expect([entrance.status, entrance.headers.location]).toEqual([303, '/'])
  const [cookie = ''] = entrance.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/^patchwarden-\d+=[\w-]{40,}; Path=\/; HttpOnly; SameSite=Strict$/)
  expect(cookie).not.toContain(http.token)
  const headers = { cookie: `other=1; ${cookie.slice(0, cookie.indexOf(';'))}` }
  const page = await send(http, { path: '/', headers })
  expect([page.status, page.text, page.headers['cache-control']]).toEqual([
    200,
    '<!doctype html><title>Patchwarden</title>',
    'no-cache',
  ])
  const script = await send(http, { path: '/assets/app-1a2b.js', headers })
  expect(script.headers['content-type']).toContain('javascript')
  expect(script.headers['cache-control']).toContain('immutable')
  const call = await send(http, {
    method: 'POST',
    path: '/api/project.info',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{}',
  })
  expect(json(call).ok).toBe(true)
})

test('every answer carries the policy of the pages', async () => {
  for (const path of ['/', '/healthz', '/nothing', '/api/x', '/openapi.json']) {
    const { headers } = await send(http, { path, headers: bearer(http) })
    expect(headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;",
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  }
})

test('addresses never become paths', async () => {
  const paths = [
    '/../package.json',
    '/assets/../../package.json',
    '/%2e%2e/package.json',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/built-from',
    '//etc/passwd',
    '/media/1/..%2f..%2fetc',
    '/media/%2e%2e/full',
    '/download/..%2fx',
    '/\0',
  ]
  for (const path of paths.filter((one) => !one.includes('\0'))) {
    const reply = await send(http, { path, headers: bearer(http) })
    expect([path, [400, 404].includes(reply.status)]).toEqual([path, true])
    expect(reply.text).not.toContain('secret')
  }
})

test('bodies have a limit, and nonsense is refused', async () => {
  const large = await post(http, 'images.parseQuery', { text: 'x'.repeat(20_000) })
  expect([large.status, json(large).error.code]).toEqual([413, 'E_BODY_TOO_LARGE'])
  const headers = { ...bearer(http), 'content-type': 'application/json' }
  for (const body of ['{', 'x', '"', '{"a":1}}', '{"__proto__":{"a":1}}']) {
    const reply = await send(http, { method: 'POST', path: '/api/undo.state', headers, body })
    expect([body, reply.status, json(reply).ok]).toEqual([body, 400, false])
  }
  const empty = await send(http, { method: 'POST', path: '/api/undo.state', headers: bearer(http) })
  expect(json(empty).ok).toBe(true)
  expect(json(await post(http, 'undo.state', { a: 1 })).error.code).toBe('E_INPUT_INVALID')
  expect((await post(http, 'no.such', {})).status).toBe(404)
  expect((await post(http, '__proto__', {})).status).toBe(404)
  expect((await post(http, 'image.get', { id: 99 })).status).toBe(404)
  expect(
    (await send(http, { method: 'DELETE', path: '/api/undo.state', headers: bearer(http) })).status,
  ).toBe(404)
})

test('a page that speaks of a project that was left is refused, for calls and uploads alike', async () => {
  const key = (await post(http, 'undo.state', {})).headers[PROJECT_HEADER]
  expect(key).toBe(service.context.key)
  expect((await post(http, 'undo.state', {}, { [PROJECT_HEADER]: String(key) })).status).toBe(200)
  const left = await post(
    http,
    'images.remove',
    { selection: { ids: [1] } },
    { [PROJECT_HEADER]: 'x' },
  )
  expect([left.status, json(left).error.code]).toEqual([409, 'E_PROJECT_LEFT'])
  const upload = await send(http, {
    ...{ method: 'POST', path: '/upload?name=a.jpg&batch=b', body: 'x' },
    headers: { ...bearer(http), [PROJECT_HEADER]: 'x' },
  })
  expect(json(upload).error.code).toBe('E_PROJECT_LEFT')
})

test('the description lists every procedure with its schemas', async () => {
  const reply = await send(http, { path: '/openapi.json', headers: bearer(http) })
  const document = JSON.parse(reply.text) as {
    openapi: string
    paths: Record<string, { post?: { summary: string } }>
  }
  expect(document.openapi).toBe('3.1.0')
  for (const [name, { summary }] of Object.entries(procedures)) {
    expect(document.paths[`/api/${name}`]?.post?.summary).toBe(summary)
  }
})

test('figures come as text', async () => {
  const { text, headers } = await send(http, { path: '/metrics', headers: bearer(http) })
  expect(headers['content-type']).toContain('text/plain')
  expect(text).toMatch(/^patchwarden_images 0$/m)
  expect(text).toMatch(/^patchwarden_requests_total\{status="4xx"\} \d+$/m)
  for (const line of text.trim().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"\})? [\d.e+-]+)$/)
})

describe('limits', () => {
  test('buckets fill up again', () => {
    let now = 0
    const limit = new RateLimit({ burst: 3, perSecond: 2 }, () => now)
    expect([1, 2, 3].map(() => limit.take('a'))).toEqual([0, 0, 0])
    expect(limit.take('a')).toBe(1)
    expect(limit.take('b')).toBe(0)
    // Who asks too early takes nothing from what fills up.
    now = 250
    expect(limit.take('a')).toBe(1)
    now = 500
    expect(limit.take('a')).toBe(0)
  })

  test('who guesses tokens is slowed down, who has one is not', async () => {
    await using slow = await startHttp(service, {
      rates: { known: { burst: 1_000, perSecond: 100 }, unknown: { burst: 5, perSecond: 0.1 } },
    })
    const statuses: number[] = []
    for (let k = 0; k < 8; k++)
      statuses.push((await post(slow, 'undo.state', {}, { authorization: `Bearer ${k}` })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    expect((await post(slow, 'undo.state', {})).status).toBe(200)
  })
})

test('a service for other machines knows their addresses, and only names that it was told', () => {
  const access = new Access('t'.repeat(20), { host: '0.0.0.0', port: 1, names: ['lab.example'] })
  for (const host of ['10.1.2.3:1', 'lab.example', 'LAB.example:80', 'localhost', '[2001:db8::1]'])
    expect([host, access.isOwnHost(host)]).toEqual([host, true])
  for (const host of ['evil.example', undefined, '']) expect(access.isOwnHost(host)).toBe(false)
})
