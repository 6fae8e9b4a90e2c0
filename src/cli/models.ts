import { Command, InvalidArgumentError } from 'commander'
import { type Inspection, type ModelListing, openModelStore } from '../engine/models/model-store'
import type { AddOptions } from '../engine/models/model-add'
import type { DeclaredTensor } from '../engine/models/onnx-file'
import { type Environment, locationsFor } from './environment'
import { EXIT } from './exit-codes'
import { pullCommand } from './models-pull'
import { repeatable } from './options'
import { reportError } from './report-error'
import { alignedTable } from './table'

interface AddFlags {
  readonly id?: string
  readonly family?: string
  readonly set?: readonly string[]
  readonly json?: boolean
}

interface JsonFlag {
  readonly json?: boolean
}

export function modelsCommand(environment: Environment): Command {
  const models = new Command('models').description(
    'lists, downloads, recognises, stores and checks models',
  )
  const store = (command: Command) => openModelStore(locationsFor(command, environment))

  models
    .command('list')
    .description('models on this machine, and those of the catalogue that can be pulled')
    .option('--json', 'prints one JSON document')
    .action(async ({ json }: JsonFlag, command: Command) => {
      const listings = await (await store(command)).list()
      if (json) {
        print(listings)
        return
      }
      const head = ['id', 'task', 'family', 'where', 'input', 'classes', 'MB', 'licence']
      process.stdout.write(`${alignedTable(head, listings.map(listRow))}\n`)
      if (listings.some(({ downloadable }) => downloadable)) {
        process.stderr.write('\nto pull: "patchwarden models pull ID" downloads and verifies it\n')
      }
    })

  models.addCommand(pullCommand(environment))

  models
    .command('inspect')
    .description('says what a model is, why, and what is not clear')
    .argument('<file.onnx>')
    .option('--json', 'prints one JSON document')
    .action(async (path: string, { json }: JsonFlag, command: Command) => {
      const inspection = await (await store(command)).inspect(path)
      if (json) print(inspection)
      else process.stdout.write(inspectionText(inspection))
      environment.finish(inspection.probe.ok ? EXIT.done : EXIT.someFailed)
    })

  models
    .command('add')
    .description('stores a model with its card in the project')
    .argument('<file.onnx>')
    .option('--id <id>', 'name in the project')
    .option('--family <family>', 'output family, where several fit')
    .option(
      '--set <field=value>',
      'a field of the card, such as input.channelOrder=bgr; may be given several times',
      repeatable,
    )
    .option('--json', 'prints the card')
    .action(async (path: string, flags: AddFlags, command: Command) => {
      const options: AddOptions = {
        ...(flags.id === undefined ? {} : { id: flags.id }),
        ...(flags.family === undefined ? {} : { family: flags.family }),
        overrides: cardFields(flags.set ?? []),
      }
      const card = await (await store(command)).add(path, options)
      if (flags.json) print(card)
      else process.stderr.write(`stored as ${card.id}: use it with --detector ${card.id}\n`)
    })

  models
    .command('verify')
    .description('compares every model with its digest and its card')
    .option('--json', 'prints one JSON document')
    .action(async ({ json }: JsonFlag, command: Command) => {
      const verified = await (await store(command)).verify()
      if (json) print(verified)
      for (const { id, ok, error } of verified) {
        if (!json && ok) process.stdout.write(`${id}: in order\n`)
        if (error) reportError({ ...error, message: `${id}: ${error.message}` })
      }
      environment.finish(verified.every(({ ok }) => ok) ? EXIT.done : EXIT.someFailed)
    })
  return models
}

function listRow(listing: ModelListing): string[] {
  const { id, card, sizeBytes, error } = listing
  return [
    id,
    error ? `damaged: ${error.code}` : (card?.task ?? ''),
    card?.output.family ?? '',
    whereIs(listing),
    card ? `${card.input.width}x${card.input.height}${card.input.dynamic ? ' dynamic' : ''}` : '',
    String(card?.classes.length ?? ''),
    sizeBytes === undefined ? '' : (sizeBytes / 1e6).toFixed(2),
    card?.licence.split(' (')[0] ?? '',
  ]
}

function whereIs({ source, available, downloadable }: ModelListing): string {
  if (source === 'catalog') return downloadable ? 'to pull' : 'by hand'
  if (!available) return 'not here'
  return source === 'project' ? 'added' : 'shipped'
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

/** `input.pad=114` as the nested fields of a card; values are JSON where they are, texts otherwise. */
function cardFields(texts: readonly string[]): NonNullable<AddOptions['overrides']> {
  const fields: Fields = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    const path = text.slice(0, Math.max(0, at)).split('.')
    if (!path.every((part) => FIELD_NAME.test(part))) {
      throw new InvalidArgumentError(`"${text}" is not field=value, such as input.channelOrder=bgr`)
    }
    const last = path.pop() ?? ''
    fieldsAt(fields, path, text)[last] = jsonOrText(text.slice(at + 1))
  }
  return fields
}

type Fields = Record<string, unknown>
// Letters first: `__proto__` is nobody's field.
const FIELD_NAME = /^[a-z]\w*$/i

/** The fields below `path`, made where there are none yet. */
function fieldsAt(fields: Fields, path: readonly string[], text: string): Fields {
  let target = fields
  for (const part of path) {
    const next = Object.hasOwn(target, part) ? target[part] : {}
    if (typeof next !== 'object' || next === null || Array.isArray(next)) {
      throw new InvalidArgumentError(`"${text}": another --set gave ${part} a value of its own`)
    }
    target[part] = next
    target = next as Fields // an object that is not a list
  }
  return target
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function inspectionText(inspection: Inspection): string {
  const { header, probe, card, cardFrom, proposals, questions } = inspection
  const lines = [
    inspection.path,
    `  sha256    ${inspection.sha256}`,
    `  size      ${(inspection.sizeBytes / 1e6).toFixed(2)} MB, ${header.nodeCount} nodes, opset ${header.opsets.map((o) => o.version).join(', ')}`,
    ...header.inputs.map((tensor) => `  input     ${tensorText(tensor)}`),
    ...header.outputs.map((tensor) => `  output    ${tensorText(tensor)}`),
  ]
  if (probe.ok) {
    const returned = Object.entries(probe.outputs).map(
      ([name, dims]) => `${name} [${dims.join(', ')}]`,
    )
    lines.push(
      `  test run  ${probe.ms.toFixed(0)} ms on a black picture, returned ${returned.join(', ')}`,
    )
  } else {
    lines.push(`  test run  failed: ${probe.error.message}`, `            ${probe.error.hint}`)
  }
  if (card) {
    const from = {
      beside: 'from the file beside it',
      catalog: 'known by its digest',
      proposal: 'recognised',
    }
    lines.push(
      `\nCard (${cardFrom ? from[cardFrom] : ''}): ${card.task}, family ${card.output.family}, ${card.classes.length} classes`,
    )
  }
  for (const proposal of proposals) {
    lines.push(
      `\nIt can be read as ${proposal.family}:`,
      ...proposal.reasons.map((reason) => `  - ${reason}`),
    )
  }
  if (proposals.length === 0 && !card) lines.push('\nNo output family fits what it returned.')
  if (questions.length > 0) {
    lines.push(
      '\nNot clear from the file:',
      ...questions.map(({ field, question }) => `  - ${field}: ${question}`),
    )
    lines.push(
      '\nAnswer with "models add FILE --set field=value"; what is not answered keeps the proposed value.',
    )
  }
  if (card) lines.push('\nUse it as it is (--detector FILE) or keep it with "models add FILE".')
  return `${lines.join('\n')}\n`
}

function tensorText({ name, type, dims }: DeclaredTensor): string {
  return `${name} ${type} [${(dims ?? []).join(', ')}]`
}
