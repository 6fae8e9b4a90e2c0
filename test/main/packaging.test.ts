import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  archiveFaults,
  electronAdvice,
  fuseFaults,
  nativeFaults,
  pageFaults,
  preloadFaults,
  productionPackages,
} from '../../build/package-rules.js'
import { FUSE_SENTINEL, makeStandIn } from '../../build/stand-in-electron.js'

const require = createRequire(import.meta.url)
/** Both files are plain data that the tests below describe. */
const load = (path: string) => require(path) as Record<string, unknown>
const { fuses } = load('../../build/fuses.cjs') as { fuses: Record<string, boolean> }

describe('rule 12: fuses', () => {
  let folder: string
  let binary: Buffer
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stand-in-'))
    await makeStandIn(folder, { version: '45.4.1', fuseCount: 8 })
  })
  beforeEach(async () => {
    binary = await readFile(join(folder, 'electron'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('are set as the checklist says', () => {
    expect(fuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
  })

  test('only a package for the smoke test has the inspector', () => {
    vi.stubEnv('PATCHWARDEN_SMOKE_TEST', '1')
    const path = require.resolve('../../build/fuses.cjs')
    // Read again: the file looks at its environment when it is loaded.
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete require.cache[path]
    const smoke = load(path)['fuses'] as Record<string, boolean>
    vi.unstubAllEnvs()
    expect(smoke).toEqual({ ...fuses, enableNodeCliInspectArguments: true })
  })

  test('are found wanting in a binary whose fuses were not flipped, or that has none', () => {
    expect(fuseFaults(binary, fuses, FUSE_SENTINEL)).toEqual([
      'the fuse enableCookieEncryption is not on',
      'the fuse enableEmbeddedAsarIntegrityValidation is not on',
      'the fuse onlyLoadAppFromAsar is not on',
    ])
    const at = binary.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length + 2
    for (const [k, isOn] of Object.values(fuses).entries()) binary[at + k] = isOn ? 0x31 : 0x30
    expect(fuseFaults(binary, fuses, FUSE_SENTINEL)).toEqual([])
    binary[at] = 0x31
    expect(fuseFaults(binary, fuses, FUSE_SENTINEL)).toEqual(['the fuse runAsNode is not off'])
    expect(fuseFaults(Buffer.from('no wire'), fuses, FUSE_SENTINEL)).toHaveLength(1)
  })
})

describe('the configuration', () => {
  const config = load('../../build/electron-builder.config.cjs')

  test('rule 13: one archive, loaded by nothing else, with natives and models outside', () => {
    expect(config).toMatchObject({ asar: true, npmRebuild: false, publish: null })
    expect(config['electronFuses']).toMatchObject(fuses)
    expect(config['asarUnpack']).toEqual(
      expect.arrayContaining(['**/*.node', '**/node_modules/onnxruntime-node/bin/**']),
    )
    expect(JSON.stringify(config['extraResources'])).toContain('"from":"models"')
  })

  test('has the targets of each system, and macOS entitlements for nothing but compiling', async () => {
    expect(config['win']).toMatchObject({ target: [{ target: 'nsis' }] })
    expect(config['mac']).toMatchObject({
      target: [
        { target: 'dmg', arch: ['arm64'] },
        { target: 'zip', arch: ['arm64'] },
      ],
      hardenedRuntime: true,
    })
    const { target } = config['linux'] as { target: { target: string }[] }
    expect(target.map((entry) => entry.target)).toEqual(['deb', 'rpm', 'AppImage'])
    const entitlements = await readFile(
      new URL('../../build/entitlements.mac.plist', import.meta.url),
      'utf8',
    )
    const keys = [...entitlements.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)
    expect(keys).toEqual(['com.apple.security.cs.allow-jit'])
  })

  test('never switches the sandbox off', async () => {
    const texts = await Promise.all(
      ['build/electron-builder.config.cjs', 'src/main/main.ts', 'src/cli/start.ts'].map((path) =>
        readFile(new URL(`../../${path}`, import.meta.url), 'utf8'),
      ),
    )
    for (const text of texts) expect(text).not.toContain('no-sandbox')
  })
})

test.each([
  [45, 45, 'ok'],
  [45, 46, 'ok'],
  [45, 47, 'warning'],
  [45, 48, 'error'],
])('rule 14: Electron %i, with %i the newest: %s', (ours, newest, level) => {
  expect(electronAdvice(ours, newest).level).toBe(level)
})

describe('what the check of a package finds', () => {
  const good = [
    'package.json',
    'out/app/main/main.js',
    'out/app/main/core.js',
    'out/app/main/utility-worker.js',
    'out/app/main/worker.js',
    'out/app/preload/index.cjs',
    'out/app/renderer/index.html',
    'node_modules/zod/index.js',
    'node_modules/@img/colour/index.cjs',
  ]
  const production = new Set(['zod', '@img/colour'])

  test('nothing in a good one', () => {
    expect(archiveFaults(good, production)).toEqual([])
  })

  test.each([
    'out/app/main/main.js.map',
    'node_modules/zod/index.d.ts',
    'src/main/main.ts',
    'test/main/x.test.js',
    'node_modules/zod/test/x.js',
    'models/training/recipe.py',
    'models/sac-lite/model.onnx',
    'node_modules/zod/README.md',
    'node_modules/zod/tsconfig.json',
  ])('%s', (file) => {
    expect(archiveFaults([...good, file], production)).toEqual([`the archive holds ${file}`])
  })

  test('development packages and missing programs', () => {
    expect(archiveFaults([...good.slice(1), 'node_modules/vite/index.js'], production)).toEqual([
      'the archive lacks package.json',
      'the archive holds the development package vite',
    ])
    const packages = {
      '': {},
      'node_modules/zod': {},
      'node_modules/vite': { dev: true },
      'node_modules/a/node_modules/@img/colour': {},
    }
    expect(productionPackages({ packages })).toEqual(production)
  })

  test('native libraries that are packed, foreign or missing', () => {
    const unpacked = [
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
      'node_modules/@img/sharp-linux-x64/lib/sharp.node',
      'node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.7',
    ]
    const target = { system: 'linux', arch: 'x64' }
    expect(nativeFaults(unpacked, [], target)).toEqual([])
    for (const foreign of [
      'node_modules/onnxruntime-node/bin/napi-v6/win32/x64/onnxruntime.dll',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1',
      'node_modules/better-sqlite3/prebuilds/linuxmusl-x64.node',
      'node_modules/better-sqlite3/prebuilds/darwin-arm64.node',
    ]) {
      expect(nativeFaults([...unpacked, foreign], [], target)).toEqual([
        `${foreign} is for another system`,
      ])
    }
    expect(nativeFaults(unpacked.slice(1), unpacked.slice(0, 1), target)).toEqual([
      `${unpacked[0] ?? ''} lies inside the archive`,
      'the ONNX binding is not unpacked',
    ])
    expect(nativeFaults([], [], target)).toHaveLength(5)
  })

  test.each([
    ['a.js', 'x\n//# sourceMappingURL=a.js.map'],
    ['a.html', '<script>alert(1)</script>'],
    ['a.html', '<p style="color:red">'],
    ['a.html', '<style>p{}</style>'],
    ['a.html', '<img src=x onerror=alert(1)>'],
    ['a.css', '@font-face{src:url(data:font/woff2;base64,AA)}'],
    ['a.css', 'a{background:url("https://example.org/x.png")}'],
  ])('in %s: %s', (name, text) => {
    expect(pageFaults(name, text)).toHaveLength(1)
  })

  test('pages and preloads as they should be pass', () => {
    expect(pageFaults('a.html', '<script type="module" src="./a.js"></script>')).toEqual([])
    expect(pageFaults('a.css', 'a{background:url(./a.png)}')).toEqual([])
    expect(preloadFaults('let e = require("electron")')).toEqual([])
    expect(preloadFaults("require('node:fs'); require('./chunk.cjs')")).toHaveLength(2)
  })
})
