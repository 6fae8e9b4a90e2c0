import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drawScene } from '../src/datasets/drawn-scenes'
import { openModelStore } from '../src/engine/models/model-store'
import { renderSvg, toJpeg } from '../src/engine/images/render-svg'
import { createModelHost } from '../src/engine/models/sessions'
import { listImages } from '../src/engine/files/list-images'
import { openVisionTask } from '../src/engine/vision-task'
import type { LoadedModel } from '../src/shared/plugin'
import type { BenchHost } from './host'
import { median, printTable } from './measure'

const PICTURES = 24
const ROUNDS = 5
const JPEG_QUALITY = 90

/**
 * What the defended pipeline costs beside its models: decode, segment, complete, remove, detect over photographs (drawn
 * scenes when none are given), one process, one thread, beside bare runs of the same two models on the same sizes.
 */
export async function benchPipeline(paths: readonly string[], host: BenchHost): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'patchwarden-bench-'))
  try {
    await measure(paths.length > 0 ? paths : [await drawInto(folder)], host)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(paths: readonly string[], host: BenchHost): Promise<void> {
  const files = (await listImages(paths, { recursive: true })).files.slice(0, PICTURES)
  const task = await openVisionTask({
    locations: host.locations,
    task: {
      kind: 'detect',
      detector: host.detector,
      defense: { id: 'segment-and-complete', params: {} },
      compare: false,
    },
    threads: 1,
    seed: 0,
  })
  const models = createModelHost({ store: await openModelStore(host.locations), threads: 1 })
  const segmenter = await models.load('sac-lite')
  const detector = await models.load(host.detector)

  const totals: Clocks[] = []
  const bare: Clocks[] = []
  const stages = new Map<string, number[]>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { path, source }] of files.entries()) {
      const item = { index, path, source }
      const whole = clocks()
      const decoded = await task.decode(item)
      const result = await task.process(item, decoded)
      const total = whole()
      const models = clocks()
      await bareRun(segmenter, decoded.image)
      await bareRun(detector)
      const alone = models()
      if (round === 0) continue // the first round warms everything up
      totals.push(total)
      bare.push(alone)
      for (const { name, ms } of result.stages) stages.set(name, [...(stages.get(name) ?? []), ms])
    }
  }
  const middle = (times: readonly Clocks[]): Clocks => ({
    wallMs: median(times.map((time) => time.wallMs)),
    cpuMs: median(times.map((time) => time.cpuMs)),
  })
  const [total, alone] = [middle(totals), middle(bare)]
  const text = ({ wallMs, cpuMs }: Clocks): string[] => [wallMs.toFixed(2), cpuMs.toFixed(2)]
  console.log(
    `Defended pipeline, ${files.length} photographs, ${host.detector} behind segment-and-complete, one thread\n`,
  )
  printTable(
    ['stage', 'median ms', 'processor ms'],
    [
      ...[...stages].map(([name, times]) => [name, median(times).toFixed(2), '']),
      ['whole, end to end', ...text(total)],
      ['the two models, bare', ...text(alone)],
    ],
  )
  const byWall = (total.wallMs / alone.wallMs).toFixed(3)
  const byProcessor = (total.cpuMs / alone.cpuMs).toFixed(3)
  console.log(
    `\nend to end / bare models: ${byWall} by the clock, ${byProcessor} in processor time (limit 1.25)`,
  )
}

/** Wall time, and processor time of all threads of this process, which other programs do not disturb. */
interface Clocks {
  readonly wallMs: number
  readonly cpuMs: number
}

function clocks(): () => Clocks {
  const start = performance.now()
  const cpu = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return { wallMs: performance.now() - start, cpuMs: (user + system) / 1_000 }
  }
}

async function bareRun(
  model: LoadedModel,
  image?: { width: number; height: number },
): Promise<void> {
  const { name, layout, type, dynamic, ...size } = model.card.input
  const { width, height } = dynamic && image ? image : size
  const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]
  const length = 3 * width * height
  const data = type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
  await model.run({ [name]: { data, dims } })
}

async function drawInto(folder: string): Promise<string> {
  for (let seed = 1; seed <= PICTURES; seed++) {
    const scene = drawScene(seed)
    await writeFile(
      join(folder, `${scene.name}.jpg`),
      await toJpeg(await renderSvg(scene.svg), JPEG_QUALITY),
    )
  }
  return folder
}
