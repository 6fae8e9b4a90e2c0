import type { Selection } from '../shared/api'
import { AppError } from '../shared/errors'
import type { Dataset, Run } from '../store'
import type { Context } from './context'
import { detectionFor, manifestOf, type DetectionChoice } from './detection-choice'
import { startDetection } from './detection-run'
import { idRanges, idsOfRanges } from './id-ranges'
import { datasetOfRun, determinationKey, findSameRun, itemKey } from './run-order'
import type { RunOutcome } from './run-job'
import { selectedIds } from './api/selection'
import { pictureContent } from './content-version'

/** Which pictures a run is about: a whole data set, or some pictures of one or of several (null). */
export type RunPicturesChoice =
  | { readonly dataset: Dataset }
  | { readonly members: readonly number[]; readonly dataset: Dataset | null }

/** @throws AppError E_SELECTION_EMPTY, E_FILTER_INVALID, E_ROW_UNKNOWN */
export async function picturesOf(
  context: Context,
  selection: Selection,
  signal?: AbortSignal,
): Promise<RunPicturesChoice> {
  const { project } = context
  const members = await selectedIds(context, selection, signal)
  const datasets = new Set(members.map((id) => project.images.get(id).datasetId))
  const [only] = datasets
  const dataset = datasets.size === 1 && only !== undefined ? project.datasets.byId(only) : null
  return dataset !== null && dataset.images === members.length ? { dataset } : { members, dataset }
}

interface Prepared {
  readonly choice: DetectionChoice
  readonly pictures: RunPicturesChoice
  readonly found: Awaited<ReturnType<typeof detectionFor>>
  readonly maxPixels: number
  readonly determination: string
  readonly same: Run | undefined
}

/** Everything about a run but its start. @throws AppError E_MODEL_…, E_DEFENSE_UNKNOWN, E_SETTING_… */
export async function prepareRun(
  { locations, project, settings }: Context,
  choice: DetectionChoice & { readonly maxPixels?: number | undefined },
  pictures: RunPicturesChoice,
): Promise<Prepared> {
  const found = await detectionFor(locations, choice)
  const maxPixels = choice.maxPixels ?? Math.round(settings.get().maxMegapixels * 1e6)
  const { task, seed, cards } = found
  const determination = determinationKey({ task, seed, maxPixels, cards })
  const members = 'members' in pictures ? { members: idRanges(pictures.members) } : {}
  const same = findSameRun(project, {
    ...{ kind: 'detect', determination, files: [], dataset: pictures.dataset },
    ...members,
  })
  return { choice, pictures, found, maxPixels, determination, same }
}

/** How many of the pictures the project knows the answer for; of many a part is looked at. */
export function knownResults({ project }: Context, { pictures, determination }: Prepared) {
  const ids =
    'members' in pictures
      ? pictures.members
      : project.images.allIds({ dataset: pictures.dataset.id })
  const step = Math.max(1, Math.floor(ids.length / 2_000))
  const looked = ids.filter((_, k) => k % step === 0)
  const known = looked.filter((id) => {
    const content = pictureContent(project.images.get(id))
    return content !== null && project.runs.hasResult(itemKey(determination, content))
  }).length
  const share = looked.length === 0 ? 0 : known / looked.length
  return { images: ids.length, known: step === 1 ? known : Math.round(share * ids.length) }
}

/** Starts the run, or goes on with the same one; it waits for its turn behind the jobs that run. */
export function startRun(context: Context, name: string | undefined, prepared: Prepared) {
  const { project, tasks, settings, locations, turnstile } = context
  const { pictures, found, maxPixels } = prepared
  const { card, defense, task, seed, cards, about } = found
  const { workers, threads } = settings.get()
  const subject = pictures.dataset?.name ?? 'selection'
  const fallback = `${subject}-${defense === null ? 'bare' : 'defended'}`
  let toldAt = 0
  const started = startDetection(
    project,
    tasks.jobs,
    {
      name: name ?? fallback,
      ...{ task, pictures, seed, maxPixels, locations, cards },
      about: { ...about, maxPixels },
      classNames: card.classes,
      model: { id: card.id, sha256: card.sha256 },
      spawn: context.spawn,
      ...(workers === 0 ? {} : { workers }),
      ...(threads === 0 ? {} : { threads }),
    },
    {
      turn: (signal) => turnstile.enter(signal),
      onDone() {
        const now = performance.now()
        if (now - toldAt < 1_000) return
        toldAt = now
        context.changed('runs', [started.run.id])
      },
    },
  )
  tasks.adopt(started.job, {
    canPause: true,
    outcome: (outcome: RunOutcome) => ({
      summary: sentenceOf(outcome),
      datasetId: null,
      result: { computed: outcome.computed, known: outcome.known, failed: outcome.failed },
    }),
    settled() {
      context.changed('runs', [started.run.id])
    },
  })
  context.changed('runs', [started.run.id])
  return started
}

function sentenceOf({ computed, known, failed }: RunOutcome): string {
  const done = `${computed + known} done`
  const reused = known > 0 ? `, ${known} of them known already` : ''
  return `${done}${reused}${failed > 0 ? `, ${failed} failed` : ''}.`
}

/** What a run was made of, to go on with it. @throws AppError E_RUN_NOT_REPEATABLE, E_MODEL_… */
export async function prepareResume(context: Context, run: Run): Promise<Prepared> {
  const { project } = context
  const manifest = manifestOf(run)
  if (manifest === null) throw notRepeatable(run, 'its results were not computed here')
  const dataset = datasetOfRun(project, run)
  const members = manifest.members === undefined ? null : idsOfRanges(manifest.members)
  if (members === null && dataset === null) throw notRepeatable(run, 'its data set was removed')
  const pictures =
    members !== null
      ? { members, dataset }
      : dataset !== null
        ? { dataset }
        : { members: [], dataset }
  const { detector, defense, scoreThreshold, seed, maxPixels } = manifest
  const prepared = await prepareRun(
    context,
    { detector: detector.id, defense, scoreThreshold, seed, maxPixels: maxPixels ?? 120_000_000 },
    pictures,
  )
  if (prepared.same?.id !== run.id) {
    throw notRepeatable(run, 'a model or the program is another one now')
  }
  return prepared
}

const notRepeatable = (run: Run, why: string) =>
  new AppError(
    'E_RUN_NOT_REPEATABLE',
    `The run "${run.name}" cannot go on: ${why}.`,
    'Its results stay readable. Start a new run with the same settings.',
  )
