import { readFile, stat } from 'node:fs/promises'
import { readOnnxFile } from '../src/engine/models/onnx-file'
import { openOnnxSession } from '../src/engine/models/onnx-session'
import { feedsFor, type WorkingSize } from './model-feeds'

// A program that runs one model and prints the most memory it took, in bytes: see peak-memory.ts, which starts it.

const RUNS = 3

interface Order {
  readonly path: string | null
  readonly size: WorkingSize
}

const { path, size } = JSON.parse(process.argv[2] ?? '') as Order // written by peak-memory.ts of the same build
if (path !== null) {
  const feeds = feedsFor(readOnnxFile(path, (await stat(path)).size), size)
  const session = await openOnnxSession(path, path, 1)
  for (let run = 0; run < RUNS; run++) await session.run(feeds)
}
console.log(await peakBytes())

/** Linux hands the parent's peak on to maxRSS; what /proc says is this program's own. */
async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const own = /VmHWM:\s+(\d+)/.exec(status)?.[1]
  return 1024 * (own === undefined ? process.resourceUsage().maxRSS : Number(own))
}
