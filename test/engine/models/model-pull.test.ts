import type { IncomingMessage } from 'node:http'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openModelStore } from '../../../src/engine/models/model-store'
import { fileServer, inTurn, serve, status } from '../../support/file-server'
import { filesBelow } from '../../support/program'
import { catalogOf, digest, largeModel } from '../../support/pull-fixture'
import { failure, half, limits, other, size, usePulling } from './pulling'

const pulling = usePulling()
const { expectNothingStored, partOf, pull, served, stored } = pulling

/** From where a request asked for the rest; a broken connection may have lost a little of the half. */
const askedFrom = (request: IncomingMessage | undefined): number =>
  Number(/^bytes=(\d+)-$/.exec(request?.headers.range ?? '')?.[1])

describe('a download', () => {
  test('is verified, stored with its card, and used by name', async () => {
    const { requests } = await served(serve(largeModel))
    const outcome = await pull()
    expect(outcome).toMatchObject({ source: 'download', keptBytes: 0, last: size })
    expect(outcome.told).toEqual(['start 0'])
    expect(requests).toHaveLength(1)
    expect(stored()).toEqual(['pets/model.json', 'pets/model.onnx'])
    const { card, path } = await (await openModelStore(pulling.files)).resolve('pets')
    expect(card.classes).toEqual(['cat', 'dog'])
    expect(digest(readFileSync(path))).toBe(digest(largeModel))
    expect(filesBelow(join(pulling.files.cacheDir, 'downloads'))).toEqual([])
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
    pulling.move({ projectDir: join(pulling.files.projectDir, 'second') })
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
    pulling.files.write('package/models/catalog.json', catalogOf([gone.url, good.url]))
    const outcome = await pull()
    expect(outcome.told).toEqual(['start 0', 'next E_DOWNLOAD_STATUS', 'start 0'])
    expect(outcome.from).toBe(good.url)
    expect(gone.requests).toHaveLength(1)
  })

  test('may come from a mirror instead', async () => {
    pulling.files.write('package/models/catalog.json', catalogOf([], { byHand: 'no address has it.' }))
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
    pulling.files.write('package/models/catalog.json', catalogOf([bad.url, good.url]))
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
