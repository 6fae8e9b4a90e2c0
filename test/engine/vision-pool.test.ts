import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { VisionItem, VisionJob } from '../../src/engine/vision-job'
import { runVisionJob } from '../../src/engine/vision-pool'

// Real processes; the program in them is a small one that dies, hangs or answers by the name of the picture.
const workerEntry = fileURLToPath(new URL('../support/flaky-worker.js', import.meta.url))

function job(detector = 'any'): VisionJob {
  const locations = { packageRoot: '', projectDir: '', cacheDir: '' }
  return { locations, task: { kind: 'detect', detector, compare: false }, threads: 1, seed: 0 }
}

async function run(
  names: readonly string[],
  { workers = 2, detector = 'any', silenceMs = 60_000, signal = new AbortController().signal } = {},
) {
  const done: number[] = []
  const failed = new Map<number, string>()
  const items: VisionItem[] = names.map((path, index) => ({ index, path, source: path }))
  await runVisionJob(job(detector), items, {
    workerEntry,
    workers,
    signal,
    silenceMs,
    onDone: (result) => done.push(result.index),
    onFailed: (index, error) => failed.set(index, error.code),
  })
  return { done: done.sort((a, b) => a - b), failed }
}

describe('the vision pool', () => {
  test.each([1, 2, 3])('answers every picture once with %i workers', async (workers) => {
    const names = Array.from({ length: 40 }, (_, k) => (k % 7 === 0 ? `slow${k}` : `ok${k}`))
    const { done, failed } = await run(names, { workers })
    expect(done).toEqual(names.map((_, k) => k))
    expect(failed.size).toBe(0)
  })

  test('sets a picture aside that kills two workers, and goes on with the rest', async () => {
    const names = ['ok', 'ok', 'crash', 'ok', 'bad', 'ok', 'crash', 'ok', 'ok']
    const { done, failed } = await run(names)
    expect(done).toEqual([0, 1, 3, 5, 7, 8])
    expect([...failed]).toEqual(
      expect.arrayContaining([
        [2, 'E_WORKER_DIED'],
        [4, 'E_IMAGE_CORRUPT'],
        [6, 'E_WORKER_DIED'],
      ]),
    )
    expect(failed.size).toBe(3)
  })

  test('ends a worker that says nothing any more', async () => {
    const { done, failed } = await run(['ok', 'hang', 'ok'], { silenceMs: 1_500 })
    expect(done).toEqual([0, 2])
    expect([...failed]).toEqual([[1, 'E_WORKER_DIED']])
  })

  test('an empty list is done at once', async () => {
    expect((await run([])).done).toEqual([])
  })

  test('passes on why a job was refused', async () => {
    await expect(run(['ok'], { detector: 'refuse' })).rejects.toMatchObject({
      code: 'E_MODEL_UNKNOWN',
      hint: 'pull it',
    })
  })

  test('a worker that cannot start ends the job with its last words', async () => {
    await expect(run(['ok'], { detector: 'crash-at-start' })).rejects.toMatchObject({
      code: 'E_WORKER_START',
      message: expect.stringContaining('out of luck') as string,
    })
  })

  test('cancelling rejects with the reason and leaves no process behind', async () => {
    const abort = new AbortController()
    const running = run(['hang', 'hang', 'ok'], { signal: abort.signal })
    setTimeout(() => {
      abort.abort(new Error('enough'))
    }, 300)
    const start = performance.now()
    await expect(running).rejects.toThrow('enough')
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})
