import { Command, InvalidArgumentError, Option } from 'commander'

export function number(low: number, high: number) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < low || value > high) {
      throw new InvalidArgumentError(`a number from ${low} to ${high} is needed.`)
    }
    return value
  }
}

export function wholeNumber(low: number, high: number) {
  return (text: string): number => {
    const value = number(low, high)(text)
    if (!Number.isInteger(value)) throw new InvalidArgumentError('a whole number is needed.')
    return value
  }
}

/** An option that may be given several times. */
export function repeatable(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

/** The options of every command that sends pictures through workers. */
export function addRunOptions(command: Command): Command {
  return command
    .optionsGroup('How it runs:')
    .addOption(
      new Option('--workers <n>', 'worker processes (default: measured)').argParser(
        wholeNumber(1, 256),
      ),
    )
    .addOption(
      new Option('--threads <n>', 'threads of one model run (default: measured)').argParser(
        wholeNumber(1, 256),
      ),
    )
    .addOption(
      new Option('--seed <n>', 'seed of everything random')
        .argParser(wholeNumber(0, 2 ** 31))
        .default(0),
    )
    .addOption(
      new Option('--max-megapixels <n>', 'larger pictures are refused')
        .argParser(number(0.001, 4_000))
        .default(120),
    )
}

export interface RunFlags {
  readonly workers?: number
  readonly threads?: number
  readonly seed: number
  readonly maxMegapixels: number
}
