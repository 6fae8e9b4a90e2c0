import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../engine/files/make-folder'
import { writeFault } from '../../engine/files/write-file'
import { openModelStore, type Inspection, type ModelListing } from '../../engine/models/model-store'
import { pullModel, type PullOutcome } from '../../engine/models/model-pull'
import type { AddOptions } from '../../engine/models/model-add'
import type { DeclaredTensor } from '../../engine/models/onnx-file'
import type { Output } from '../../shared/api'
import { AppError } from '../../shared/errors'
import type { ModelCard } from '../../shared/model-card'
import type { Context } from '../context'
import { manifestOf } from '../detection-choice'
import { pathOf } from '../grants'
import { pictureVersion } from '../content-version'
import { allRuns } from '../run-order'
import { sampleScene } from '../sample'
import type { HandlersOf } from './handler'
import { itemOf } from './image'
import { detectionOf } from './image-view'

type Listing = Output<'models.list'>['models'][number]
type Card = NonNullable<Listing['card']>

export const modelHandlers: HandlersOf<'models'> = {
  async 'models.list'(context) {
    const listings = await (await openModelStore(context.locations)).list()
    const uses = runsByModel(context)
    return { models: listings.map((listing) => listed(listing, uses.get(listing.id) ?? 0)) }
  },
  async 'models.inspect'({ locations, grants }, { grant }) {
    const file = grants.get(grant)
    return inspected(file.name, await (await openModelStore(locations)).inspect(pathOf(file)))
  },
  async 'models.try'(context, { grant, family, overrides, imageId }, signal) {
    const { locations, grants, studio, threads, settings, project } = context
    const path = pathOf(grants.get(grant))
    const maxPixels = Math.round(settings.get().maxMegapixels * 1e6)
    const image = imageId === null ? null : project.images.get(imageId)
    const item = image ? itemOf(image) : await sampleScene(context, signal)
    return inScratch(context, async (scratch) => {
      const card = await scratch.store.add(path, {
        id: tryId(path),
        ...addOptions(family, overrides),
      })
      if (card.task !== 'detect') {
        throw new AppError(
          'E_MODEL_TASK',
          `The model is taken for ${card.task}, which finds no boxes.`,
          'It can be added without a try.',
        )
      }
      const place = { ...locations, projectDir: scratch.folder }
      const task = { kind: 'detect' as const, detector: card.id, compare: false }
      const tried = await studio.ask(
        'try',
        { item, task, locations: place, threads, seed: 0, maxPixels },
        signal,
      )
      const { classNames, width, height } = tried
      return {
        card: plain(card),
        detections: tried.detections.map((found) =>
          detectionOf({ ...found, class: classNames[found.classId] ?? '' }),
        ),
        picture: image
          ? { imageId: image.id, kind: 'screen', version: pictureVersion(image) }
          : { imageId: 0, kind: 'scene', version: 'sample' },
        ...{ width, height },
        ms: tried.stages.reduce((sum, stage) => sum + stage.ms, 0),
      }
    })
  },
  async 'models.add'(context, { grant, id, family, overrides }) {
    const path = pathOf(context.grants.get(grant))
    const store = await openModelStore(context.locations)
    const card = await store.add(path, {
      ...(id === undefined ? {} : { id }),
      ...addOptions(family, overrides),
    })
    modelsChanged(context)
    const listing = (await store.list()).find((one) => one.id === card.id)
    if (!listing) throw new Error('a model that was just added is not there')
    return { model: listed(listing, 0) }
  },
  'models.pull': (context, { id }) => {
    const { locations, tasks } = context
    const job = tasks.start({
      order: { kind: 'pull', name: id, manifest: { model: id } },
      canPause: false,
      work: (control) =>
        pullModel(locations, {
          ...{ id, signal: control.signal },
          events: {
            progress(done, total) {
              control.report({ done, total })
            },
          },
        }),
      outcome: ({ source, sizeBytes }: PullOutcome) => ({
        summary: source === 'present' ? 'It was here already.' : 'Downloaded and verified.',
        datasetId: null,
        result: { id, sizeBytes },
      }),
      settled() {
        modelsChanged(context)
      },
    })
    return { jobId: job.id }
  },
  async 'models.verify'({ locations }) {
    const verified = await (await openModelStore(locations)).verify()
    return { models: verified.map(({ id, ok, error }) => ({ id, ok, error: error ?? null })) }
  },
  async 'models.remove'(context, { id }) {
    const { locations } = context
    const listing = (await (await openModelStore(locations)).list()).find((one) => one.id === id)
    if (listing?.source !== 'project') {
      throw new AppError(
        'E_MODEL_UNKNOWN',
        `The project has no model "${id}" that was added to it.`,
        'Shipped models stay; those of the catalogue are not here.',
      )
    }
    const folder = join(locations.projectDir, 'models', id)
    // Where an open file cannot be removed, the processes that have it open let go of it first.
    context.studio.restart()
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    } catch (error) {
      throw writeFault(folder, error)
    }
    modelsChanged(context)
    return {}
  },
}

/** Processes keep models open: they are to forget what is another one now. */
function modelsChanged(context: Context): void {
  context.studio.restart()
  context.changed('models')
}

function listed(
  { id, source, available, card, sizeBytes, downloadable, error }: ModelListing,
  runs: number,
): Listing {
  return {
    ...{ id, source, available, runs },
    name: card?.name ?? id,
    downloadable: downloadable ?? false,
    task: card?.task ?? null,
    family: card?.output.family ?? null,
    input: card ? inputOf(card) : null,
    classes: [...(card?.classes ?? [])],
    licence: card?.licence ?? null,
    origin: card?.origin ?? null,
    sizeBytes: sizeBytes ?? null,
    sha256: card?.sha256 ?? null,
    metrics: plain(card?.metrics ?? {}),
    error: error ?? null,
    card: card ? plain(card) : null,
  }
}

function inputOf({ input: { width, height, dynamic, channels } }: ModelCard) {
  return { width, height, dynamic, channels }
}

function inspected(fileName: string, inspection: Inspection): Output<'models.inspect'> {
  const { sha256, sizeBytes, header, probe, card, cardFrom, proposals, questions } = inspection
  return {
    ...{ fileName, sha256, sizeBytes, cardFrom },
    // Weights are mostly floats of four bytes; what else there is does not count.
    parameters: Math.floor(header.initializerBytes / 4),
    inputs: header.inputs.map(tensorOf),
    outputs: header.outputs.map(tensorOf),
    probe: {
      ok: probe.ok,
      ms: probe.ok ? probe.ms : null,
      error: probe.ok ? null : probe.error,
    },
    card: card ? plain(card) : null,
    proposals: proposals.map(({ family, reasons, card: proposed }) => ({
      family,
      reasons: [...reasons],
      card: plain(proposed),
    })),
    questions: questions.map(({ field, question }) => ({ field, question })),
  }
}

const tensorOf = ({ name, type, dims }: DeclaredTensor) => ({
  ...{ name, type },
  dims: dims ? dims.join(' × ') : 'any shape',
})

function addOptions(
  family: string | undefined,
  overrides: Readonly<Record<string, unknown>> | undefined,
): AddOptions {
  return {
    ...(family === undefined ? {} : { family }),
    // The card's own schema checks them.
    ...(overrides === undefined ? {} : { overrides }),
  }
}

const tryId = (path: string) => `try-${createHash('sha256').update(path).digest('hex').slice(0, 8)}`

/** A project for one try: what is stored there is gone afterwards. */
async function inScratch<T>(
  { locations }: Context,
  act: (scratch: {
    readonly folder: string
    readonly store: Awaited<ReturnType<typeof openModelStore>>
  }) => Promise<T>,
): Promise<T> {
  const parent = join(locations.cacheDir, 'tries')
  makeFolder(parent, 0o700)
  const folder = mkdtempSync(join(parent, 'try-'))
  try {
    return await act({ folder, store: await openModelStore({ ...locations, projectDir: folder }) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runsByModel({ project }: Context): Map<string, number> {
  const uses = new Map<string, number>()
  for (const run of allRuns(project)) {
    const manifest = manifestOf(run)
    if (manifest === null) continue
    const segmenter = manifest.defense?.params['segmenter']
    for (const id of [manifest.detector.id, segmenter]) {
      if (typeof id === 'string') uses.set(id, (uses.get(id) ?? 0) + 1)
    }
  }
  return uses
}

/** Cards are plain values; JSON drops what is undefined. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Card
