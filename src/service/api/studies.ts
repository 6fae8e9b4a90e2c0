import { basename } from 'node:path'
import { z } from 'zod'
import { openModelStore } from '../../engine/models/model-store'
import type { StudyRequest } from '../../engine/studies/run-study'
import type { Output, ParsedInput } from '../../shared/api'
import { studyResult as resultSchema } from '../../shared/api/studies'
import { AppError } from '../../shared/errors'
import { probeSettings } from '../../shared/studies'
import type { Context } from '../context'
import { requireId } from '../detection-choice'
import { pathOf } from '../grants'
import { listStudies, removeStudy, startStudy, studyResult, type ListedStudy } from '../studies'
import type { HandlersOf } from './handler'
import { pageOf } from './library'

const EVERYTHING = 1_000_000
const PROBE_PICTURES = 5_000
const requestSchema = z.object({ path: z.string(), model: z.string().nullable() })

type Asked = ParsedInput<'studies.start'>

export const studyHandlers: HandlersOf<'studies'> = {
  'studies.list': ({ project }, page) => {
    const { rows, next } = listStudies(project, pageOf(page))
    return { rows: rows.map(shown), next }
  },
  'studies.result': ({ project }, { id }) => {
    const { study, failed, ...listed } = studyResult(project, id)
    const result = resultSchema.safeParse(study)
    if (!result.success) throw studyOutdated(listed)
    return { study: shown(listed), failed, result: result.data }
  },
  async 'studies.start'(context, asked) {
    const path = placeOf(context, asked)
    await requireModel(context, asked.model)
    const request = requestOf(context, asked, path)
    const { project, tasks, locations, spawn } = context
    const name = asked.name ?? basename(path)
    let failed = 0
    const onFault = (): void => {
      failed++
    }
    const job = startStudy(project, tasks.jobs, { name, request, locations }, { onFault }, spawn)
    tasks.adopt(job, {
      canPause: false,
      outcome: () => ({
        summary: failed === 0 ? 'The study is done.' : `The study is done; ${failed} left out.`,
        datasetId: null,
        result: null,
      }),
    })
    return { jobId: job.id }
  },
  'studies.remove': ({ project, tasks }, { id }) => {
    removeStudy(project, id)
    tasks.forgetOutcome(id)
    return {}
  },
}

function shown(listed: ListedStudy): Output<'studies.list'>['rows'][number] {
  const { id, kind, name, state, createdMs, finishedMs, hasResult } = listed
  const { path, model } = requestSchema.parse(listed.request)
  return {
    ...{ id, kind, name, state, createdMs, finishedMs, hasResult },
    folder: basename(path),
    model,
  }
}

/** @throws AppError E_STUDY_DATASET, E_ROW_UNKNOWN, E_GRANT_UNKNOWN, E_GRANT_REFUSED */
function placeOf({ project, grants }: Context, { kind, place }: Asked): string {
  if ('grant' in place) return pathOf(grants.get(place.grant))
  const { name, importer, root, attributes } = project.datasets.byId(place.dataset)
  if (importer !== kind) {
    throw new AppError(
      'E_STUDY_DATASET',
      `The data set "${name}" has the format ${importer}; this study needs one of ${kind}.`,
      `Choose a data set that was imported as ${kind}, or the folder of one.`,
    )
  }
  // Of an archive the project has the pictures only; a study reads the data set as it was published.
  if ('archiveSha256' in attributes) {
    throw new AppError(
      'E_STUDY_DATASET',
      `The data set "${name}" was imported from an archive, which a study cannot read.`,
      'Unpack the archive, and choose its folder.',
    )
  }
  return root
}

/** Told before a job begins. @throws AppError E_MODEL_… */
async function requireModel({ locations }: Context, model: string | null): Promise<void> {
  if (model === null) return
  requireId(model)
  const { card } = await (await openModelStore(locations)).resolve(model)
  if (card.task === 'classify' || card.task === 'detect') return
  throw new AppError(
    'E_MODEL_TASK',
    `The model ${card.id} has the task ${card.task}; a study needs classify or detect.`,
    'Choose a classifier or a detector.',
  )
}

function requestOf({ threads, grants }: Context, asked: Asked, path: string): StudyRequest {
  const { limit = EVERYTHING, chosenClasses = {} } = asked
  const shared = { path, limit, chosenClasses, threads }
  if (asked.kind === 'om-imagenet') {
    const natural = asked.natural === undefined ? null : pathOf(grants.get(asked.natural))
    return { ...shared, kind: asked.kind, model: asked.model, natural }
  }
  const { probePictures = PROBE_PICTURES, penalty = probeSettings.penalty } = asked
  const { withRejected = false, geometry = 'tile' } = asked
  return {
    ...{ ...shared, kind: asked.kind, model: asked.model, probePictures, withRejected, geometry },
    probe: { ...probeSettings, penalty },
  }
}

const studyOutdated = ({ id, name }: ListedStudy) =>
  new AppError(
    'E_STUDY_NO_RESULT',
    `The answer of the study ${id} "${name}" is not in the form of this version.`,
    'Ask it again.',
  )
