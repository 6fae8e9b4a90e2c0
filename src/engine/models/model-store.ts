import { lstat, readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { toErrorRecord } from '../../shared/errors'
import type { ErrorRecord } from '../../shared/errors'
import type { ModelCard } from '../../shared/model-card'
import { modelCardInvalid } from '../../shared/model-errors'
import type { CardProposal, CardQuestion } from '../../shared/plugin/output-family'
import { addModel } from './model-add'
import type { AddOptions } from './model-add'
import { assertCardFits, readCardFile } from './model-card-file'
import { readCatalog } from './model-catalog'
import type { Catalog } from './model-catalog'
import { copyPrivately } from './model-copy'
import type { PrivateCopy } from './model-copy'
import { modelAmbiguous, modelChecksum, modelLink, modelUnknown } from './model-errors'
import { completeCard, readSafeHeader, recognizeModel } from './model-inspection'
import type { ProbeResult, Recognition } from './model-inspection'
import type { OnnxHeader } from './onnx-file'
import { recognizeGradient, tryGradient } from './try-gradient'

export interface ModelLocations {
  /** Root of this package: its `models/` holds the shipped models and `catalog.json`. */
  readonly packageRoot: string
  readonly projectDir: string
  /** Private copies go to its `models/`. */
  readonly cacheDir: string
}

export interface ResolvedModel {
  readonly card: ModelCard
  /** Private copy, named by digest: what the runtime loads. */
  readonly path: string
}

export interface ModelListing {
  readonly id: string
  readonly source: 'shipped' | 'project' | 'catalog'
  /** False where the model file is not on this machine, as for all of the catalogue, or the card is unusable. */
  readonly available: boolean
  /** Absent where the card cannot be read: then `error` says why. */
  readonly card?: ModelCard
  /** Of the model file; absent where it is missing. */
  readonly sizeBytes?: number
  /** Of models in the catalogue only: whether there is an address to download it from. */
  readonly downloadable?: boolean
  readonly error?: ErrorRecord
}

export interface Inspection {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly header: OnnxHeader
  readonly probe: ProbeResult
  /** Null where nothing tells for sure how to read the model. */
  readonly card: ModelCard | null
  readonly cardFrom: 'beside' | 'catalog' | 'proposal' | null
  readonly proposals: readonly CardProposal[]
  /** What is open in the proposals, if they are what there is. */
  readonly questions: readonly CardQuestion[]
}

export interface Verification {
  readonly id: string
  readonly source: 'shipped' | 'project'
  readonly ok: boolean
  readonly error?: ErrorRecord
}

/** Where models live: shipped ones, those of the project, and files that the user names by path. */
export interface ModelStore {
  list(): Promise<readonly ModelListing[]>
  /** @throws AppError the E_MODEL_ codes */
  resolve(idOrPath: string): Promise<ResolvedModel>
  /** @throws AppError where the file is unreadable or unsafe; what is unclear is in the answer */
  inspect(path: string): Promise<Inspection>
  /** Stores a model in the project, whole or not at all. @throws AppError the E_MODEL_ codes */
  add(path: string, options?: AddOptions): Promise<ModelCard>
  /** Digest, card and header of every shipped and project model; gradient models are run once. */
  verify(): Promise<readonly Verification[]>
}

/** @throws AppError E_MODEL_CARD_INVALID if the package's catalogue is damaged */
export async function openModelStore(locations: ModelLocations): Promise<ModelStore> {
  return new FolderStore(locations, await readCatalog(locations.packageRoot))
}

class FolderStore implements ModelStore {
  readonly #folders: readonly { readonly source: 'shipped' | 'project'; readonly path: string }[]
  readonly #projectModels: string
  readonly #cacheDir: string
  readonly #catalog: Catalog

  constructor({ packageRoot, projectDir, cacheDir }: ModelLocations, catalog: Catalog) {
    this.#projectModels = join(projectDir, 'models')
    this.#folders = [
      { source: 'project', path: this.#projectModels },
      { source: 'shipped', path: join(packageRoot, 'models') },
    ]
    this.#cacheDir = cacheDir
    this.#catalog = catalog
  }

  async list(): Promise<ModelListing[]> {
    const listings: ModelListing[] = []
    for (const { source, path } of this.#folders) {
      for (const folder of await modelFolders(path)) {
        const id = basename(folder)
        try {
          const card = await readOwnCard(folder)
          const file = await lstat(join(folder, card.file)).catch(() => null)
          const size = file === null ? {} : { sizeBytes: file.size }
          listings.push({ id, source, available: file !== null, card, ...size })
        } catch (error) {
          listings.push({ id, source, available: false, error: toErrorRecord(error) })
        }
      }
    }
    const here = new Set(listings.map(({ id }) => id))
    for (const { card, sizeBytes, addresses } of this.#catalog.entries) {
      if (here.has(card.id)) continue
      const downloadable = addresses.length > 0
      listings.push({
        ...{ id: card.id, source: 'catalog', available: false, card },
        ...{ sizeBytes, downloadable },
      })
    }
    return listings
  }

  async resolve(idOrPath: string): Promise<ResolvedModel> {
    if (isPath(idOrPath)) return this.#resolveFile(resolve(idOrPath))
    const folder = await this.#folderOf(idOrPath)
    if (folder === null) throw await this.#unknown(idOrPath)
    return this.#resolveFolder(folder)
  }

  async inspect(path: string): Promise<Inspection> {
    const file = resolve(path)
    const { copy, header } = await this.#open(file)
    const known = await this.#knownCard(file, copy)
    const recognition =
      known?.card.task === 'detect-gradient'
        ? await recognizeGradient(known.card, copy)
        : await recognizeModel(copy, header, file)
    const proposal = known === null ? soleProposal(recognition) : null
    const { probe, proposals } = recognition
    return {
      path: file,
      sha256: copy.sha256,
      sizeBytes: copy.sizeBytes,
      header,
      probe,
      card: known?.card ?? cardOf(proposal, recognition, copy, file),
      cardFrom: known?.from ?? (proposal === null ? null : 'proposal'),
      proposals,
      questions: known === null ? proposals.flatMap(({ questions }) => questions) : [],
    }
  }

  async add(path: string, options: AddOptions = {}): Promise<ModelCard> {
    const file = resolve(path)
    const { copy, header } = await this.#open(file)
    const known = await this.#knownCard(file, copy)
    return addModel({
      options,
      file,
      copy,
      header,
      knownCard: known?.card ?? null,
      projectModels: this.#projectModels,
      cardOf: async (id) => {
        const folder = await this.#folderOf(id)
        return folder === null ? null : readOwnCard(folder)
      },
    })
  }

  async verify(): Promise<Verification[]> {
    const results: Verification[] = []
    for (const { source, path } of this.#folders) {
      for (const folder of await modelFolders(path)) {
        const id = basename(folder)
        try {
          const { card, path: copy } = await this.#resolveFolder(folder)
          if (card.task === 'detect-gradient') await tryGradient(card, { path: copy })
          results.push({ id, source, ok: true })
        } catch (error) {
          results.push({ id, source, ok: false, error: toErrorRecord(error) })
        }
      }
    }
    return results
  }

  async #resolveFolder(folder: string): Promise<ResolvedModel> {
    const card = await readOwnCard(folder)
    const file = join(folder, card.file)
    const stats = await lstat(file).catch(() => null)
    // A folder that was granted may not lead out of itself.
    if (stats?.isSymbolicLink()) throw modelLink(file, 'is a symbolic link')
    const copy = await copyPrivately(file, this.#cacheDir)
    return { card: await checkedCard(card, copy, file), path: copy.path }
  }

  async #resolveFile(file: string): Promise<ResolvedModel> {
    const copy = await copyPrivately(file, this.#cacheDir)
    const known = await this.#knownCard(file, copy)
    if (known) return { card: await checkedCard(known.card, copy, file), path: copy.path }
    const header = await readSafeHeader(copy, file)
    const recognition = await recognizeModel(copy, header, file)
    const card = cardOf(soleProposal(recognition), recognition, copy, file)
    if (card === null) throw whyUnclear(file, recognition)
    return { card, path: copy.path }
  }

  /** Private copy and header of a file that is looked at for the first time. */
  async #open(file: string): Promise<{ copy: PrivateCopy; header: OnnxHeader }> {
    const copy = await copyPrivately(file, this.#cacheDir)
    return { copy, header: await readSafeHeader(copy, file) }
  }

  /** `FILE.json`, then `model.json` if it speaks of this file, then the catalogue. */
  async #knownCard(
    file: string,
    { sha256 }: PrivateCopy,
  ): Promise<{ card: ModelCard; from: 'beside' | 'catalog' } | null> {
    const own = await readCardFile(file.replace(/\.onnx$/i, '') + '.json')
    if (own !== null) return { card: own, from: 'beside' }
    const shared = await readCardFile(join(dirname(file), 'model.json'))
    if (shared?.file === basename(file)) return { card: shared, from: 'beside' }
    const listed = this.#catalog.bySha256(sha256)
    return listed === undefined ? null : { card: listed, from: 'catalog' }
  }

  async #folderOf(id: string): Promise<string | null> {
    for (const { path } of this.#folders) {
      const folders = await modelFolders(path)
      const folder = folders.find((candidate) => basename(candidate) === id)
      if (folder !== undefined) return folder
    }
    return null
  }

  async #unknown(id: string) {
    const here = (await this.list()).filter(({ available }) => available)
    const known = here.map((listing) => listing.id)
    return modelUnknown(id, known, this.#catalog.byId(id) !== undefined)
  }
}

/** Folders with a card, by name. */
async function modelFolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  const folders: string[] = []
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue
    const folder = join(path, entry.name)
    const stats = await lstat(join(folder, 'model.json')).catch(() => null)
    if (stats?.isFile()) folders.push(folder)
  }
  return folders.sort()
}

/** The card of a model folder; the folder's name is the id. */
async function readOwnCard(folder: string): Promise<ModelCard> {
  const path = join(folder, 'model.json')
  const card = await readCardFile(path)
  if (card === null) throw modelCardInvalid(path, 'it is gone')
  if (card.id !== basename(folder)) {
    throw modelCardInvalid(path, `id: "${card.id}" is not the name of its folder`)
  }
  return card
}

/**
 * The digest comes first: a file that was changed is told as such, whatever the change did to it.
 * @throws AppError E_MODEL_CHECKSUM, E_MODEL_CARD_MISMATCH and what is wrong with the file itself
 */
async function checkedCard(card: ModelCard, copy: PrivateCopy, file: string): Promise<ModelCard> {
  if (card.sha256 !== copy.sha256) throw modelChecksum(file, card.sha256, copy.sha256)
  assertCardFits(card, await readSafeHeader(copy, file))
  return card
}

function isPath(idOrPath: string): boolean {
  return /\.onnx$/i.test(idOrPath) || /[\\/]/.test(idOrPath)
}

/** The one proposal, if there is only one and nothing open in it changes boxes. */
function soleProposal({ proposals }: Recognition): CardProposal | null {
  const [only, ...others] = proposals
  if (only === undefined || others.length > 0) return null
  return only.questions.some(({ decisive }) => decisive) ? null : only
}

function cardOf(
  proposal: CardProposal | null,
  { signature }: Recognition,
  copy: PrivateCopy,
  file: string,
): ModelCard | null {
  if (proposal === null || signature === null) return null
  return completeCard(proposal, signature.input, copy, file)
}

function whyUnclear(file: string, { probe, proposals }: Recognition) {
  if (!probe.ok) {
    return modelAmbiguous(file, `it could not be tried: ${probe.error.message}`, [])
  }
  if (proposals.length === 0) {
    const outputs = Object.entries(probe.outputs).map(
      ([name, dims]) => `${name} [${dims.join(', ')}]`,
    )
    return modelAmbiguous(file, `no known output family returns ${outputs.join(', ')}`, [])
  }
  const families = proposals.map(({ family }) => family).join(' or ')
  const open = proposals.flatMap(({ questions }) => questions.filter(({ decisive }) => decisive))
  return modelAmbiguous(
    file,
    `it fits ${families}, with open questions`,
    open.map(({ field, question }) => `${field}: ${question}`),
  )
}
