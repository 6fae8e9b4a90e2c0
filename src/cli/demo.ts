import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command, Option } from 'commander'
import { demoScenes } from '../datasets/drawn-scenes'
import { openModelStore } from '../engine/models/model-store'
import { renderSvg, toJpeg } from '../engine/images/render-svg'
import type { VisionResult } from '../engine/vision-job'
import { writeFileAtomic } from '../engine/files/write-file'
import { chosenDefense } from './chosen-defense'
import { demoPage, type DemoRow } from './demo-page'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { addRunOptions, repeatable, type RunFlags } from './options'
import { prepareOutputs } from './outputs'
import { listNamedFiles, type NamedFile, runFiles } from './run-files'
import { modelsOfSettings, requireTask } from './settings-models'
import { alignedTable } from './table'

interface DemoFlags extends RunFlags {
  readonly detector: string
  readonly defense: string
  readonly set?: readonly string[]
  readonly out: string
}

const JPEG_QUALITY = 95

export function demoCommand(environment: Environment): Command {
  const command = new Command('demo')
    .description(
      'shows a detector with and without the defense, on sample scenes or on your photographs',
    )
    .argument('[path...]', 'photographs, or folders of them (default: sample scenes)')
    .option('--detector <id|file.onnx>', 'model that finds objects', 'patchwarden-nano')
    .option('--defense <id>', 'defense to show', 'segment-and-complete')
    .option('--set <key=value>', 'setting of the defense; may be given several times', repeatable)
    .addOption(
      new Option('--out <dir>', 'folder for the pictures and the page').default('patchwarden-demo'),
    )
  return addRunOptions(command).action(async (paths: string[], flags: DemoFlags) => {
    await demo(command, environment, paths, flags)
  })
}

async function demo(
  command: Command,
  environment: Environment,
  paths: readonly string[],
  flags: DemoFlags,
): Promise<void> {
  const locations = locationsFor(command, environment)
  const store = await openModelStore(locations)
  const { card } = await store.resolve(flags.detector)
  requireTask(card, 'detect', '--detector')
  const { plugin, params } = chosenDefense(flags.defense, flags.set ?? [])
  await modelsOfSettings(store, plugin.params, params)
  const out = resolve(flags.out)
  prepareOutputs({ folders: [out], pictures: [] })
  const given = paths.length > 0 ? paths : [await drawScenes(join(out, 'scenes'))]
  const { files, problems } = await listNamedFiles(given, [out])
  const items = files.map(({ path, source, stem }) => ({
    path,
    source,
    annotatedPath: join(out, 'pictures', `${stem}.jpg`),
  }))
  prepareOutputs({ file: join(out, 'index.html'), folders: [], pictures: items })
  const started = performance.now()
  const finished = await runFiles(
    {
      label: 'demo',
      job: {
        locations,
        task: {
          kind: 'detect',
          detector: flags.detector,
          defense: { id: flags.defense, params },
          compare: true,
        },
      },
      model: { id: flags.detector, sha256: card.sha256 },
      flags,
      manifest: {},
      files: items,
    },
    environment,
  )
  const rows = demoRows(files, finished.results)
  process.stdout.write(`${tableOf(rows)}\n`)
  const page = join(out, 'index.html')
  await writeFileAtomic(
    page,
    demoPage(rows, {
      detector: card.name ?? card.id,
      defense: plugin.name,
      seconds: (performance.now() - started) / 1000,
    }),
  )
  process.stdout.write(
    `\nPictures: ${join(out, 'pictures')}\nPage:     ${pathToFileURL(page).href}\n`,
  )
  const failed = finished.failed + problems
  environment.finish(
    finished.interrupted ? EXIT.interrupted : failed > 0 ? EXIT.someFailed : EXIT.done,
  )
}

/** Renders the sample scenes, some with a patch in them. Returns their folder. */
async function drawScenes(folder: string): Promise<string> {
  for (const { scene, patch } of demoScenes()) {
    const overlays = patch ? [{ ...patch, png: Buffer.from(patch.png, 'base64') }] : []
    const picture = await toJpeg(await renderSvg(scene.svg, overlays), JPEG_QUALITY)
    await writeFileAtomic(join(folder, `${scene.name}${patch ? '-patched' : ''}.jpg`), picture)
  }
  return folder
}

function demoRows(
  files: readonly NamedFile[],
  results: readonly (VisionResult | undefined)[],
): DemoRow[] {
  return files.flatMap((file, k) => {
    const result = results[k]
    if (!result) return []
    const stages = result.stages.reduce((sum, stage) => sum + stage.ms, 0)
    return [
      {
        file: file.name,
        picture: `pictures/${file.stem}.jpg`,
        before: (result.before ?? result.detections).length,
        after: result.detections.length,
        removedFraction: Number(result.notes['removedFraction'] ?? 0),
        ms: stages,
      },
    ]
  })
}

function tableOf(rows: readonly DemoRow[]): string {
  return alignedTable(
    ['photograph', 'without defense', 'with defense', 'removed', 'ms'],
    rows.map((row) => [
      row.file,
      String(row.before),
      String(row.after),
      `${(100 * row.removedFraction).toFixed(1)} %`,
      row.ms.toFixed(0),
    ]),
  )
}
