import type { Command, CommanderError } from 'commander'
import type { ErrorRecord } from '../shared/errors'

/** What was wrong with a command line, in words that can be read aloud. */
export function usageError(
  error: CommanderError,
  args: readonly string[],
  program: Command,
): ErrorRecord {
  const words = args.filter((arg) => !arg.startsWith('-'))
  const command = commandOf(words, program)
  const help = command === undefined ? '"patchwarden --help"' : `"patchwarden ${command} --help"`
  const record = (message: string, hint: string): ErrorRecord => ({
    code: 'E_USAGE',
    message,
    hint,
  })
  if (error.code === 'commander.help') {
    const [first, topic] = words
    if (first === 'help' && topic !== undefined)
      return record(`there is no command "${topic}"`, '"patchwarden --help" lists the commands.')
    return command === undefined
      ? record(
          'no command was given',
          '"patchwarden --help" lists the commands; "patchwarden demo" shows what they are for.',
        )
      : record(`${command} needs to know what to do`, `${help} lists what it can do.`)
  }
  if (error.code === 'commander.unknownCommand')
    return record(inWords(error.message), `${help} lists the commands.`)
  return record(inWords(error.message), `${help} lists what it takes.`)
}

/** The command that was meant, such as `models add`. */
function commandOf(words: readonly string[], program: Command): string | undefined {
  let within = program
  const names: string[] = []
  for (const word of words) {
    const next = within.commands.find((candidate) => candidate.name() === word)
    if (!next) continue
    names.push(word)
    within = next
  }
  return names.length === 0 ? undefined : names.join(' ')
}

function inWords(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did (you mean .*)\)$/, '; did $1') // the parser puts its guess on a line of its own
    .replace(/^option '(\S+)[^']*' argument '(.*)' is invalid\. /s, '$1 $2 is not possible: ')
    .replace('Allowed choices are', 'choices are')
    .replace(/^option '(.+)' argument missing$/, '$1 needs a value')
    .replace(/^required option '(.+)' not specified$/, '$1 is missing')
    .replace(/^missing required argument '(.+)'$/, '<$1> is missing')
}
