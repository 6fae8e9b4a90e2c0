import type { Command } from 'commander'
import type { Environment } from './environment'

type MakeCommand = (environment: Environment) => Command

/**
 * The commands, in the order of the help. Each is loaded when it is asked for: all of them together take longer than most
 * of what they do.
 */
const loaders = new Map<string, () => Promise<MakeCommand>>([
  ['detect', async () => (await import('./detect')).detectCommand],
  ['defend', async () => (await import('./detect')).defendCommand],
  ['segment', async () => (await import('./segment')).segmentCommand],
  ['import', async () => (await import('./import')).importCommand],
  ['export', async () => (await import('./export')).exportCommand],
  ['datasets', async () => (await import('./datasets')).datasetsCommand],
  ['runs', async () => (await import('./runs')).runsCommand],
  ['doctor', async () => (await import('./doctor')).doctorCommand],
  ['evaluate', async () => (await import('./evaluate')).evaluateCommand],
  ['study', async () => (await import('./study')).studyCommand],
  ['complete', async () => (await import('./complete')).completeCommand],
  ['certify', async () => (await import('./certify')).certifyCommand],
  ['models', async () => (await import('./models')).modelsCommand],
  ['demo', async () => (await import('./demo')).demoCommand],
  ['scenes', async () => (await import('./scenes')).scenesCommand],
  ['bench', async () => (await import('./bench')).benchCommand],
  ['serve', async () => (await import('./serve')).serveCommand],
  ['start', async () => (await import('./start')).startCommand],
])

/** The command that a command line names; all of them where it names none, for help and for what was meant. */
export async function commandsOf(
  args: readonly string[],
  environment: Environment,
): Promise<readonly Command[]> {
  const named = loaders.get(commandName(args) ?? '')
  const wanted = named ? [named] : [...loaders.values()]
  const makers = await Promise.all(wanted.map((load) => load()))
  return makers.map((make) => make(environment))
}

/** The first argument that is neither an option of the program nor the value of one. */
function commandName(args: readonly string[]): string | undefined {
  return args.find((arg, place) => !arg.startsWith('-') && args[place - 1] !== '--project')
}
