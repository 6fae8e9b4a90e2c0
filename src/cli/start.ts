import { Command } from 'commander'
import type { Environment } from './environment'

/** What `npm start` shows while there is no window: what can be done, and where to begin. */
export function startCommand(_environment: Environment): Command {
  return new Command('start')
    .description('shows where to begin')
    .action((_options, command: Command) => {
      process.stdout
        .write(`Patchwarden runs on the command line for now; the desktop window is not built yet.

  npm run demo                       a dozen sample scenes, with and without the defense
  npm run demo -- FOLDER             the same with your photographs
  npm run -s patchwarden -- defend FOLDER --out results.json --annotated pictures/

`)
      process.stdout.write(command.parent?.helpInformation() ?? '')
    })
}
