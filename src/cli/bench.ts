import { Command, Option } from 'commander'
import { AppError } from '../shared/errors'
import { type Environment, locationsFor } from './environment'

/** The measurements, which live in bench/ and are built beside the command line. */
interface BenchProgram {
  readonly benches: Readonly<Record<string, { readonly needsData: boolean }>>
  runBench(name: string, paths: readonly string[], host: object): Promise<void>
}

export function benchCommand(environment: Environment): Command {
  const command = new Command('bench')
    .description('repeats the measurements behind the figures in the documentation')
    .argument(
      '[name]',
      'canvas, certificates, completion, coco-evaluation, import, library, masking, models, patches, pipeline, store or throughput (default: those that need no data)',
    )
    .argument('[path...]', 'photographs or data, for those that need some')
    .option('--detector <id|file.onnx>', 'model that finds objects', 'patchwarden-nano')
    .addOption(
      new Option('--variants <which>', 'patches: the default settings or all shapes and fills')
        .choices(['default', 'all'])
        .default('default'),
    )
    .option('--json', 'models: prints one JSON document')
    .action(
      async (
        name: string | undefined,
        paths: string[],
        flags: { detector: string; variants: string; json?: boolean },
      ) => {
        const url = new URL('./bench.js', import.meta.url)
        const program = (await import(/* @vite-ignore */ url.href)) as BenchProgram // built from the same sources
        const host = {
          locations: locationsFor(command, environment),
          signal: environment.signal,
          threads: 1,
          ...flags,
          json: flags.json ?? false,
        }
        if (host.json && name === undefined) {
          throw new AppError(
            'E_USAGE',
            '--json needs the name of one measurement',
            'Name it: bench models --json',
          )
        }
        const idle = Object.keys(program.benches).filter(
          (id) => program.benches[id]?.needsData === false,
        )
        for (const each of name === undefined ? idle : [name]) {
          await program.runBench(each, paths, host)
          if (!host.json) console.log()
        }
      },
    )
  return command
}
