import { Command, CommanderError } from 'commander'
import { completeCommand } from './complete'
import { demoCommand } from './demo'
import { defendCommand, detectCommand } from './detect'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import { benchCommand } from './bench'
import { modelsCommand } from './models'
import { reportError } from './report-error'
import { scenesCommand } from './scenes'
import { segmentCommand } from './segment'
import { startCommand } from './start'
import { version } from '../../package.json'

/**
 * Runs one command line and returns its exit code: 0 done, 1 some items failed, 2 wrong use or unusable input,
 * 130 interrupted.
 */
export async function main(
  args: readonly string[],
  host: { readonly packageRoot: string },
): Promise<number> {
  const interrupted = new AbortController()
  const onSignal = (): void => {
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted)
    interrupted.abort(new DOMException('interrupted', 'AbortError'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // A reader that went away (| head) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done)
    throw error
  })

  let exitCode: number = EXIT.done
  const environment: Environment = {
    packageRoot: host.packageRoot,
    signal: interrupted.signal,
    finish: (code) => {
      exitCode = code
    },
  }
  const program = new Command('patchwarden')
    .description('Protects object detectors against adversarial patches, and shows its work.')
    .version(version)
    .option(
      '--project <dir>',
      'folder of the project (models are kept there); also PATCHWARDEN_PROJECT',
    )
    .configureOutput({ writeErr: () => undefined })
    .exitOverride()
    .showHelpAfterError()
  const commands = [
    detectCommand,
    defendCommand,
    segmentCommand,
    completeCommand,
    modelsCommand,
    demoCommand,
    scenesCommand,
    benchCommand,
    startCommand,
  ]
  for (const command of commands) {
    const built = command(environment)
    built.exitOverride().configureOutput({ writeErr: () => undefined })
    program.addCommand(built)
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    exitCode = exitCodeOf(error, interrupted.signal)
  }
  return exitCode
}

function exitCodeOf(error: unknown, signal: AbortSignal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done
    reportError({
      code: 'E_USAGE',
      message: error.message.replace(/^error: /, ''),
      hint: 'Add --help to the command to see what it takes.',
    })
    return EXIT.unusable
  }
  if (signal.aborted) {
    process.stderr.write('interrupted\n')
    return EXIT.interrupted
  }
  reportError(error)
  return EXIT.unusable
}
