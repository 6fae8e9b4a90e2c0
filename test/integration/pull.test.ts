import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { createServer, request as plainRequest } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { fileServer, inTurn, serve, status } from '../support/file-server'
import { startWith } from '../support/own-package'
import {
  errorCodes,
  expectPlainMessages,
  filesBelow,
  packageRoot,
  patchwarden,
  temporaryFolder,
} from '../support/program'
import { catalogOf, digest, largeModel } from '../support/pull-fixture'
import { folderWithPhotos } from '../support/scene-photos'
import { hasSharedData, needsSharedData, sharedData } from '../support/shared-data'

const { root } = folderWithPhotos(1)
/** Starting the program many times takes long on a busy machine. */
vi.setConfig({ testTimeout: 240_000 })

const half = Math.floor(largeModel.length / 2)

/**
 * A place of its own with the built program, a catalogue that names the given addresses, a project and a cache. `run`
 * starts the program there, in a process of its own.
 */
function place(addresses: readonly string[]) {
  const folder = temporaryFolder()
  const at = (name: string): string => join(folder, name)
  mkdirSync(at('package/models'), { recursive: true })
  writeFileSync(at('package/models/catalog.json'), JSON.stringify(catalogOf(addresses)))
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    startWith(
      {
        packageRoot: at('package'),
        cwd: root,
        env: { HOME: folder, XDG_CACHE_HOME: at('cache'), ...env },
      },
      args,
    )
  return {
    at,
    start: (...args: string[]) => start(['--project', at('project'), ...args]),
    run: (...args: string[]) => start(['--project', at('project'), ...args]).ended,
    runWith: (env: Readonly<Record<string, string>>, ...args: string[]) =>
      start(['--project', at('project'), ...args], env).ended,
  }
}

describe('models pull', () => {
  test('stores a model that detect then uses; the second time it says so', async () => {
    const { url, requests } = await fileServer(inTurn(status(503), serve(largeModel)))
    const { at, run } = place([url])
    const before = await run('detect', 'photos', '--detector', 'pets')
    expect(errorCodes(before.stderr)).toEqual(['E_MODEL_UNKNOWN'])
    expect(before.stderr).toContain('models pull pets')
    expect((await run('models', 'list')).stdout).toMatch(/^pets .* to pull .* 0\.3\d +MIT$/m)

    const pulled = await run('models', 'pull', 'pets')
    expect(pulled.code, pulled.stderr).toBe(0)
    expect(pulled.stdout).toBe('')
    expect(pulled.stderr.split('\n')).toEqual([
      expect.stringMatching(/^pets: 0\.\d\d MB from 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^warning W_DOWNLOAD_RETRY: .* 503 .*; trying again in 1 s$/),
      'stored as pets (MIT): use it with --detector pets',
      '',
    ])
    expectPlainMessages(pulled.stderr)
    expect(filesBelow(at('project'))).toEqual(['models/pets/model.json', 'models/pets/model.onnx'])
    expect((await run('models', 'list')).stdout).toMatch(/^pets .* added .* 0\.3\d +MIT$/m)

    const found = await run('detect', 'photos', '--detector', 'pets', '--format', 'jsonl')
    expect(found.code, found.stderr).toBe(0)
    expect(JSON.parse(found.stdout)).toMatchObject({ detections: [{ label: 'dog' }, {}] })

    const again = await run('models', 'pull', 'pets', '--json')
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/^pets is here already, in .*\n$/)
    expect(JSON.parse(again.stdout)).toEqual({
      id: 'pets',
      source: 'present',
      from: null,
      folder: at('project/models/pets'),
      sizeBytes: largeModel.length,
      keptBytes: 0,
      sha256: digest(largeModel),
      licence: 'MIT',
      origin: 'written by this test',
    })
    expect(requests).toHaveLength(2)
  })

  test('an interrupted one says how to go on, and does', async () => {
    const { url, requests } = await fileServer(
      inTurn(serve(largeModel, { holdAfter: half }), serve(largeModel)),
    )
    const { at, start, run } = place([url])
    const { child, ended } = start('models', 'pull', 'pets')
    const part = at(`cache/patchwarden/downloads/${digest(largeModel)}.part`)
    while (!existsSync(part) || readFileSync(part).length < half) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/^interrupted: 0\.\d\d MB of pets are here\nhint: the same command /m)
    expect(filesBelow(at('project'))).toEqual([])
    const second = await run('models', 'pull', 'pets', '--json')
    expect(second.code, second.stderr).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({ source: 'download', keptBytes: half })
    expect(requests[1]?.headers.range).toBe(`bytes=${half}-`)
  })

  test('one that fails exits with 2 and stores nothing', async () => {
    const { url } = await fileServer(status(404))
    const { at, run } = place([url])
    for (const [args, code] of [
      [['pets'], 'E_DOWNLOAD_STATUS'],
      [['pest'], 'E_MODEL_UNKNOWN'],
      [['pets', '--from', 'none.onnx'], 'E_MODEL_NOT_FOUND'],
      [['pets', '--from', 'http://127.0.0.1:1/net.onnx'], 'E_DOWNLOAD_OFFLINE'],
    ] as const) {
      const ended = await run('models', 'pull', ...args)
      expect(ended.code, ended.stderr).toBe(2)
      expect(ended.stdout).toBe('')
      expect(errorCodes(ended.stderr)).toEqual([code])
      expectPlainMessages(ended.stderr)
    }
    expect(filesBelow(at('project'))).toEqual([])
  })
})

// Node honours the proxy variables for requests since 24.5.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const knowsProxies = major > 24 || (major === 24 && minor >= 5)

describe.skipIf(!knowsProxies)('behind a proxy (needs Node 24.5)', () => {
  test('HTTP_PROXY is asked for the whole address, unless NO_PROXY names the host', async () => {
    const { url } = await fileServer(serve(largeModel))
    const asked: string[] = []
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '')
      plainRequest(request.url ?? '', (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      }).end()
    })
    const port = await listening(proxy)
    const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, http_proxy: '', no_proxy: '' }
    const through = await place([url]).runWith({ ...env, NO_PROXY: '' }, 'models', 'pull', 'pets')
    expect(through.code, through.stderr).toBe(0)
    expect(asked).toEqual([url])
    const past = await place([url]).runWith(
      { ...env, NO_PROXY: '127.0.0.1' },
      ...['models', 'pull', 'pets'],
    )
    expect(past.code, past.stderr).toBe(0)
    expect(asked).toHaveLength(1)
  })
})

describe.skipIf(!hasOpenssl())('over https (skipped where openssl is not installed)', () => {
  const tls = makeCertificate()

  test('the certificate must be known; a redirect to http is refused; a proxy only passes on', async () => {
    const plain = await fileServer(serve(largeModel))
    const secure = createSecureServer(tls, (request, response) => {
      if (request.url === '/down') response.writeHead(302, { location: plain.url }).end()
      else serve(largeModel)(request, response, 0)
    })
    const host = `https://localhost:${await listening(secure)}`
    const trust = { NODE_EXTRA_CA_CERTS: tls.file }

    const unknown = await place([`${host}/net.onnx`]).run('models', 'pull', 'pets')
    expect(errorCodes(unknown.stderr)).toEqual(['E_DOWNLOAD_OFFLINE'])
    expect(unknown.stderr).toMatch(/certificate/i)

    const down = await place([`${host}/down`]).runWith(trust, 'models', 'pull', 'pets')
    expect(errorCodes(down.stderr)).toEqual(['E_DOWNLOAD_REDIRECT'])
    expect(plain.requests).toHaveLength(0)

    const direct = await place([`${host}/net.onnx`]).runWith(trust, 'models', 'pull', 'pets')
    expect(direct.code, direct.stderr).toBe(0)
    if (!knowsProxies) return

    const tunnels: string[] = []
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(request.url ?? '')
      const [, port] = (request.url ?? '').split(':')
      const onward = connect(Number(port), 'localhost', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
    })
    const env = { ...trust, HTTPS_PROXY: `http://127.0.0.1:${await listening(proxy)}` }
    const through = await place([`${host}/net.onnx`]).runWith(env, 'models', 'pull', 'pets')
    expect(through.code, through.stderr).toBe(0)
    expect(tunnels).toEqual([host.slice('https://'.length)])
  })
})

test.skipIf(!hasSharedData)(
  `a real model is pulled from a file and used, one without an address too${needsSharedData}`,
  async () => {
    const project = temporaryFolder()
    for (const id of ['facemask-ssd', 'yolox-nano']) {
      const from = join(sharedData, 'models', id, 'model.onnx')
      const args = ['--project', project, 'models', 'pull', id, '--from', from]
      const { code, stderr } = await patchwarden(args)
      expect(code, stderr).toBe(0)
    }
    const args = ['--project', project, 'detect', 'photos', '--detector', 'yolox-nano']
    const found = await patchwarden([...args, '--format', 'jsonl'], { cwd: root })
    expect(found.code, found.stderr).toBe(0)
  },
)

test('the catalogue names an address over https, or says why there is none', () => {
  const text = readFileSync(join(packageRoot, 'models/catalog.json'), 'utf8')
  const { models } = JSON.parse(text) as {
    models: { addresses: string[]; byHand?: string; card: { id: string; sha256: string } }[]
  }
  for (const { addresses, byHand, card } of models) {
    expect(addresses.every((address) => address.startsWith('https://'))).toBe(true)
    expect(addresses.length > 0, card.id).toBe(byHand === undefined)
  }
  expect(new Set(models.map(({ card }) => card.id)).size).toBe(models.length)
  expect(new Set(models.map(({ card }) => card.sha256)).size).toBe(models.length)
})

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port // a TCP server that listens has one
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A certificate for localhost that nobody knows; `file` names it for those who are to trust it. */
function makeCertificate(): { key: string; cert: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'patchwarden-test-tls-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', file, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ],
    { stdio: 'ignore' },
  )
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file }
}
