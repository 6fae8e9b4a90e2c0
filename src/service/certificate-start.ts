import { z } from 'zod'
import { certificateMethod } from '../engine/certificate-method'
import type { Output, Selection } from '../shared/api'
import { AppError } from '../shared/errors'
import type { Run } from '../store'
import { refuseTwice } from './api/run-busy'
import { boxesOf } from './certificate-list'
import {
  certificationFor,
  isAboutObjects,
  type CertificationChoice,
  type FoundCertification,
} from './certificate-choice'
import { requireEncoding } from './certificate-methods'
import {
  lookAhead,
  startCertification,
  type CertificatePictures,
  type StartedCertification,
} from './certificate-run'
import type { Context } from './context'
import { requireId } from './detection-choice'
import { idsOfRanges } from './id-ranges'
import { picturesNamed, realPaths } from './named-pictures'
import type { RunOutcome } from './run-job'
import { datasetOfRun, itemKey } from './run-order'
import { picturesOf, type RunPicturesChoice } from './run-start'

export interface CertificationRequest extends CertificationChoice {
  readonly images: Selection
  /** Boxes of this run are certified; null: whole pictures, or their annotated objects. */
  readonly boxesOf: number | null
}

export interface PreparedCertification {
  readonly found: FoundCertification
  readonly pictures: CertificatePictures
  readonly maxPixels: number
  /** Boxes or objects that are certified; pictures where these are meant. */
  readonly subjects: number
  readonly label: string
}

/**
 * Everything about certificates but their start: a refusal comes before any picture is opened.
 * @throws AppError E_CERTIFIER_MODEL, E_RUN_KIND, E_OBJECTS_MISSING, E_BOXES_MISSING, E_SELECTION_EMPTY, E_MODEL_…, E_SETTING_…
 */
export async function prepareCertification(
  context: Context,
  request: CertificationRequest,
  signal?: AbortSignal,
): Promise<PreparedCertification> {
  requireId(request.model)
  const found = await certificationFor(context.locations, request)
  requireEncoding(request.method, found.card)
  const chosen = await picturesOf(context, request.images, signal)
  const maxPixels = Math.round(context.settings.get().maxMegapixels * 1e6)
  const about = aboutPictures(context, request, chosen)
  return { found, maxPixels, ...about }
}

function aboutPictures(
  context: Context,
  { method, boxesOf: runId }: CertificationRequest,
  chosen: RunPicturesChoice,
): Pick<PreparedCertification, 'pictures' | 'subjects' | 'label'> {
  if (runId !== null) return aboutBoxes(context, method, context.project.runs.get(runId), chosen)
  const label = chosen.dataset?.name ?? 'selection'
  const pictures = 'members' in chosen ? { ...chosen, boxesOf: null } : chosen
  const members = membersOf(context, chosen)
  if (!isAboutObjects(method)) return { pictures, label, subjects: members.length }
  const objects = members.reduce(
    (sum, id) => sum + context.project.objectsOf(id).filter(({ isCrowd }) => !isCrowd).length,
    0,
  )
  if (objects === 0) throw noObjects()
  return { pictures, label, subjects: objects }
}

function aboutBoxes(
  context: Context,
  method: string,
  run: Run,
  chosen: RunPicturesChoice,
): Pick<PreparedCertification, 'pictures' | 'subjects' | 'label'> {
  if (isAboutObjects(method)) throw objectsNotBoxes()
  if (run.kind !== 'detect') throw notDetecting(run)
  const marks = context.marks.of(run.id)
  const members = membersOf(context, chosen).filter((id) => marks.get(id)?.isDone === true)
  const boxes = members.reduce((sum, id) => sum + (marks.get(id)?.detections ?? 0), 0)
  if (boxes === 0) throw noBoxes(run)
  const ofRun = datasetOfRun(context.project, run)
  const isWhole = !('members' in chosen) && chosen.dataset.id === ofRun?.id
  return {
    label: run.name,
    subjects: boxes,
    pictures: isWhole ? { run, paths: null } : { members, dataset: chosen.dataset, boxesOf: run },
  }
}

function membersOf({ project }: Context, chosen: RunPicturesChoice): readonly number[] {
  if ('members' in chosen) return chosen.members
  return project.images.allIds({ dataset: chosen.dataset.id })
}

/** Of so many pictures it is asked whether their certificates are known; the share stands for the rest. */
const LOOKED_AT = 200

/** What starting would do. */
export function planCertification(
  context: Context,
  { found, pictures, maxPixels, subjects }: PreparedCertification,
): Omit<Output<'certificates.plan'>, 'aboutMs'> {
  const { project } = context
  const { card, task, seed } = found
  const ahead = lookAhead(project, { card, task, seed, maxPixels, pictures })
  let [looked, known] = [0, 0]
  for (const { contentId, about } of ahead.subjects()) {
    if (looked === LOOKED_AT) break
    looked++
    if (contentId === null) continue
    const content = about === undefined ? contentId : `${contentId} ${about}`
    if (project.runs.hasResult(itemKey(ahead.determination, content))) known++
  }
  const share = looked === 0 ? 0 : known / looked
  const knownAll = Math.round(share * ahead.total)
  return {
    images: ahead.total,
    ...{ subjects, known: knownAll, toDo: ahead.total - knownAll },
    sameRun: ahead.same?.id ?? null,
    isTrained: certificateMethod(task.method).isTrained(card),
  }
}

/** Starts the run, or goes on with the same one; it waits for its turn behind the jobs that run. */
export function beginCertification(
  context: Context,
  name: string | undefined,
  prepared: PreparedCertification,
): StartedCertification {
  const { project, tasks, settings, locations, turnstile, spawn } = context
  const { found, pictures, maxPixels, label } = prepared
  const { card, task, seed, about } = found
  const { workers, threads } = settings.get()
  let toldAt = 0
  const started = startCertification(
    project,
    tasks.jobs,
    {
      name: name ?? `${label}-certified`,
      ...{ task, card, pictures, seed, maxPixels, locations, spawn },
      about,
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
  const tell = (): void => {
    context.changed('runs', [started.run.id])
  }
  tasks.adopt(started.job, {
    canPause: true,
    outcome: (outcome: RunOutcome) => ({
      summary: sentenceOf(outcome),
      datasetId: null,
      result: { computed: outcome.computed, known: outcome.known, failed: outcome.failed },
    }),
    settled: tell,
  })
  tell()
  return started
}

function sentenceOf({ computed, known, failed }: RunOutcome): string {
  const reused = known > 0 ? `, ${known} of them known already` : ''
  return `${computed + known} certified or tried${reused}${failed > 0 ? `, ${failed} failed` : ''}.`
}

const manifestSchema = z.object({
  method: z.string(),
  model: z.object({ id: z.string() }),
  given: z.object({
    params: z.record(z.string(), z.json()),
    patch: z.string().optional(),
    radius: z.number().optional(),
    scoreThreshold: z.number().optional(),
    seed: z.number(),
  }),
  maxPixels: z.number(),
  members: z.string().optional(),
  named: z.array(z.string()).optional(),
})

/** How a run that certifies came about, in the app or on a command line; null for others, and for those of earlier versions. */
function certificationOf({ kind, manifest }: Run): z.infer<typeof manifestSchema> | null {
  const checked = manifestSchema.safeParse(manifest)
  return kind === 'certify' && checked.success ? checked.data : null
}

/** Whether the pictures of a run that certifies, and what it was made of, are still known. */
export function canResumeCertification({ project }: Context, run: Run): boolean {
  const made = certificationOf(run)
  if (made === null) return false
  const isKnown = made.members !== undefined || made.named !== undefined
  return isKnown || datasetOfRun(project, run) !== null || boxesOf(run.manifest) !== null
}

/** What a run was made of, to go on with it. @throws AppError E_RUN_BUSY, E_RUN_NOT_REPEATABLE, E_MODEL_…, E_ROW_UNKNOWN */
export async function resumeCertification(
  context: Context,
  run: Run,
): Promise<StartedCertification> {
  const { project } = context
  const made = certificationOf(run)
  if (made === null)
    throw notRepeatable(run, 'an earlier version has made it and did not keep what it was made of')
  const { method, model, given, maxPixels } = made
  const found = await certificationFor(context.locations, { method, model: model.id, ...given })
  const pictures = await picturesAgain(context, run, made)
  const { card, task, seed } = found
  const { same } = lookAhead(project, { card, task, seed, maxPixels, pictures })
  if (same?.id !== run.id) throw notRepeatable(run, othersNow)
  // Whoever asked at the same time may have begun it meanwhile.
  refuseTwice(context, run.id)
  return beginCertification(context, undefined, {
    ...{ found, pictures, maxPixels, subjects: 0, label: run.name },
  })
}

const othersNow = 'its pictures, the model or the program are others now'

/** The pictures that a run was begun with. @throws AppError E_RUN_NOT_REPEATABLE, E_ROW_UNKNOWN */
async function picturesAgain(
  { project }: Context,
  run: Run,
  { members, named }: z.infer<typeof manifestSchema>,
): Promise<CertificatePictures> {
  const dataset = datasetOfRun(project, run)
  const about = boxesOf(run.manifest)
  const boxes = about === null ? null : project.runs.get(about)
  if (members !== undefined) return { members: idsOfRanges(members), dataset, boxesOf: boxes }
  const files = named === undefined ? null : await picturesNamed(named)
  if (boxes !== null) return { run: boxes, paths: files && realPaths(files) }
  if (files !== null) return { files }
  if (dataset !== null) return { dataset }
  throw notRepeatable(run, 'it does not say any more which pictures it is about')
}

const notRepeatable = (run: Run, why: string) =>
  new AppError(
    'E_RUN_NOT_REPEATABLE',
    `The run "${run.name}" cannot go on here: ${why}.`,
    'Its certificates stay readable. Start a new run with the same settings.',
  )

const noObjects = () =>
  new AppError(
    'E_OBJECTS_MISSING',
    'These pictures have no annotated objects: there is nothing whose recall could be certified.',
    'Import annotations with the pictures, or draw object boxes in Annotate.',
  )

const objectsNotBoxes = () =>
  new AppError(
    'E_RUN_KIND',
    'ObjectSeeker certifies annotated objects, not the boxes of a run.',
    'Choose pictures with annotated objects, or another method for the boxes.',
  )

const notDetecting = ({ id, name }: Run) =>
  new AppError(
    'E_RUN_KIND',
    `Run ${id} "${name}" found no boxes: it certifies.`,
    'Choose a run of a detector.',
  )

const noBoxes = ({ name }: Run) =>
  new AppError(
    'E_BOXES_MISSING',
    `The run "${name}" found no boxes in these pictures.`,
    'Choose other pictures or another run, or certify the whole pictures.',
  )
