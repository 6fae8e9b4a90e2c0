import { readFile } from 'node:fs/promises'
import { programFile } from '../src/engine/program-file'
import { listImages } from '../src/engine/files/list-images'
import { spawnNodeWorker } from '../src/engine/spawn-worker'
import { runVision } from '../src/engine/vision-run'
import { AppError } from '../src/shared/errors'
import type { BenchHost } from './host'
import { printTable } from './measure'

const SAMPLE_EVERY_MS = 200

/** Photographs a second of `defend` with 1 and 2 workers, and the memory of the workers over the run. */
export async function benchThroughput(paths: readonly string[], host: BenchHost): Promise<void> {
  const { files } = await listImages(paths, { recursive: true })
  if (files.length === 0) {
    throw new AppError(
      'E_USAGE',
      'the throughput measurement needs photographs',
      'Name a folder: bench throughput FOLDER',
    )
  }
  const rows = []
  for (const workers of [1, 2]) {
    const pids: number[] = []
    const samples: { done: number; bytes: number }[] = []
    let done = 0
    const watch = setInterval(() => {
      void residentBytes(pids).then((bytes) => samples.push({ done, bytes }))
    }, SAMPLE_EVERY_MS)
    const start = performance.now()
    const outcome = await runVision({
      job: {
        locations: host.locations,
        task: {
          kind: 'detect',
          detector: host.detector,
          defense: { id: 'segment-and-complete', params: {} },
          compare: false,
        },
        threads: 1,
        seed: 0,
      },
      files,
      workers,
      workerEntry: programFile('worker'),
      signal: host.signal,
      spawn: (entry, events) => {
        const handle = spawnNodeWorker(entry, events)
        if (handle.pid !== undefined) pids.push(handle.pid)
        return handle
      },
      onProgress: (count) => (done = count),
    })
    const seconds = (performance.now() - start) / 1_000
    clearInterval(watch)
    const early = peak(samples.filter((sample) => sample.done >= 50 && sample.done <= 150))
    const late = peak(samples.filter((sample) => sample.done > files.length - 100))
    rows.push([
      String(workers),
      String(outcome.results.filter(Boolean).length),
      (files.length / seconds).toFixed(1),
      megabytes(early),
      megabytes(late),
      megabytes(peak(samples)),
      megabytes(process.memoryUsage().rss),
    ])
  }
  console.log(`defend over ${files.length} photographs, ${host.detector}, one thread a worker\n`)
  printTable(
    ['workers', 'done', 'photographs/s', 'MB at 50-150', 'MB at the end', 'MB peak', 'MB parent'],
    rows,
  )
  console.log('\nMB: resident memory of all workers together.')
}

function peak(samples: readonly { bytes: number }[]): number {
  return Math.max(0, ...samples.map((sample) => sample.bytes))
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

/** Resident memory, from /proc: 0 on systems without it. */
async function residentBytes(pids: readonly number[]): Promise<number> {
  let sum = 0
  for (const pid of pids) {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      sum += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
    } catch {
      // This worker has ended.
    }
  }
  return sum
}
