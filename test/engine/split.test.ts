import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { chooseSplit, fastest, type SplitRequest } from '../../src/engine/split'
import type { SpawnWorker } from '../../src/engine/spawn-worker'
import { programFile } from '../../src/engine/program-file'
import { permanentFolder } from '../support/permanent-folder'
import { packageRoot } from '../support/program'

const cores = availableParallelism()
const folder = permanentFolder('split')
const neverSpawn: SpawnWorker = () => {
  throw new Error('nothing was to be measured')
}

const request = (more: Partial<SplitRequest> = {}): SplitRequest => ({
  locations: { packageRoot, projectDir: folder, cacheDir: folder },
  workerEntry: programFile('worker'),
  model: 'patchwarden-nano',
  sha256: 'of-the-test',
  pictures: 10_000,
  signal: new AbortController().signal,
  ...more,
})

describe('the split of the cores', () => {
  test('is what the user says, the rest shared out', async () => {
    const spawn = neverSpawn
    expect(await chooseSplit(request({ spawn, workers: 3, threads: 5 }))).toEqual({
      workers: 3,
      threads: 5,
    })
    expect(await chooseSplit(request({ spawn, workers: 1 }))).toEqual({
      workers: 1,
      threads: cores,
    })
    expect(await chooseSplit(request({ spawn, workers: 10 * cores }))).toEqual({
      workers: 10 * cores,
      threads: 1,
    })
    expect(await chooseSplit(request({ spawn, threads: 1 }))).toEqual({
      workers: cores,
      threads: 1,
    })
  })

  test('for a few pictures is one worker, unmeasured', async () => {
    expect(await chooseSplit(request({ spawn: neverSpawn, pictures: 3 }))).toEqual({
      workers: 1,
      threads: cores,
    })
  })

  test('prefers what makes most pictures a second, and fewer workers where it makes no difference', () => {
    expect(fastest([4, 2, 1], [25, 50, 100], 4, 100)).toEqual({ workers: 1, threads: 4 })
    expect(fastest([4, 2, 1], [50, 60, 100], 4, 100)).toEqual({ workers: 4, threads: 1 })
    expect(fastest([4, 2, 1], [50, 60, 100], 4, 2)).toEqual({ workers: 2, threads: 2 })
    expect(fastest([4, 2, 1], [], 4, 100)).toEqual({ workers: 1, threads: 1 })
  })

  test('never asks for more than there is', () => {
    const ms = fc.double({ min: 0.1, max: 1e4, noNaN: true })
    fc.assert(
      fc.property(fc.tuple(ms, ms, ms), fc.integer({ min: 1, max: 9 }), (times, most) => {
        const { workers, threads } = fastest([4, 2, 1], times, 4, most)
        expect(workers).toBeGreaterThanOrEqual(1)
        expect(workers).toBeLessThanOrEqual(most)
        expect(workers * threads).toBeLessThanOrEqual(4)
      }),
    )
  })
})

describe.skipIf(cores === 1)('measuring (needs two cores)', () => {
  const cache = join(folder, 'model-times.json')

  beforeAll(async () => {
    const measured = await chooseSplit(request())
    expect(measured.workers * measured.threads).toBeLessThanOrEqual(cores)
  })

  test('is done once for a model: the times are kept', async () => {
    const [[key, times] = []] = Object.entries(
      JSON.parse(readFileSync(cache, 'utf8')) as Record<string, number[]>,
    )
    expect(key).toContain('of-the-test')
    expect(times?.every((ms) => ms > 0)).toBe(true)
    await chooseSplit(request({ spawn: neverSpawn }))
  })

  test('a damaged cache is measured again', async () => {
    for (const damage of ['null', '[]', '{"a": "b"}', '{"a": [-1]}', '{']) {
      writeFileSync(cache, damage)
      await expect(chooseSplit(request({ spawn: neverSpawn }))).rejects.toThrow('to be measured')
    }
  })

  test('a model that is not there is told', async () => {
    await expect(chooseSplit(request({ model: 'nope', sha256: 'x' }))).rejects.toMatchObject({
      code: 'E_MODEL_UNKNOWN',
    })
  })

  test('a measuring process that dies leaves the choice to the simplest split', async () => {
    const workerEntry = join(packageRoot, 'test/support/no-such-worker.js')
    expect(await chooseSplit(request({ workerEntry, sha256: 'y' }))).toEqual({
      workers: 1,
      threads: cores,
    })
  })

  test('ends when the run is cancelled', async () => {
    const abort = new AbortController()
    const choosing = chooseSplit(request({ sha256: 'z', signal: abort.signal }))
    abort.abort(new Error('enough'))
    await expect(choosing).rejects.toThrow('enough')
    await expect(chooseSplit(request({ sha256: 'z', signal: abort.signal }))).rejects.toThrow(
      'enough',
    )
  })
})
