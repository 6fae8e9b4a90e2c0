import { spawn } from 'node:child_process'
import { Command } from 'commander'
import { electronBinary, installElectron } from '../../build/electron-binary.js'
import { buildDesktop } from '../../build/desktop-build.js'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import { serveCommand } from './serve'

/** An installation that takes longer is a network that will not answer. */
const INSTALL_LIMIT_MS = 180_000

/**
 * `npm start`: the desktop app; where Electron cannot be had, the same application in the browser. `--browser` does not
 * try Electron.
 */
export function startCommand(environment: Environment): Command {
  return new Command('start')
    .description('opens the desktop app, or the same in the browser where Electron cannot be had')
    .option('--browser', 'open it in the browser')
    .action(async (options: { browser?: boolean }, command: Command) => {
      const binary = options.browser ? undefined : await findElectron()
      if (binary !== undefined) {
        await buildDesktop(environment.packageRoot)
        environment.finish(await runElectron(binary, environment))
        return
      }
      if (!options.browser) {
        process.stderr.write(
          'Electron cannot be had here: opening the same application in the browser.\n',
        )
      }
      const { project } = command.optsWithGlobals<{ project?: string }>()
      const serve = new Command('patchwarden').option('--project <dir>')
      serve.addCommand(serveCommand(environment))
      const place = project === undefined ? [] : ['--project', project]
      await serve.parseAsync([...place, 'serve', '--open'], { from: 'user' })
    })
}

async function findElectron(): Promise<string | undefined> {
  if (electronBinary() === undefined) {
    process.stderr.write('Electron is being downloaded (once, about 120 MB) …\n')
    await installElectron(INSTALL_LIMIT_MS)
  }
  return electronBinary()
}

/** Runs the app until it ends, and answers its exit code. */
function runElectron(binary: string, { packageRoot, signal }: Environment): Promise<number> {
  const child = spawn(binary, [packageRoot], { stdio: 'inherit' })
  const end = (): void => {
    child.kill()
  }
  signal.addEventListener('abort', end, { once: true })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      signal.removeEventListener('abort', end)
      resolve(signal.aborted ? EXIT.interrupted : (code ?? EXIT.unusable))
    })
  })
}
