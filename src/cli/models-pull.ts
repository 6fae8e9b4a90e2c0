import { Command } from 'commander'
import { partialBytes, pullModel } from '../engine/models/model-pull'
import type { PullEvents, PullOutcome } from '../engine/models/model-pull'
import { hostOf } from '../engine/models/http-get'
import { DownloadProgress, megabytes } from './download-progress'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { oneLine } from './report-error'

interface PullFlags {
  readonly from?: string
  readonly force?: boolean
  readonly json?: boolean
}

const help = `
Size and SHA-256 must be those of the catalogue, else nothing is stored. A
download that was interrupted goes on where it stopped. "models list" shows
what can be had, and under which licence.

HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured with Node 24.5 or later.

Examples:
  patchwarden models pull yolox-nano
  patchwarden models pull yolox-nano --from https://mirror.example/yolox_nano.onnx
  patchwarden models pull yolox-nano --from ~/Downloads/yolox_nano.onnx`

export function pullCommand(environment: Environment): Command {
  return new Command('pull')
    .description('downloads a model of the catalogue, verifies it, and stores it in the project')
    .argument('<id>')
    .option('--from <file|url>', "a mirror, or a file already here, in place of the catalogue's")
    .option('--force', 'downloads it again, and puts it in place of what is stored')
    .option('--json', 'prints one JSON document')
    .addHelpText('after', help)
    .action(async (id: string, flags: PullFlags, command: Command) => {
      await pull(id, flags, command, environment)
    })
}

async function pull(
  id: string,
  { from, force, json }: PullFlags,
  command: Command,
  environment: Environment,
): Promise<void> {
  const locations = locationsFor(command, environment)
  const { signal } = environment
  const progress = new DownloadProgress(id)
  try {
    const outcome = await pullModel(locations, {
      ...{ id, signal, force: force ?? false, events: told(id, progress) },
      ...(from === undefined ? {} : { from }),
    })
    progress.clear()
    say(outcomeText(outcome))
    if (json) process.stdout.write(`${JSON.stringify(outcomeDocument(outcome), null, 2)}\n`)
  } catch (error) {
    progress.clear()
    if (!signal.aborted) throw error
    const done = await partialBytes(locations, id)
    say(`interrupted: ${megabytes(done)} MB of ${id} are here`)
    say('hint: the same command goes on from there')
    environment.finish(EXIT.interrupted)
  }
}

function told(id: string, progress: DownloadProgress): PullEvents {
  const tell = (text: string): void => {
    progress.clear()
    say(text)
  }
  return {
    start(address, done, sizeBytes) {
      const rest = done > 0 ? `, ${megabytes(done)} MB of them are here already` : ''
      tell(`${id}: ${megabytes(sizeBytes)} MB from ${hostOf(address)}${rest}`)
      progress.restart(done)
    },
    progress(done, sizeBytes) {
      progress.update(done, sizeBytes)
    },
    retry(fault, waitMs) {
      const when = waitMs > 0 ? `in ${Math.ceil(waitMs / 1_000)} s` : 'from the beginning'
      tell(`warning W_DOWNLOAD_RETRY: ${fault.message}; trying again ${when}`)
    },
    nextAddress(fault) {
      tell(`warning W_DOWNLOAD_ADDRESS: ${fault.message}; trying the next address`)
    },
  }
}

function say(text: string): void {
  process.stderr.write(`${oneLine(text)}\n`)
}

function outcomeText({ id, source, card, folder }: PullOutcome): string {
  const use = `(${card.licence}): use it with --detector ${id}`
  if (source === 'present') return `${id} is here already, in ${folder} ${use}`
  if (source === 'cache') return `stored as ${id}, from a verified copy on this machine ${use}`
  return `stored as ${id} ${use}`
}

function outcomeDocument(outcome: PullOutcome) {
  const { id, source, from, folder, sizeBytes, keptBytes, card } = outcome
  const { sha256, licence, origin } = card
  return { id, source, from: from ?? null, folder, sizeBytes, keptBytes, sha256, licence, origin }
}
