import { Command, CommanderError } from 'commander'
import { commandsOf } from './commands'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import { helpWidth } from './help'
import { reportError } from './report-error'
import { usageError } from './usage-error'
import { errorCode } from '../engine/files/read-file'
import { writeFault } from '../engine/files/write-file'
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
  listenToProcess(interrupted)

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
    .addHelpText('after', examples)
  for (const command of await commandsOf(args, environment)) program.addCommand(command)
  configure(program)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      reportError(usageError(error, args, program))
      return EXIT.unusable
    }
    if (interrupted.signal.aborted) {
      process.stderr.write('interrupted\n')
      return EXIT.interrupted
    }
    reportError(error)
    return EXIT.unusable
  }
  return exitCode
}

/** Signals and faults that reach no command. */
function listenToProcess(interrupted: AbortController): void {
  const onSignal = (): void => {
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted)
    interrupted.abort(new DOMException('interrupted', 'AbortError'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('uncaughtException', (error) => {
    reportError(error)
    process.exit(EXIT.unusable)
  })
  process.stdout.on('error', (error) => {
    // A reader that went away (| head) is not an error.
    if (errorCode(error) === 'EPIPE') process.exit(EXIT.done)
    reportError(writeFault('standard output', error))
    process.exit(EXIT.unusable)
  })
  process.stderr.on('error', () => undefined) // nobody is left to be told
}

/** Errors are told in our own form, and help stays readable on a wide terminal. */
function configure(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, getOutHelpWidth: helpWidth })
  command.commands.forEach(configure)
}

const examples = `
Examples:
  patchwarden demo                                sample scenes, before and after
  patchwarden defend photos/ --out results.json   a defended detector at work
  patchwarden models inspect detector.onnx        what your model is taken for

"patchwarden <command> --help" says more. Exit codes: 0 done, 1 some items
failed, 2 wrong use or unusable input, 130 interrupted.`
