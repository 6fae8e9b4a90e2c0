import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { outputFamilies } from '../../detectors'
import { modelCardSchema } from '../../shared/model-card'
import type { ModelCard } from '../../shared/model-card'
import { modelCardInvalid, modelCardMismatch } from '../../shared/model-errors'
import { parseFamilyCard } from '../../shared/plugin/family-card'
import type { OnnxHeader } from './onnx-file'
import { errorCode, reasonOf } from '../files/read-file'

/** Null where there is no such file. @throws AppError E_MODEL_CARD_INVALID */
export async function readCardFile(path: string): Promise<ModelCard | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null
    throw modelCardInvalid(path, reasonOf(error), error)
  })
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw modelCardInvalid(path, `it is not JSON: ${reasonOf(error)}`, error)
  }
  return parseCard(value, path)
}

/**
 * Checks a card, what its output family needs included. `where` names it in errors.
 * @throws AppError E_MODEL_CARD_INVALID
 */
export function parseCard(value: unknown, where: string): ModelCard {
  const result = modelCardSchema.safeParse(value)
  if (!result.success) {
    const issue = result.error.issues[0]
    const field = issue?.path.map(String).join('.') ?? ''
    const named = field === '' ? 'the card' : field
    throw modelCardInvalid(where, `${named}: ${issue?.message ?? 'invalid'}`, result.error)
  }
  const card = result.data
  if (basename(card.file) !== card.file || card.file === '..' || card.file.includes('\\')) {
    throw modelCardInvalid(where, `file: "${card.file}" is not a plain file name`)
  }
  if (card.task === 'detect') {
    const family = outputFamilies.get(card.output.family)
    if (family === undefined) {
      const known = [...outputFamilies.keys()].join(', ')
      throw modelCardInvalid(
        where,
        `output.family: "${card.output.family}" does not exist; families are ${known}`,
      )
    }
    parseFamilyCard(family, card)
  }
  return card
}

/** Compares a card with what the model file declares. @throws AppError E_MODEL_CARD_MISMATCH */
export function assertCardFits(card: ModelCard, header: OnnxHeader): void {
  const { input } = card
  const declared = header.inputs.find(({ name }) => name === input.name)
  if (declared === undefined) {
    const names = header.inputs.map(({ name }) => name).join(', ')
    throw modelCardMismatch(card.id, `it has no input "${input.name}", its inputs are ${names}`)
  }
  if (declared.type !== input.type) {
    throw modelCardMismatch(card.id, `input "${input.name}" is ${declared.type}, not ${input.type}`)
  }
  const { dims } = declared
  if (dims !== undefined) assertSizesFit(card, dims)
  const outputs = header.outputs.map(({ name }) => name)
  const missing = namedOutputs(card).find((name) => !outputs.includes(name))
  if (missing !== undefined) {
    throw modelCardMismatch(
      card.id,
      `it has no output "${missing}", its outputs are ${outputs.join(', ')}`,
    )
  }
}

/** Declared sizes bind, symbols do not; pictures without a batch have one dimension less. */
function assertSizesFit({ id, input }: ModelCard, dims: readonly (number | string)[]): void {
  const expected =
    input.layout === 'nchw' ? [3, input.height, input.width] : [input.height, input.width, 3]
  const picture = dims.slice(-3)
  const fits =
    (dims.length === 4 || dims.length === 3) &&
    picture.every((dim, i) => typeof dim === 'string' || dim === expected[i])
  if (!fits) {
    throw modelCardMismatch(
      id,
      `input "${input.name}" is [${dims.join(', ')}], the card says ${input.layout} ${input.width}x${input.height}`,
    )
  }
  const fixed = picture.every((dim) => typeof dim === 'number')
  if (input.dynamic && fixed) {
    throw modelCardMismatch(id, `input "${input.name}" has a fixed size, the card says dynamic`)
  }
}

/** Output fields that name tensors: `names` as a list, `name`, `boxes`, `scores` and `labels` as texts. */
function namedOutputs({ output }: ModelCard): string[] {
  const listed: readonly unknown[] = Array.isArray(output['names']) ? output['names'] : []
  const single = ['name', 'boxes', 'scores', 'labels'].map((field) => output[field])
  return [...listed, ...single].filter((name) => typeof name === 'string')
}
