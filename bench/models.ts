import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readOnnxBytes } from '../src/engine/models/onnx-file'
import { countParameters, readOnnxGraph } from '../src/engine/models/onnx-graph'
import { openOnnxSession } from '../src/engine/models/onnx-session'
import type { BenchHost } from './host'
import { median, printTable } from './measure'
import { feedsFor, type Feeds, type WorkingSize } from './model-feeds'
import { countMultiplyAdds } from './multiply-adds'
import { peakMemoryOf } from './peak-memory'

/** What the segmenters are compared with, and at which size. */
const PEER = 'sac-unet16'
const SEGMENTER_SIDE = 512
const MOST_ROUNDS = 25
const FEWEST_ROUNDS = 5
const BUDGET_MS = 20_000

/** What is needed of a card, whatever its task. */
const cardSchema = z.object({
  id: z.string(),
  task: z.string(),
  file: z.string(),
  input: z.object({
    layout: z.enum(['nchw', 'nhwc']).default('nchw'),
    width: z.int().default(1),
    height: z.int().default(1),
  }),
})

interface Measured {
  readonly id: string
  readonly task: string
  /** Dims by input. */
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly fileBytes: number
  readonly parameters: number
  readonly multiplyAdds: number
  readonly medianMs: number
  /** Processor time, which other programs disturb less; also a median. */
  readonly processorMs: number
  /** How often the peer's time it takes: above 1 is faster. Segmenters only, where the peer is there. */
  readonly timesFasterThanPeer?: number
  readonly peakBytes: number
}

/**
 * Every shipped model: size, parameters, multiply-adds, time of a run on one thread and memory. Segmenters run at
 * 512x512, others at the size of their card. The models take turns, so that whatever else the machine does hits all.
 */
export async function benchModels(host: BenchHost): Promise<void> {
  const models = await readModels(join(host.locations.packageRoot, 'models'))
  const times = await timeInTurns(models, host.signal)
  const rows: Measured[] = []
  for (const [k, model] of models.entries()) {
    const { card, path, bytes, feeds, size } = model
    const graph = readOnnxGraph(bytes)
    rows.push({
      id: card.id,
      task: card.task,
      inputs: Object.fromEntries(Object.entries(feeds).map(([name, { dims }]) => [name, dims])),
      fileBytes: bytes.length,
      parameters: countParameters(graph),
      multiplyAdds: await countMultiplyAdds(bytes, graph, feeds),
      medianMs: median((times[k] ?? []).map(({ wallMs }) => wallMs)),
      processorMs: median((times[k] ?? []).map(({ cpuMs }) => cpuMs)),
      peakBytes: await peakMemoryOf(path, size),
    })
  }
  const bareBytes = await peakMemoryOf(null, { width: 1, height: 1, layout: 'nchw' })
  const compared = rows.map((row) => withPeer(row, rows))
  if (host.json) {
    console.log(JSON.stringify({ threads: 1, peer: PEER, bareBytes, models: compared }, null, 2))
  } else {
    print(compared, bareBytes)
  }
}

interface Model {
  readonly card: z.infer<typeof cardSchema>
  readonly path: string
  readonly bytes: Uint8Array
  readonly size: WorkingSize
  readonly feeds: Feeds
}

async function readModels(folder: string): Promise<Model[]> {
  const models: Model[] = []
  const entries = await readdir(folder, { withFileTypes: true })
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const text = await readFile(join(folder, name, 'model.json'), 'utf8').catch(() => null)
    if (text === null) continue
    const card = cardSchema.parse(JSON.parse(text))
    const path = join(folder, name, card.file)
    const bytes = await readFile(path)
    const isSegmenter = card.task === 'segment-patch'
    const size = isSegmenter
      ? { ...card.input, width: SEGMENTER_SIDE, height: SEGMENTER_SIDE }
      : card.input
    models.push({ card, path, bytes, size, feeds: feedsFor(readOnnxBytes(bytes, path), size) })
  }
  return models
}

interface RunTime {
  readonly wallMs: number
  readonly cpuMs: number
}

/** Times of each run of each model. */
async function timeInTurns(models: readonly Model[], signal: AbortSignal): Promise<RunTime[][]> {
  const sessions = await Promise.all(
    models.map(({ path, card }) => openOnnxSession(path, card.id, 1)),
  )
  for (const [k, { feeds }] of models.entries()) await sessions[k]?.run(feeds) // warms up
  const times = models.map((): RunTime[] => [])
  const start = performance.now()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() - start > BUDGET_MS) break
    for (const [k, { feeds }] of models.entries()) {
      signal.throwIfAborted()
      const before = performance.now()
      const cpu = process.cpuUsage()
      await sessions[k]?.run(feeds)
      const { user, system } = process.cpuUsage(cpu)
      times[k]?.push({ wallMs: performance.now() - before, cpuMs: (user + system) / 1_000 })
    }
  }
  for (const session of sessions) await session.release()
  return times
}

function withPeer(row: Measured, rows: readonly Measured[]): Measured {
  const peer = rows.find(({ id }) => id === PEER)
  if (peer?.task !== row.task) return row
  return { ...row, timesFasterThanPeer: peer.medianMs / row.medianMs }
}

function print(rows: readonly Measured[], bareBytes: number): void {
  console.log('Shipped models, one thread\n')
  const hasPeer = rows.some(({ timesFasterThanPeer }) => timesFasterThanPeer !== undefined)
  printTable(
    [
      ...['model', 'task', 'input', 'MB', 'parameters', 'M multiply-adds'],
      ...['median ms', 'processor ms', 'MB peak'],
      ...(hasPeer ? [`${PEER} / it`] : []),
    ],
    rows.map((row) => [
      row.id,
      row.task,
      Object.values(row.inputs)
        .map((dims) => dims.join('x'))
        .join(' '),
      (row.fileBytes / 1e6).toFixed(2),
      row.parameters.toLocaleString('en'),
      (row.multiplyAdds / 1e6).toFixed(1),
      row.medianMs.toFixed(2),
      row.processorMs.toFixed(2),
      (row.peakBytes / 1e6).toFixed(0),
      ...(hasPeer ? [row.timesFasterThanPeer?.toFixed(2) ?? ''] : []),
    ]),
  )
  console.log(
    `\nMB peak: resident memory of a process that runs this model alone; ${(bareBytes / 1e6).toFixed(0)} MB of it without any.`,
  )
}
