import { Command } from 'commander'
import { writeFileAtomic } from '../engine/files/write-file'
import { AppError } from '../shared/errors'
import { certifyCases } from './certify-cases'
import type { Environment } from './environment'
import { EXIT } from './exit-codes'
import { reportError } from './report-error'

interface CertifyFlags {
  readonly cases?: string
  readonly out?: string
}

const examples = `
Examples:
  patchwarden certify --cases cases.json --out results.json`

export function certifyCommand(environment: Environment): Command {
  return new Command('certify')
    .description('answers cases of certificates: what no attacker can change, from given votes')
    .option('--cases <file>', 'runs every case of a file of certificate cases')
    .option('--out <file>', 'JSON to write')
    .addHelpText('after', examples)
    .action(async (flags: CertifyFlags) => {
      if (flags.cases === undefined) {
        throw usage('no cases were given', 'Name a file of certificate cases after --cases.')
      }
      if (flags.out === undefined) {
        throw usage('--out is missing', 'Name the file to write after --out.')
      }
      const { text, answers } = await certifyCases(flags.cases)
      await writeFileAtomic(flags.out, text)
      const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []))
      for (const error of errors) reportError(error)
      process.stderr.write(
        `${answers.length - errors.length} of ${answers.length} cases run, written to ${flags.out}\n`,
      )
      if (errors.length > 0) environment.finish(EXIT.someFailed)
    })
}

function usage(message: string, hint: string): AppError {
  return new AppError('E_USAGE', message, hint)
}
