import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { outputFamilies } from '../../detectors'
import { modelCardSchema, tensorChannels } from '../../shared/model-card'
import type { ModelCard } from '../../shared/model-card'
import { modelCardInvalid, modelCardMismatch } from '../../shared/model-errors'
import { parseClassifierCard } from '../../shared/plugin/classifier-card'
import { parseFamilyCard } from '../../shared/plugin/family-card'
import { parseGradientCard } from '../../shared/plugin/gradient-card'
import type { GradientTarget } from '../../shared/plugin/gradient-card'
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
  if (card.task === 'detect-gradient') parseGradientCard(card)
  if (card.task === 'classify') parseClassifierCard(card)
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
  for (const target of gradientTargets(card)) assertTargetFits(card, target, header)
  const outputs = header.outputs.map(({ name }) => name)
  const missing = namedOutputs(card).find((name) => !outputs.includes(name))
  if (missing !== undefined) {
    throw modelCardMismatch(
      card.id,
      `it has no output "${missing}", its outputs are ${outputs.join(', ')}`,
    )
  }
}

/** What a gradient model takes beside the picture. */
function gradientTargets(card: ModelCard): readonly GradientTarget[] {
  return card.task === 'detect-gradient' ? parseGradientCard(card).output.targets : []
}

function assertTargetFits({ id }: ModelCard, target: GradientTarget, header: OnnxHeader): void {
  const declared = header.inputs.find(({ name }) => name === target.name)
  if (declared === undefined) throw modelCardMismatch(id, `it has no input "${target.name}"`)
  const { type, dims } = declared
  const fits =
    dims === undefined ||
    (dims.length === target.dims.length &&
      // Symbols of the file, and sides of the card that follow the picture, bind nothing.
      dims.every((dim, i) => {
        const side = target.dims[i]
        return typeof dim === 'string' || typeof side === 'string' || dim === side
      }))
  if (type === 'float32' && fits) return
  throw modelCardMismatch(
    id,
    `input "${target.name}" is ${type} [${(dims ?? []).join(', ')}], the card says float32 [${target.dims.join(', ')}]`,
  )
}

/** Declared sizes bind, symbols do not; pictures without a batch have one dimension less. */
function assertSizesFit({ id, input }: ModelCard, dims: readonly (number | string)[]): void {
  const channels = tensorChannels(input)
  const { height, width } = input
  const expected = input.layout === 'nchw' ? [channels, height, width] : [height, width, channels]
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

/** Output fields that name tensors: `names` as a list, the others as texts. */
function namedOutputs({ output }: ModelCard): string[] {
  const listed: readonly unknown[] = Array.isArray(output['names']) ? output['names'] : []
  const single = ['name', 'boxes', 'scores', 'labels', 'loss', 'gradient', 'answer', 'attribution'].map((field) => output[field])
  return [...listed, ...single].filter((name) => typeof name === 'string')
}
