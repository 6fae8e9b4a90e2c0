import type { IncomingMessage } from 'node:http'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pullModel } from '../../../src/engine/models/model-pull'
import type { PullRequest } from '../../../src/engine/models/model-pull'
import { openModelStore } from '../../../src/engine/models/model-store'
import { AppError } from '../../../src/shared/errors'
import { fileServer, inTurn, serve, status } from '../../support/file-server'
import type { Answer } from '../../support/file-server'
import { filesBelow } from '../../support/program'
import { catalogOf, digest, largeModel } from '../../support/pull-fixture'
import { createTestStore } from '../../support/test-store'
import { canMount, withTinyDisk } from '../../support/tiny-disk'

let files: Awaited<ReturnType<typeof createTestStore>>
beforeEach(async () => {
  files = await createTestStore()
})
afterEach(() => {
  files.remove()
})

/** Patient, for a busy machine may be silent for a while. */
const limits = { answerMs: 30_000, stallMs: 30_000, tries: 3, pauseMs: 5 }
const hasty = { ...limits, answerMs: 200, stallMs: 200 }
const size = largeModel.length
const half = Math.floor(size / 2)
const other = largeModel.map((byte, k) => (k === size - 50 ? byte ^ 1 : byte))

/** From where a request asked for the rest; a broken connection may have lost a little of the half. */
const askedFrom = (request: IncomingMessage | undefined): number =>
  Number(/^bytes=(\d+)-$/.exec(request?.headers.range ?? '')?.[1])

const partOf = () => join(files.cacheDir, 'downloads', `${digest(largeModel)}.part`)
const stored = () => filesBelow(join(files.projectDir, 'models'))

/** A pull of `pets`, with everything it told. */
async function pull(request: Partial<PullRequest> = {}) {
  const told: string[] = []
  let last = 0
  const outcome = await pullModel(files, {
    id: 'pets',
    signal: new AbortController().signal,
    limits,
    events: {
      start: (_address, done) => told.push(`start ${done}`),
      progress: (done) => (last = done),
      retry: ({ code }) => told.push(`retry ${code}`),
      nextAddress: ({ code }) => told.push(`next ${code}`),
    },
    ...request,
  })
  return { ...outcome, told, last }
}

/** A server, and a catalogue that names it. */
async function served(...answers: readonly Answer[]) {
  const server = await fileServer(inTurn(...answers))
  files.write('package/models/catalog.json', catalogOf([server.url]))
  return server
}

async function failure(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => new Error('nothing was wrong'),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}

/** Nothing of a model is to be seen, neither in the project nor in the cache. */
function expectNothingStored(): void {
  expect(stored()).toEqual([])
  expect(filesBelow(join(files.cacheDir, 'models'))).toEqual([])
}

describe('a download', () => {
  test('is verified, stored with its card, and used by name', async () => {
    const { requests } = await served(serve(largeModel))
    const outcome = await pull()
    expect(outcome).toMatchObject({ source: 'download', keptBytes: 0, last: size })
    expect(outcome.told).toEqual(['start 0'])
    expect(requests).toHaveLength(1)
    expect(stored()).toEqual(['pets/model.json', 'pets/model.onnx'])
    const { card, path } = await (await openModelStore(files)).resolve('pets')
    expect(card.classes).toEqual(['cat', 'dog'])
    expect(digest(readFileSync(path))).toBe(digest(largeModel))
    expect(filesBelow(join(files.cacheDir, 'downloads'))).toEqual([])
  })

  test('is not repeated, unless that is asked for', async () => {
    const { requests } = await served(serve(largeModel))
    await pull()
    expect(await pull()).toMatchObject({ source: 'present', told: [] })
    expect(requests).toHaveLength(1)
    expect(await pull({ force: true })).toMatchObject({ source: 'download' })
    expect(requests).toHaveLength(2)
  })

  test('is not needed where the cache has a verified copy', async () => {
    const { requests } = await served(serve(largeModel))
    await pull()
    files = { ...files, projectDir: join(files.projectDir, 'second') }
    expect(await pull()).toMatchObject({ source: 'cache' })
    expect(requests).toHaveLength(1)
    expect(stored()).toEqual(['pets/model.json', 'pets/model.onnx'])
  })

  test('follows redirects', async () => {
    const { requests } = await served(
      status(302, { location: '/elsewhere' }),
      status(307, { location: 'there' }),
      serve(largeModel),
    )
    expect(await pull()).toMatchObject({ source: 'download' })
    expect(requests.map(({ url }) => url)).toEqual(['/net.onnx', '/elsewhere', '/there'])
  })

  test('goes to the next address where one fails', async () => {
    const good = await fileServer(serve(largeModel))
    const gone = await fileServer(status(404))
    files.write('package/models/catalog.json', catalogOf([gone.url, good.url]))
    const outcome = await pull()
    expect(outcome.told).toEqual(['start 0', 'next E_DOWNLOAD_STATUS', 'start 0'])
    expect(outcome.from).toBe(good.url)
    expect(gone.requests).toHaveLength(1)
  })

  test('may come from a mirror instead', async () => {
    files.write('package/models/catalog.json', catalogOf([], { byHand: 'no address has it.' }))
    const mirror = await fileServer(serve(largeModel))
    const secret = mirror.url.replace('//', '//me:word@').concat('?token=secret')
    const outcome = await pull({ from: secret })
    expect(outcome.from).toBe(mirror.url)
    expect(mirror.requests[0]?.url).toBe('/net.onnx?token=secret')
  })
})

describe('a download that breaks', () => {
  test('goes on where it stopped', async () => {
    const etag = '"one"'
    const { requests } = await served(
      serve(largeModel, { etag, cutAfter: half }),
      serve(largeModel, { etag }),
    )
    const outcome = await pull()
    expect(outcome.told).toEqual(['start 0', 'retry E_DOWNLOAD_CUT'])
    expect(askedFrom(requests[1])).toBeGreaterThan(0)
    expect(requests[1]?.headers['if-range']).toBe(etag)
    expect(stored()).toHaveLength(2)
  })

  test('goes on in the next run after an interruption', async () => {
    const { requests } = await served(
      serve(largeModel, { etag: '"one"', holdAfter: half }),
      serve(largeModel, { etag: '"one"' }),
    )
    const stop = new AbortController()
    const reason = new DOMException('interrupted', 'AbortError')
    const interrupted = pull({
      signal: stop.signal,
      events: {
        progress: (done) => {
          if (done >= half) stop.abort(reason)
        },
      },
    })
    await expect(interrupted).rejects.toBe(reason)
    expect(statSync(partOf()).size).toBe(half)
    expectNothingStored()
    expect(await pull()).toMatchObject({ keptBytes: half, told: [`start ${half}`] })
    expect(requests[1]?.headers.range).toBe(`bytes=${half}-`)
  })

  test('starts again where the file has changed meanwhile', async () => {
    await served(
      serve(other, { etag: '"old"', cutAfter: half }),
      serve(largeModel, { etag: '"new"' }),
    )
    expect(await pull()).toMatchObject({ keptBytes: 0, last: size })
  })

  test('starts again where the server knows no ranges', async () => {
    const { requests } = await served(
      serve(largeModel, { ranges: false, cutAfter: half }),
      serve(largeModel, { ranges: false }),
    )
    await pull()
    expect(requests).toHaveLength(2)
    expect(stored()).toHaveLength(2)
  })

  test.each([
    ['another total', `bytes ${half}-${size - 1}/${size + 1}`],
    ['no total', `bytes ${half}-${size - 1}/*`],
    ['another beginning', `bytes ${half - 1}-${size - 1}/${size}`],
    ['nothing', ''],
  ])('starts again where a server without ETag continues with %s', async (_, range) => {
    const { requests } = await served(
      serve(largeModel, { cutAfter: half }),
      (_request, response) => {
        response.writeHead(206, { 'content-range': range }).end(largeModel.subarray(half))
      },
      serve(largeModel),
    )
    await pull()
    expect(requests).toHaveLength(3)
    expect(askedFrom(requests[1])).toBeGreaterThan(0)
    expect(requests[2]?.headers.range).toBeUndefined()
    expect(requests[1]?.headers['if-range']).toBeUndefined()
  })

  test('starts again after 416', async () => {
    const { requests } = await served(
      serve(largeModel, { cutAfter: half }),
      status(416),
      serve(largeModel),
    )
    await pull()
    expect(requests).toHaveLength(3)
  })

  test('starts again where what was kept proves wrong', async () => {
    const { requests } = await served(serve(largeModel))
    mkdirSync(dirname(partOf()), { recursive: true })
    writeFileSync(partOf(), other.map((byte) => byte ^ 1).subarray(0, half))
    const outcome = await pull()
    expect(outcome.told).toEqual([`start ${half}`, 'retry E_DOWNLOAD_CHECKSUM', 'start 0'])
    expect(requests).toHaveLength(2)
  })

  test('is continued by another address', async () => {
    const good = await fileServer(serve(largeModel))
    const bad = await fileServer(inTurn(serve(largeModel, { cutAfter: half }), status(404)))
    files.write('package/models/catalog.json', catalogOf([bad.url, good.url]))
    const { keptBytes } = await pull()
    expect(keptBytes).toBeGreaterThan(0)
    expect(askedFrom(good.requests[0])).toBe(keptBytes)
  })

  test('is tried again after 503', async () => {
    const { requests } = await served(status(503), status(503), serve(largeModel))
    const { told } = await pull()
    expect(told).toEqual(['start 0', 'retry E_DOWNLOAD_STATUS', 'retry E_DOWNLOAD_STATUS'])
    expect(requests).toHaveLength(3)
  })

  test('gives up on a server that sends byte by byte', async () => {
    const { requests } = await served(serve(largeModel, { cutAfter: 10 }))
    expect(await failure(pull())).toMatchObject({ code: 'E_DOWNLOAD_CUT' })
    expect(requests).toHaveLength(limits.tries)
    expect(statSync(partOf()).size).toBeLessThanOrEqual(10 * limits.tries)
  })
})

describe('a download that is refused', () => {
  const refused = async (code: string, ...answers: readonly Answer[]) => {
    const server = await served(...answers)
    const error = await failure(pull(code === 'E_DOWNLOAD_TIMEOUT' ? { limits: hasty } : {}))
    expect(error).toMatchObject({ code })
    expect(error.hint).not.toBe('')
    expectNothingStored()
    return { ...server, error }
  }

  test('with another digest: nothing of it stays', async () => {
    const { error } = await refused('E_DOWNLOAD_CHECKSUM', serve(other))
    expect(error.message).toContain(digest(other))
    expect(filesBelow(files.cacheDir)).toEqual([])
  })

  test('with another length, before a byte is written', async () => {
    const pointer = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1')
    const { error } = await refused('E_DOWNLOAD_SIZE', serve(pointer))
    expect(error.message).toContain(`${pointer.length} bytes`)
    expect(existsSync(partOf())).toBe(false)
  })

  test.each([
    ['longer', new Uint8Array(size + 100_000)],
    ['shorter', new Uint8Array(size - 1)],
  ])('%s than its catalogue says, in chunks', async (_, bytes) => {
    await refused('E_DOWNLOAD_SIZE', (_request, response) => {
      response.writeHead(200).write(bytes.subarray(0, half))
      response.end(bytes.subarray(half))
    })
    expect(existsSync(partOf())).toBe(false)
  })

  test('404, without another try', async () => {
    const { requests, error } = await refused('E_DOWNLOAD_STATUS', status(404))
    expect(requests).toHaveLength(1)
    expect(error.message).toContain('404')
    expect(error.hint).toContain('--from')
  })

  test('503, after some tries', async () => {
    const { requests } = await refused('E_DOWNLOAD_STATUS', status(503))
    expect(requests).toHaveLength(limits.tries)
  })

  test('a loop of redirects', async () => {
    const { requests } = await refused('E_DOWNLOAD_REDIRECT', status(302, { location: '/again' }))
    expect(requests).toHaveLength(6)
  })

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://'])(
    'a redirect to %s',
    async (location) => {
      await refused('E_DOWNLOAD_REDIRECT', status(302, { location }))
    },
  )

  test('a server that falls silent', async () => {
    const { requests } = await refused('E_DOWNLOAD_TIMEOUT', (_request, response) => {
      response.writeHead(200, { 'content-length': size }).write(largeModel.subarray(0, 1_000))
    })
    expect(requests).toHaveLength(limits.tries)
    expect(statSync(partOf(), { throwIfNoEntry: false })?.size ?? 0).toBeLessThanOrEqual(1_000)
  })

  test('a server that never answers', async () => {
    const { requests } = await refused('E_DOWNLOAD_TIMEOUT', () => undefined)
    expect(requests).toHaveLength(limits.tries)
  })

  test('nobody there', async () => {
    files.write('package/models/catalog.json', catalogOf(['http://127.0.0.1:1/net.onnx']))
    const error = await failure(pull())
    expect(error).toMatchObject({ code: 'E_DOWNLOAD_OFFLINE' })
    expect(error.message).toContain('127.0.0.1:1')
  })

  test('by every address: one code where they agree, all reasons in any case', async () => {
    const gone = await fileServer(status(404))
    const wrong = await fileServer(serve(other))
    files.write('package/models/catalog.json', catalogOf([gone.url, gone.url]))
    expect(await failure(pull())).toMatchObject({ code: 'E_DOWNLOAD_STATUS' })
    files.write('package/models/catalog.json', catalogOf([gone.url, wrong.url]))
    const error = await failure(pull())
    expect(error).toMatchObject({ code: 'E_DOWNLOAD_FAILED' })
    expect(error.message).toMatch(/404.*SHA-256/)
  })
})

describe('what is asked for', () => {
  test('an unknown id gets a suggestion, and all ids', async () => {
    await served(serve(largeModel))
    expect((await failure(pull({ id: 'pest' }))).hint).toMatch(/Did you mean pets\?.*pets/)
    const far = await failure(pull({ id: 'something-else' }))
    expect(far).toMatchObject({ code: 'E_MODEL_UNKNOWN' })
    expect(far.hint).not.toContain('Did you mean')
    expect(far.hint).toContain('pets')
  })

  test('a model without an address says what to do', async () => {
    files.write('package/models/catalog.json', catalogOf([], { byHand: 'it was converted.' }))
    const error = await failure(pull())
    expect(error).toMatchObject({ code: 'E_MODEL_NO_ADDRESS' })
    expect(error.message).toContain('it was converted.')
    expect(error.hint).toContain('models add FILE.onnx')
  })

  test.each(['ftp://127.0.0.1/net.onnx', 'https://', 'file:///net.onnx'])('%s', async (from) => {
    await served(serve(largeModel))
    expect(await failure(pull({ from }))).toMatchObject({ code: 'E_DOWNLOAD_ADDRESS' })
  })

  test('a file, verified the same way', async () => {
    const { requests } = await served(serve(largeModel))
    const wrong = files.write('a/wrong.onnx', other)
    const short = files.write('a/short.onnx', largeModel.subarray(1))
    const right = files.write('a/right.onnx', largeModel)
    const codes = [wrong, short, join(right, '../none.onnx')].map(
      async (from) => (await failure(pull({ from }))).code,
    )
    expect(await Promise.all(codes)).toEqual([
      'E_DOWNLOAD_CHECKSUM',
      'E_DOWNLOAD_SIZE',
      'E_MODEL_NOT_FOUND',
    ])
    expectNothingStored()
    expect(await pull({ from: right })).toMatchObject({ source: 'file', from: right })
    expect(requests).toHaveLength(0)
    expect(stored()).toHaveLength(2)
  })
})

describe('what is stored already', () => {
  const cardPath = () => join(files.projectDir, 'models/pets/model.json')
  const modelPath = () => join(files.projectDir, 'models/pets/model.onnx')

  test('another model of that name is left alone', async () => {
    const { requests } = await served(serve(largeModel))
    await pull()
    const card = { ...JSON.parse(readFileSync(cardPath(), 'utf8')), sha256: digest(other) } as object
    files.write('project/models/pets/model.onnx', other)
    files.write('project/models/pets/model.json', card)
    for (const force of [false, true]) {
      expect(await failure(pull({ force }))).toMatchObject({ code: 'E_MODEL_EXISTS' })
    }
    expect(requests).toHaveLength(1)
    expect(digest(readFileSync(modelPath()))).toBe(digest(other))
  })

  test('a damaged file is put right; a card that its owner changed stays', async () => {
    await served(serve(largeModel))
    await pull()
    const card = { ...JSON.parse(readFileSync(cardPath(), 'utf8')), scoreThreshold: 0.25 } as object
    files.write('project/models/pets/model.json', card)
    files.write('project/models/pets/model.onnx', other)
    expect(await pull()).toMatchObject({ source: 'cache' })
    const { card: now } = await (await openModelStore(files)).resolve('pets')
    expect(now.scoreThreshold).toBe(0.25)
    expect(digest(readFileSync(modelPath()))).toBe(digest(largeModel))
  })

  test.each([
    ['is no JSON', '{'],
    ['names another model', JSON.stringify({ id: 'cats' })],
  ])('a card that %s is written anew', async (_, text) => {
    await served(serve(largeModel))
    await pull()
    writeFileSync(cardPath(), text)
    await pull()
    expect((await (await openModelStore(files)).resolve('pets')).card.id).toBe('pets')
  })
})

describe('places that cannot be written', () => {
  test('a download of another process is waited for; what a dead one left is taken over', async () => {
    await served(serve(largeModel))
    mkdirSync(dirname(partOf()), { recursive: true })
    writeFileSync(`${partOf()}.lock`, String(process.pid))
    expect(await failure(pull())).toMatchObject({ code: 'E_DOWNLOAD_BUSY' })
    writeFileSync(`${partOf()}.lock`, '999999999')
    expect(await pull()).toMatchObject({ source: 'download' })
  })

  test('a file in the way of the cache', async () => {
    await served(serve(largeModel))
    files.write('cache', new Uint8Array(1))
    const error = await failure(pull())
    expect(error).toMatchObject({ code: 'E_WRITE_FAILED' })
    expect(error.hint).toContain('XDG_CACHE_HOME')
  })

  test.skipIf(process.platform === 'win32' || process.geteuid?.() === 0)(
    'a folder without the right to write (skipped for the superuser, who has it everywhere)',
    async () => {
      await served(serve(largeModel))
      mkdirSync(files.cacheDir, { mode: 0o500 })
      expect(await failure(pull())).toMatchObject({ code: 'E_WRITE_DENIED' })
    },
  )

  test.skipIf(!canMount)('a full disk (needs the right to mount)', async () => {
    const { requests } = await served(serve(largeModel))
    await withTinyDisk(128, async (cacheDir) => {
      files = { ...files, cacheDir }
      const error = await failure(pull())
      expect(error).toMatchObject({ code: 'E_DISK_FULL' })
      expect(error.hint).toContain('goes on where this one stopped')
      expectNothingStored()
    })
    expect(requests, 'another address or try would not help').toHaveLength(1)
  })
})
