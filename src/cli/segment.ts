import { join } from 'node:path'
import { Command } from 'commander'
import { z } from 'zod'
import { segmentationFields } from '../defenses/segment-and-complete'
import { openModelStore } from '../engine/models/model-store'
import { parseSettings } from '../shared/plugin'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { settingsHelp } from './help'
import { addRunOptions, repeatable, type RunFlags } from './options'
import { prepareOutputs } from './outputs'
import { count } from './report-error'
import { listNamedFiles, runFiles } from './run-files'
import { digestsOf, modelsOfSettings } from './settings-models'

interface SegmentFlags extends RunFlags {
  readonly out: string
  readonly raw?: boolean
  readonly probabilities?: boolean
  readonly set?: readonly string[]
  readonly json?: boolean
}

const settingsSchema = z.object(segmentationFields)

const examples = `
Examples:
  patchwarden segment photos/ --out masks/
  patchwarden segment photo.jpg --out masks/ --set threshold=0.3 --set shapes=squares
  patchwarden segment photo.jpg --out masks/ --raw --probabilities`

export function segmentCommand(environment: Environment): Command {
  const command = new Command('segment')
    .description('writes patch masks of photographs as PNG (255 = patch)')
    .argument('<path...>', 'photographs, or folders of them')
    .optionsGroup('What is written:')
    .requiredOption('--out <dir>', 'folder for the masks')
    .option('--raw', "the segmenter's own pixels, without completion")
    .option('--probabilities', 'also writes <name>.probability.png, 16 bit: 65535 is certain')
    .option('--set <key=value>', 'a setting; may be given several times', repeatable)
    .option('--json', 'prints one JSON document with the figures of each photograph')
    .addHelpText('after', () => `\nSettings (--set):\n${settingsHelp(settingsSchema)}\n${examples}`)
  return addRunOptions(command).action(async (paths: string[], flags: SegmentFlags) => {
    const locations = locationsFor(command, environment)
    const params = parseSettings('segment', settingsSchema, flags.set ?? [])
    const store = await openModelStore(locations)
    const models = await modelsOfSettings(store, settingsSchema, params)
    const { files, problems } = await listNamedFiles(paths, [flags.out])
    const items = files.map(({ path, source, stem }) => ({
      path,
      source,
      maskPath: join(flags.out, `${stem}.png`),
      ...(flags.probabilities
        ? { probabilityPath: join(flags.out, `${stem}.probability.png`) }
        : {}),
    }))
    prepareOutputs({ folders: [flags.out], pictures: items })
    const finished = await runFiles(
      {
        label: 'segment',
        job: { locations, task: { kind: 'segment', params, raw: flags.raw ?? false } },
        model: { id: params.segmenter, sha256: models['segmenter']?.sha256 ?? '' },
        flags,
        manifest: {},
        files: items,
      },
      environment,
    )
    const results = finished.results.filter((result) => result !== undefined)
    const failed = finished.failed + problems
    const found = results.filter(
      (result) => Number(result.notes['removedFraction'] ?? 0) > 0,
    ).length
    if (flags.json) {
      const images = files.flatMap((file, k) => {
        const result = finished.results[k]
        if (!result) return []
        const { width, height, notes, warnings } = result
        return [{ file: file.name, mask: `${file.stem}.png`, width, height, ...notes, warnings }]
      })
      const document = { images, failed, models: digestsOf(models) }
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    }
    if (finished.interrupted) process.stderr.write('interrupted: ')
    const what = flags.raw ? '' : `, patches found in ${found}`
    const of = finished.interrupted ? ` of ${files.length}` : ''
    process.stderr.write(
      `${count(results.length, 'mask')}${of} written to ${flags.out}${what}${failed > 0 ? `, ${failed} failed` : ''}\n`,
    )
    environment.finish(
      finished.interrupted ? EXIT.interrupted : failed > 0 ? EXIT.someFailed : EXIT.done,
    )
  })
}
