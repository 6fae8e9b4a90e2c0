import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Service } from '../../../src/service/create-service'
import { startHttp, type HttpService } from '../../../src/service/http/server'
import { ask, jobEnd, openService, withSample } from '../api/open-service'
import { bearer, json, post, send } from './open-http'

// Real pictures, real models, real sockets.

const folder = mkdtempSync(join(tmpdir(), 'patchwarden-http-'))
let service: Service
let http: HttpService
let a: number
let b: number
let imageId: number
let version: string
const token = 'a-token-that-is-kept-in-a-file'

const open = async () => {
  service = await openService(folder)
  http = await startHttp(service, { token, uploadLimit: 3_000_000 })
}

beforeAll(async () => {
  await open()
  ;({ a, b } = await withSample(service))
  const { cards } = await ask(service, 'images.cards', { ids: [1], a, b })
  imageId = cards[0]?.id ?? 0
  version = cards[0]?.version ?? ''
})
afterAll(async () => {
  await http.close()
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})

const get = (path: string) => send(http, { path, headers: bearer(http) })

test('pictures are streamed with their type, length and lifetime', async () => {
  const thumbnail = await get(`/media/${imageId}/thumbnail?v=${version}`)
  expect(thumbnail.status).toBe(200)
  expect(thumbnail.headers).toMatchObject({
    'content-type': 'image/webp',
    'content-length': String(thumbnail.bytes.length),
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  expect(thumbnail.bytes.subarray(8, 12).toString()).toBe('WEBP')
  expect((await get(`/media/${imageId}/thumbnail`)).headers['cache-control']).toBe('no-store')
  const full = await get(`/media/${imageId}/full?v=${version}`)
  expect(full.headers['content-type']).toBe('image/png')
  const { result } = await ask(service, 'image.result', { id: imageId, run: b })
  for (const { kind, version: own } of result?.media ?? []) {
    const picture = await get(`/media/${imageId}/${kind}?v=${own}`)
    expect([kind, picture.status, picture.bytes.subarray(1, 4).toString()]).toEqual([
      kind,
      200,
      'PNG',
    ])
  }
  expect((await get(`/media/4711/thumbnail?v=x`)).status).toBe(404)
  expect((await get(`/media/${imageId}/thumbnail?v=${encodeURIComponent('../x')}`)).status).toBe(
    400,
  )
})

test('fifty pictures at once all come', async () => {
  const { ids } = await ask(service, 'images.ids', {})
  const asked = Array.from({ length: 50 }, (_, k) =>
    get(`/media/${ids[k % ids.length] ?? 0}/screen?v=${k}`),
  )
  expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([200]))
})

test('events come as they happen, and end with their listener', async () => {
  const events = listen()
  await events.opened
  await post(http, 'images.tag', { selection: { ids: [imageId] }, add: ['seen'] })
  const changed = await events.next('changed')
  expect(changed).toEqual({ what: 'images', ids: [imageId] })
  expect(await events.next('undo')).toMatchObject({ undo: 'Tag 1 image: seen' })
  const started = await post(http, 'runs.resume', { id: b })
  const { jobId } = json(started).value as { jobId: number }
  let job: { id: number; state: string }
  do job = ((await events.next('job')) as { job: { id: number; state: string } }).job
  while (job.id !== jobId || job.state !== 'done')
  expect((await get('/metrics')).text).toMatch(/^patchwarden_event_streams 1$/m)
  events.close()
  await expect
    .poll(async () => (await get('/metrics')).text)
    .toMatch(/^patchwarden_event_streams 0$/m)
})

function listen() {
  const { hostname, port } = new URL(http.address)
  const opened = Promise.withResolvers<undefined>()
  const found: { event: string; data: unknown }[] = []
  let wake = (): void => undefined
  const outgoing = request(
    { hostname, port, path: '/events', headers: bearer(http) },
    (response) => {
      expect(response.headers['content-type']).toContain('text/event-stream')
      opened.resolve(undefined)
      let rest = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        const parts = (rest + piece).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) {
          const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? []
          if (event !== '') found.push({ event, data: JSON.parse(data) })
        }
        wake()
      })
      response.on('error', () => undefined)
    },
  )
  outgoing.on('error', () => undefined)
  outgoing.end()
  return {
    opened: opened.promise,
    async next(event: string): Promise<unknown> {
      for (;;) {
        const at = found.findIndex((one) => one.event === event)
        if (at >= 0) return found.splice(at, 1)[0]?.data
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    close() {
      outgoing.destroy()
    },
  }
}

test('dropped files are sent, become one folder, and are imported', async () => {
  const scenes = join(folder, 'project/sample/images')
  const [one = '', two = ''] = readdirSync(scenes)
  const upload = (name: string, path: string, body: Buffer) =>
    send(http, {
      method: 'POST',
      path: `/upload?${new URLSearchParams({ name, batch: 'batch-1', path }).toString()}`,
      headers: { ...bearer(http), 'content-type': 'application/octet-stream' },
      body,
    })
  const first = json(await upload('one.jpg', 'my photos', readFileSync(join(scenes, one))))
    .value as { grant: string }
  const second = json(
    await upload(
      '<img onerror=1>.jpg'.replace(/[<>]/g, '_'),
      'my photos/inner',
      readFileSync(join(scenes, two)),
    ),
  ).value as { grant: string }
  expect(second.grant).toBe(first.grant)
  const seen = await ask(service, 'import.preview', { grant: first.grant })
  expect(seen).toMatchObject({ images: 2, suggestedName: 'my photos' })
  const { jobId } = await ask(service, 'import.start', {
    grant: first.grant,
    name: seen.suggestedName,
  })
  expect(await jobEnd(service, jobId)).toMatchObject({ state: 'done', summary: '2 images added.' })
  const bad = [
    { name: '../x.jpg', path: '' },
    { name: 'x.jpg', path: '../..' },
    { name: 'x.jpg', path: '/etc' + '/../..' },
    { name: '.hidden', path: '' },
    { name: 'a/b', path: '' },
    { name: 'a\\b', path: '' },
    { name: 'a\0b', path: '' },
    { name: 'x'.repeat(300), path: '' },
    { name: 'one.jpg', path: 'my photos' },
  ]
  for (const { name, path } of bad) {
    const reply = await upload(name, path, Buffer.from('x'))
    expect([name, path, json(reply).error.code]).toEqual([name, path, 'E_INPUT_INVALID'])
  }
  // The same file twice at once: one of them is stored, whole.
  const twice = Array.from({ length: 2 }, () => upload('twice.bin', '', Buffer.alloc(2_000_000, 7)))
  expect((await Promise.all(twice)).map(({ status }) => status).sort()).toEqual([200, 400])
  expect(readFileSync(join(folder, 'project/uploads/batch-1/twice.bin'))).toEqual(
    Buffer.alloc(2_000_000, 7),
  )
  const large = await upload('large.bin', '', Buffer.alloc(3_000_001))
  expect([large.status, json(large).error.code]).toEqual([413, 'E_UPLOAD_TOO_LARGE'])
  expect(
    readdirSync(join(folder, 'project/uploads/batch-1'), { recursive: true }).filter((name) =>
      String(name).includes('part'),
    ),
  ).toEqual([])
  expect(existsSync(join(folder, 'project/uploads/batch-1/large.bin'))).toBe(false)
  const foreign = await send(http, {
    method: 'POST',
    path: '/upload?name=a.jpg&batch=../x',
    headers: bearer(http),
    body: 'x',
  })
  expect(foreign.status).toBe(400)
})

test('what an export wrote can be fetched', async () => {
  const order = { subject: { run: b }, format: 'jsonl', grant: null, name: 'results äö.jsonl' }
  const { jobId } = json(await post(http, 'export.start', order)).value as { jobId: number }
  await jobEnd(service, jobId)
  const { download } = await ask(service, 'export.result', { jobId })
  const reply = await get(download ?? '')
  expect(reply.status).toBe(200)
  expect(reply.headers['content-disposition']).toBe(
    "attachment; filename*=UTF-8''results%20%C3%A4%C3%B6.jsonl",
  )
  expect(reply.text.trim().split('\n').length).toBeGreaterThanOrEqual(12)
  expect((await get('/download/1')).status).not.toBe(200)
  expect((await get('/download/4711')).status).toBe(404)
})

test('a question whose asker has gone is given up', async () => {
  const { hostname, port } = new URL(http.address)
  const gone = new Promise((resolve) => {
    const outgoing = request({
      hostname,
      port,
      method: 'POST',
      path: '/api/image.preview',
      headers: { ...bearer(http), 'content-type': 'application/json' },
    })
    outgoing.on('error', resolve)
    outgoing.end(
      JSON.stringify({
        id: imageId,
        detector: 'patchwarden-nano',
        defense: { id: 'segment-and-complete', params: { threshold: 0.33 } },
      }),
    )
    setTimeout(() => outgoing.destroy(), 30)
  })
  await gone
  const next = await post(http, 'image.preview', {
    id: imageId,
    detector: 'patchwarden-nano',
    defense: null,
  })
  expect(json(next).ok).toBe(true)
})

test('after a restart everything is as it was, undo included', async () => {
  const state = async () => ({
    info: await ask(service, 'project.info', {}),
    undo: await ask(service, 'undo.history', {}),
    runs: (await ask(service, 'runs.list', {})).rows,
    jobs: (await ask(service, 'jobs.list', {})).rows,
    cards: await ask(service, 'images.cards', { ids: [imageId], a, b, overlay: true }),
  })
  const before = await state()
  const cookie = (await send(http, { path: `/?token=${token}` })).headers['set-cookie']?.[0] ?? ''
  await http.close()
  await service.close()
  await open()
  expect(await state()).toEqual(before)
  await ask(service, 'undo.undo', {})
  expect((await ask(service, 'images.cards', { ids: [imageId] })).cards[0]?.tags).toEqual([])
  // Cookies are named by the port; on the same port the token's old cookie still lets its browser in.
  const [, value = ''] = /=([^;]*)/.exec(cookie) ?? []
  const reply = await send(http, {
    path: '/metrics',
    headers: { cookie: `patchwarden-${new URL(http.address).port}=${value}` },
  })
  expect(reply.status).toBe(200)
})

test('stopping ends streams, answers what is asked, and refuses the rest', async () => {
  const events = listen()
  await events.opened
  const asked = post(http, 'results.summary', { a, b })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closing = http.close()
  expect(json(await asked).ok).toBe(true)
  await closing
  await expect(get('/healthz')).rejects.toThrow()
  http = await startHttp(service, { token })
})
