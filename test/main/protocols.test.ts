import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Session } from 'electron'
import { handleProtocols, registerSchemes } from '../../src/main/protocols'
import type { MediaAnswer } from '../../src/main/core-messages'
import { fakeElectron, resetElectron } from '../support/fake-electron'

let folder: string
let asked: string[]
let answer: MediaAnswer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  await mkdir(join(folder, 'bundle', 'assets'), { recursive: true })
  await mkdir(join(folder, 'bundle-beside'))
  await writeFile(join(folder, 'bundle', 'index.html'), '<p>hello</p>')
  await writeFile(join(folder, 'bundle', 'assets', 'a b.js'), 'export {}')
  await writeFile(join(folder, 'bundle', 'icon.svg'), '<svg/>')
  await writeFile(join(folder, 'bundle', 'secret.key'), 'k')
  await writeFile(join(folder, 'bundle-beside', 'x.html'), 'outside')
  await symlink(join(folder, 'bundle-beside', 'x.html'), join(folder, 'bundle', 'link.html'))
})
afterAll(() => rm(folder, { recursive: true }))

beforeEach(() => {
  resetElectron()
  registerSchemes()
  fakeElectron.app.becomeReady()
  asked = []
  answer = { status: 200, contentType: 'image/webp', bytes: new Uint8Array([1, 2, 3]) }
  handleProtocols(fakeElectron.defaultSession as unknown as Session, {
    bundleFolder: join(folder, 'bundle'),
    media: (path) => {
      asked.push(path)
      return Promise.resolve(answer)
    },
  })
})

const load = (url: string, init?: RequestInit) => fakeElectron.defaultSession.load(url, init)

describe('rule 2: pages come from app://bundle', () => {
  test('app: is standard and secure, and no scheme may pass by the policy', () => {
    const app = fakeElectron.schemes.find(({ scheme }) => scheme === 'app')
    expect(app?.privileges).toEqual({
      standard: true,
      secure: true,
      supportFetchAPI: true,
      codeCache: true,
    })
    for (const { privileges } of fakeElectron.schemes) {
      expect(privileges?.['bypassCSP']).toBeUndefined()
      expect(privileges?.['allowServiceWorkers']).toBeUndefined()
    }
  })

  test('serves files of the bundle, with type and length', async () => {
    const page = await load('app://bundle/index.html')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-length')).toBe('12')
    expect(await page.text()).toBe('<p>hello</p>')
    expect((await load('app://bundle/')).status).toBe(200)
    expect((await load('app://bundle/assets/a%20b.js')).headers.get('content-type')).toMatch(
      /^text\/javascript/,
    )
    const head = await load('app://bundle/index.html', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test.each([
    ['app://bundle/../bundle-beside/x.html', 404],
    ['app://bundle/%2e%2e/bundle-beside/x.html', 404],
    ['app://bundle/..%2fbundle-beside%2fx.html', 404],
    ['app://bundle/..%5cbundle-beside%5cx.html', 404],
    ['app://bundle//etc/passwd.html', 404],
    ['app://bundle/link.html', 404],
    ['app://bundle/secret.key', 404],
    ['app://bundle/index.html%00.js', 404],
    ['app://bundle/%E0%A4%A', 404],
    ['app://bundle/assets', 404],
    ['app://other/index.html', 404],
  ])('does not serve %s', async (url, status) => {
    const response = await load(url)
    expect(response.status).toBe(status)
    expect(await response.text()).toBe('')
  })

  test('answers no other method', async () => {
    expect((await load('app://bundle/index.html', { method: 'POST' })).status).toBe(405)
  })
})

describe('rule 3: the content security policy', () => {
  test('goes with every page and every refusal, word by word', async () => {
    for (const url of ['app://bundle/index.html', 'app://bundle/none.html']) {
      const { headers } = await load(url)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' image: blob:; font-src 'self'; " +
          "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test('an SVG opened alone may do nothing', async () => {
    const { headers } = await load('app://bundle/icon.svg')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  })
})

describe('the image protocol', () => {
  test('asks the core by id and kind, and lets the canvas read what it gets', async () => {
    const response = await load('image://project/12/mask-completed%20one?v=9f86d0')
    expect(asked).toEqual(['/12/mask-completed%20one?v=9f86d0'])
    expect(response.status).toBe(200)
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2, 3])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-length': '3',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': 'app://bundle',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })

  test('streams a file that the core names', async () => {
    answer = { status: 200, contentType: 'image/png', file: join(folder, 'bundle', 'index.html') }
    const response = await load('image://project/1/full?v=1')
    expect(response.headers.get('content-length')).toBe('12')
    expect(await response.text()).toBe('<p>hello</p>')
  })

  test.each([
    'image://project/etc/passwd?v=1',
    'image://project/1/full',
    'image://project/1/full?v=1&path=/etc/passwd',
    'image://project/1/../../etc/passwd?v=1',
    'image://project/-1/full?v=1',
    'image://project/1/a/b?v=1',
    'image://elsewhere/1/full?v=1',
    `image://project/1/full?v=${'x'.repeat(400)}`,
  ])('does not ask for %s', async (url) => {
    const response = await load(url)
    expect(response.status).toBe(404)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(asked).toEqual([])
  })

  test('hands on no documents, and tells what is missing', async () => {
    answer = { status: 200, contentType: 'image/svg+xml', bytes: new Uint8Array(1) }
    expect((await load('image://project/1/full?v=1')).status).toBe(415)
    answer = { status: 404 }
    expect((await load('image://project/1/full?v=1')).status).toBe(404)
    answer = { status: 200, contentType: 'image/png', file: join(folder, 'nothing.png') }
    expect((await load('image://project/1/full?v=1')).status).toBe(404)
    expect((await load('image://project/1/full?v=1', { method: 'PUT' })).status).toBe(405)
  })

  test('is unavailable, not broken, while there is no core', async () => {
    resetElectron()
    fakeElectron.app.becomeReady()
    handleProtocols(fakeElectron.defaultSession as unknown as Session, {
      bundleFolder: folder,
      media: () => Promise.reject(new Error('gone')),
    })
    expect((await load('image://project/1/full?v=1')).status).toBe(503)
  })
})
