import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileServer, serve, status } from '../../support/file-server'
import type { Answer } from '../../support/file-server'
import { filesBelow } from '../../support/program'
import { catalogOf, digest, largeModel } from '../../support/pull-fixture'
import { failure, half, hasty, limits, other, size, usePulling } from './pulling'

const pulling = usePulling()
const { expectNothingStored, partOf, pull, served, stored } = pulling

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
    expect(filesBelow(pulling.files.cacheDir)).toEqual([])
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
    pulling.files.write('package/models/catalog.json', catalogOf(['http://127.0.0.1:1/net.onnx']))
    const error = await failure(pull())
    expect(error).toMatchObject({ code: 'E_DOWNLOAD_OFFLINE' })
    expect(error.message).toContain('127.0.0.1:1')
  })

  test('by every address: one code where they agree, all reasons in any case', async () => {
    const gone = await fileServer(status(404))
    const wrong = await fileServer(serve(other))
    pulling.files.write('package/models/catalog.json', catalogOf([gone.url, gone.url]))
    expect(await failure(pull())).toMatchObject({ code: 'E_DOWNLOAD_STATUS' })
    pulling.files.write('package/models/catalog.json', catalogOf([gone.url, wrong.url]))
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
    pulling.files.write('package/models/catalog.json', catalogOf([], { byHand: 'it was converted.' }))
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
    const wrong = pulling.files.write('a/wrong.onnx', other)
    const short = pulling.files.write('a/short.onnx', largeModel.subarray(1))
    const right = pulling.files.write('a/right.onnx', largeModel)
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
