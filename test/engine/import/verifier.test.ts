import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVerifier, type Verifier } from '../../../src/engine/import/verifier'
import { spawnNodeWorker } from '../../../src/engine/spawn-worker'
import { hostileFolder } from './hostile-cases'

// The process is built here from its source, as the program's build does.
// Below the repository, so that it finds the packages.
const out = join(import.meta.dirname, '../../../out')
mkdirSync(out, { recursive: true })
const folder = mkdtempSync(join(out, 'verifier-test-'))
const entry = join(folder, 'verify.js')
const verifiers: Verifier[] = []

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(import.meta.dirname, '../../../src/engine/import/verify-worker.ts'),
      outDir: folder,
      target: 'node22',
      rolldownOptions: { output: { format: 'es', entryFileNames: 'verify.js' } },
    },
  })
})
afterAll(() => {
  for (const verifier of verifiers) verifier.close()
  rmSync(folder, { recursive: true })
})

function start(limits: { seconds?: number; memoryBytes?: number } = {}): Verifier {
  const verifier = startVerifier({ entry, spawn: spawnNodeWorker, limits })
  verifiers.push(verifier)
  return verifier
}
const picture = (name: string) => readFileSync(join(hostileFolder, 'images', name))

test('tells what only a decode can tell, many at a time', async () => {
  const { verify } = start()
  const answers = await Promise.allSettled(
    ['good.jpg', 'alpha.png', 'bad-crc.png', 'good.png'].map((name) => verify(picture(name), name)),
  )
  expect(answers).toMatchObject([
    { status: 'fulfilled', value: [] },
    { status: 'fulfilled', value: [{ code: 'W_ALPHA_DROPPED' }] },
    { status: 'rejected', reason: { code: 'E_IMAGE_CORRUPT' } },
    { status: 'fulfilled', value: [] },
  ])
})

test('a picture that takes too much memory costs only itself', async () => {
  const { verify } = start({ memoryBytes: 150 * 2 ** 20 })
  const side = 9_000
  const large = await sharp({
    create: { width: side, height: side, channels: 3, background: 'white' },
  })
    .png()
    .toBuffer()
  await expect(verify(large, 'large.png')).rejects.toMatchObject({ code: 'E_IMAGE_TOO_LARGE' })
  await expect(verify(picture('good.jpg'), 'good.jpg')).resolves.toEqual([])
})

test('a process that dies costs the picture that it held', async () => {
  const pids: number[] = []
  const verifier = startVerifier({
    entry,
    spawn: (file, events) => {
      const worker = spawnNodeWorker(file, events)
      if (worker.pid !== undefined) pids.push(worker.pid)
      return worker
    },
  })
  verifiers.push(verifier)
  const { verify } = verifier
  await verify(picture('good.jpg'), 'good.jpg')
  const pending = verify(picture('good.png'), 'good.png')
  process.kill(pids[0] ?? 0, 'SIGKILL')
  // Whether the answer or the end comes first is the system's choice.
  const [answer] = await Promise.allSettled([pending])
  if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'E_IMAGE_CORRUPT' })
  await expect(verify(picture('good.jpg'), 'good.jpg')).resolves.toEqual([])
})

test('a process that cannot start is told as what it is', async () => {
  const { verify } = startVerifier({ entry: join(folder, 'none.js'), spawn: spawnNodeWorker })
  await expect(verify(picture('good.jpg'), 'good.jpg')).rejects.toThrow(/process that decodes/)
})
