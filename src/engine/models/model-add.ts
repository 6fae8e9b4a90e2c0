import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, lstat, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { outputFamilies } from '../../detectors'
import type { ModelCard } from '../../shared/model-card'
import { modelCardInvalid } from '../../shared/model-errors'
import { parseFamilyCard } from '../../shared/plugin/family-card'
import { assertCardFits, parseCard, readCardFile } from './model-card-file'
import { modelAmbiguous, modelChecksum, modelExists } from './model-errors'
import type { PrivateCopy } from './model-copy'
import { completeCard, isRecord, mergeCard, recognizeModel } from './model-inspection'
import type { CardOverrides, Recognition } from './model-inspection'
import type { OnnxHeader } from './onnx-file'
import { probeModel } from './probe-model'
import { tryGradient } from './try-gradient'
import type { CardProposal } from '../../shared/plugin/output-family'
import { AppError } from '../../shared/errors'
import { makeFolder } from '../files/make-folder'
import { errorCode } from '../files/read-file'
import { writeFault, writeFileAtomic } from '../files/write-file'

export interface AddOptions {
  /** Name in the project; the card's or a proposed one otherwise. */
  readonly id?: string
  /** Which proposal, where several families fit. */
  readonly family?: string
  /** Answers and corrections: fields of the card; those within `input`, `output` and `nms` one by one. */
  readonly overrides?: CardOverrides
}

interface AddRequest {
  readonly options: AddOptions
  /** The user's file, its safe copy, and what the copy's header says. */
  readonly file: string
  readonly copy: PrivateCopy
  readonly header: OnnxHeader
  /** From beside the file or from the catalogue. */
  readonly knownCard: ModelCard | null
  readonly projectModels: string
  /** The card of a model that has this id already. */
  cardOf(id: string): Promise<ModelCard | null>
}

/**
 * Stores a model with its card in `<project>/models/<id>/`, whole or not at all. Adding the same file under the same id
 * again changes nothing.
 * @throws AppError E_MODEL_AMBIGUOUS, E_MODEL_EXISTS, E_MODEL_CHECKSUM, the E_MODEL_CARD_ and E_MODEL_OUTPUT_ codes
 */
export async function addModel(request: AddRequest): Promise<ModelCard> {
  const { copy, header, file } = request
  const card = await buildCard(request)
  if (card.sha256 !== copy.sha256) throw modelChecksum(file, card.sha256, copy.sha256)
  assertCardFits(card, header)
  await tryCard(card, copy)
  const existing = await request.cardOf(card.id)
  if (existing !== null && JSON.stringify(existing) === JSON.stringify(card)) return card
  if (existing !== null) throw modelExists(card.id)
  await storeFolder(request, card)
  return card
}

async function buildCard({
  options,
  file,
  copy,
  header,
  knownCard,
}: AddRequest): Promise<ModelCard> {
  const { id, family, overrides = {} } = options
  const own = { file: 'model.onnx', ...(id === undefined ? {} : { id }) }
  if (knownCard !== null) {
    return parseCard(mergeCard(knownCard, { ...overrides, ...own }), `card of ${file}`)
  }
  const recognition = await recognizeModel(copy, header, file)
  const proposal = chooseProposal(file, recognition, family, overrides)
  const { signature } = recognition
  if (signature === null) throw modelAmbiguous(file, 'it could not be tried', [])
  return completeCard(proposal, signature.input, copy, file, { ...overrides, ...own })
}

function chooseProposal(
  file: string,
  { proposals, probe }: Recognition,
  family: string | undefined,
  overrides: CardOverrides,
): CardProposal {
  const fitting = proposals.filter((proposal) => family === undefined || proposal.family === family)
  const [only, ...others] = fitting
  if (only === undefined) {
    const reason = probe.ok ? 'no output family fits' : probe.error.message
    throw modelAmbiguous(file, reason, family === undefined ? [] : [`"${family}" was asked for.`])
  }
  if (others.length > 0) {
    const families = fitting.map((proposal) => proposal.family)
    throw modelAmbiguous(file, 'several output families fit', [
      `Name one with --family: ${families.join(', ')}.`,
    ])
  }
  const open = only.questions.filter(({ field, decisive }) => decisive && !has(overrides, field))
  if (open.length === 0) return only
  throw modelAmbiguous(
    file,
    `it fits ${only.family}, with open questions`,
    open.map(({ field, question }) => `${field}: ${question}`),
  )
}

/** Whether a dotted field such as `output.anchors` has a value. */
function has(overrides: CardOverrides, field: string): boolean {
  let value: unknown = overrides
  for (const part of field.split('.')) {
    if (!isRecord(value) || !(part in value)) return false
    value = value[part]
  }
  return true
}

/** One run on a black picture, read as the card says. @throws AppError where the card does not fit what comes back */
async function tryCard(card: ModelCard, copy: PrivateCopy): Promise<void> {
  if (card.task === 'detect-gradient') await tryGradient(card, copy)
  if (card.task !== 'detect') return
  const family = outputFamilies.get(card.output.family)
  if (family === undefined) throw modelCardInvalid(card.id, 'its output family does not exist')
  const checked = parseFamilyCard(family, card)
  const { name, type, layout, width, height } = card.input
  const picture = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]
  const dims = family.feedDims?.(checked, picture) ?? picture
  const question = { path: copy.path, label: card.id, threads: 1, feeds: [{ name, type, dims }] }
  const { outputs } = await probeModel(question)
  family.decode(outputs, checked, { width, height })
}

async function storeFolder({ copy, projectModels }: AddRequest, card: ModelCard): Promise<void> {
  const temporary = join(projectModels, `.${randomBytes(8).toString('hex')}.tmp`)
  try {
    makeFolder(temporary)
    const model = join(temporary, card.file)
    await copyFile(copy.path, model)
    await writeFile(join(temporary, 'model.json'), `${JSON.stringify(card, null, 2)}\n`)
    for (const path of [model, join(temporary, 'model.json')]) {
      await using file = await open(path, 'r+')
      await file.sync()
    }
    await rename(temporary, join(projectModels, card.id)).catch((error: unknown) => {
      const taken = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error))
      throw taken ? modelExists(card.id) : error
    })
  } catch (error) {
    throw error instanceof AppError ? error : writeFault(join(projectModels, card.id), error)
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
  }
}

/**
 * Puts the bytes of a stored model back in place; its card too, unless it is to be kept and can be read. Each file is
 * replaced in one step.
 * @throws AppError E_DISK_FULL, E_WRITE_DENIED, E_WRITE_FAILED
 */
export async function restoreModel(
  folder: string,
  card: ModelCard,
  copy: PrivateCopy,
  keepCard: boolean,
): Promise<void> {
  const cardPath = join(folder, 'model.json')
  const stored = keepCard ? await readCardFile(cardPath).catch(() => null) : null
  const model = join(folder, (stored ?? card).file)
  const stats = await lstat(model).catch(() => null)
  if (stats?.isSymbolicLink()) await rm(model) // writing would follow it out of the project
  await writeFileAtomic(model, createReadStream(copy.path))
  if (stored === null) await writeFileAtomic(cardPath, `${JSON.stringify(card, null, 2)}\n`)
}
