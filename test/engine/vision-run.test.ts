import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import type { VisionJob } from '../../src/engine/vision-job'
import { type RunFile, runVision, type VisionRunOptions } from '../../src/engine/vision-run'
import { permanentFolder } from '../support/permanent-folder'
import { canMount, withTinyDisk } from '../support/tiny-disk'

// Real processes; the program in them is a small one that answers, fails or dies by the name of the picture.
const workerEntry = fileURLToPath(new URL('../support/flaky-worker.js', import.meta.url))
const root = permanentFolder('run')
const job: VisionJob = {
  locations: { packageRoot: '', projectDir: '', cacheDir: '' },
  task: { kind: 'detect', detector: 'any', compare: false },
  threads: 1,
  seed: 0,
}
let folder: string
let path: string
let number = 0

beforeEach(() => {
  folder = join(root, String(number++))
  mkdirSync(folder)
  path = join(folder, 'r.partial')
})

function files(...names: string[]): RunFile[] {
  return names.map((name) => {
    const source = join(folder, name)
    if (!existsSync(source)) writeFileSync(source, name)
    return { path: name, source }
  })
}

async function run(given: readonly RunFile[], more: Partial<VisionRunOptions> = {}) {
  const failed: string[] = []
  const done: string[] = []
  const outcome = await runVision({
    job,
    files: given,
    workers: 2,
    workerEntry,
    signal: new AbortController().signal,
    onDone: (file) => done.push(file.path),
    onFailed: (file, error) => failed.push(`${file.path} ${error.code}`),
    ...more,
  })
  return { ...outcome, failures: failed.sort(), done: done.sort() }
}

const resuming = (runKey = 'key') => ({ journal: { path, runKey, resume: true } })
const afresh = { journal: { path: '', runKey: 'key', resume: false } }
const begin = () => ({ journal: { ...afresh.journal, path } })

describe('a run over files', () => {
  test('gives results by position and counts failures', async () => {
    const outcome = await run(files('a', 'bad', 'slow', 'crash', 'e'))
    expect(outcome.results.map((result) => result?.index)).toEqual([0, undefined, 2, undefined, 4])
    expect(outcome.failures).toEqual(['bad E_IMAGE_CORRUPT', 'crash E_WORKER_DIED'])
    expect(outcome).toMatchObject({ failed: 2, resumed: 0, interrupted: false, journal: null })
  })

  test('tells progress that only grows, and ends with all', async () => {
    const seen: number[] = []
    await run(files('a', 'bad', 'c'), {
      onProgress: (done, failed) => seen.push(done + failed),
    })
    expect(seen).toEqual([0, 1, 2, 3])
  })

  test('of nothing is done at once', async () => {
    expect(await run([])).toMatchObject({ results: [], failed: 0, interrupted: false })
  })
})

describe('a journal of a run', () => {
  test('keeps what is done; failures are tried again', async () => {
    const given = files('a', 'bad', 'c')
    const first = await run(given, begin())
    expect(first.journal?.entries).toBe(2)
    const second = await run(given, resuming())
    expect(second).toMatchObject({ resumed: 2, done: [], failures: ['bad E_IMAGE_CORRUPT'] })
    expect(second.results).toEqual(first.results)
    expect(second.journal?.entries).toBe(2)
  })

  test('is not read without being asked', async () => {
    const given = files('a', 'c')
    await run(given, begin())
    expect((await run(given, begin())).resumed).toBe(0)
  })

  test('finds pictures by file, wherever they stand in the list', async () => {
    const [a, b, c] = files('a', 'b', 'c')
    await run([a!, c!], begin())
    const { results, resumed, done } = await run([c!, b!, a!], resuming())
    expect(resumed).toBe(2)
    expect(done).toEqual(['b'])
    expect(results.map((result) => result?.index)).toEqual([0, 1, 2])
  })

  test.each([
    [
      'changed',
      (file: string) => {
        utimesSync(file, 5, 5)
      },
    ],
    [
      'longer',
      (file: string) => {
        writeFileSync(file, 'more')
      },
    ],
  ])('a file that is %s is computed again', async (_, change) => {
    const given = files('a', 'c')
    await run(given, begin())
    change(join(folder, 'a'))
    expect((await run(given, resuming())).done).toEqual(['a'])
  })

  test('a picture that is gone, or was not asked for, is made again', async () => {
    const [file] = files('a')
    const mask = join(folder, 'masks/a.png')
    mkdirSync(join(folder, 'masks'))
    await run([file!], begin())
    // The first run wrote no mask.
    expect((await run([{ ...file!, maskPath: mask }], resuming())).done).toEqual(['a'])
    writeFileSync(mask, 'mask')
    expect((await run([{ ...file!, maskPath: mask }], resuming())).done).toEqual([])
    rmSync(mask)
    expect((await run([{ ...file!, maskPath: mask }], resuming())).done).toEqual(['a'])
  })

  test('of another run is refused and stays', async () => {
    const given = files('a')
    await run(given, begin())
    const bytes = readFileSync(path)
    await expect(run(given, resuming('other'))).rejects.toMatchObject({
      code: 'E_RESUME_OTHER_RUN',
    })
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('is kept when the run is cancelled', async () => {
    const abort = new AbortController()
    const given = files('a', 'b', ...Array.from({ length: 20 }, (_, k) => `slow${k}`))
    const outcome = await run(given, {
      ...begin(),
      workers: 1,
      signal: abort.signal,
      onDone: (file) => {
        if (file.path === 'b') abort.abort(new Error('enough'))
      },
    })
    expect(outcome).toMatchObject({ interrupted: true, failed: 0 })
    const isDone = outcome.results.map((result) => result !== undefined)
    expect(isDone.slice(0, 2)).toEqual([true, true])
    expect(isDone.at(-1)).toBe(false)
    const kept = isDone.filter(Boolean).length
    expect(outcome.journal?.entries).toBe(kept)
    expect(await run(given, resuming())).toMatchObject({ resumed: kept, interrupted: false })
  })

  test('goes on inside a picture that was cut off', async () => {
    const abort = new AbortController()
    const given = files('long')
    const told: string[] = []
    const cut = await run(given, {
      ...begin(),
      workers: 1,
      signal: abort.signal,
      onPicture: ({ path: name }, { done, total, unit }) => {
        told.push(`${name} ${done} of ${total} ${unit}`)
        abort.abort(new Error('enough'))
      },
    })
    expect(cut).toMatchObject({ interrupted: true, failed: 0 })
    expect(told).toEqual(['long 7 of 10 samples'])
    const whole = await run(given, resuming())
    expect(whole).toMatchObject({ interrupted: false, resumed: 0 })
    expect(whole.results[0]?.notes).toEqual({ wentOnFrom: 7 })
  })

  test('that holds nothing goes when the run cannot start', async () => {
    const task = { ...job.task, detector: 'refuse' } as VisionJob['task'] // the same kind of task
    await expect(run(files('a'), { ...begin(), job: { ...job, task } })).rejects.toMatchObject({
      code: 'E_MODEL_UNKNOWN',
    })
    expect(existsSync(path)).toBe(false)
  })

  test.skipIf(!canMount)(
    'that cannot grow ends the run and stays (needs the right to mount)',
    async () => {
      await withTinyDisk(8, async (disk) => {
        const journal = { path: join(disk, 'r.partial'), runKey: 'key', resume: false }
        const names = Array.from({ length: 200 }, (_, k) => `ok${k}`)
        const given = files(...names)
        await expect(run(given, { journal })).rejects.toMatchObject({
          code: 'E_DISK_FULL',
          hint: expect.stringMatching(/^Free .* \d+ photographs are done: .*--resume/) as string,
        })
        expect(readFileSync(journal.path, 'utf8').split('\n').length).toBeGreaterThan(10)
      })
    },
  )
})
