import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Study, StudyRequest, StudySteps } from '../engine/studies/run-study'
import { studyAside } from '../engine/studies/study-process'
import type { SpawnWorker } from '../engine/spawn-worker'
import type { Locations } from '../engine/vision-job'
import type { JsonValue } from '../shared/dataset'
import { AppError } from '../shared/errors'
import type { Job, JobState, Page, PageRequest, Project } from '../store'
import type { JobControl, Jobs, RunningJob } from './jobs'

/** A study that the project knows of: what was asked, and what became of it. */
export interface ListedStudy {
  /** Of the study, and of its job. */
  readonly id: number
  readonly kind: StudyRequest['kind']
  readonly name: string
  readonly state: JobState
  readonly createdMs: number
  readonly finishedMs: number | null
  /** As it was asked: see `StudyRequest`. */
  readonly request: JsonValue
  /** Whether there is an answer to show. */
  readonly hasResult: boolean
}

/** The answer to a study, as it is kept. */
export interface StudyResult extends ListedStudy {
  /** `D3sStudy` or `OmImagenetStudy` as JSON: what is not a number there is null. */
  readonly study: JsonValue
  /** Pictures that could not be read. */
  readonly failed: number
}

const JOB_KIND = 'study'
const busyMs = 200
const kinds = z.enum(['d3s', 'om-imagenet'])
const keptSchema = z.object({ study: z.json(), failed: z.number() })
const settingOf = (id: number): string => `study ${id}`

/**
 * Begins a study in a process of its own, as a job of the project that keeps its answer. The same question again after a
 * crash is the same job.
 * @throws AppError E_PROJECT_BUSY, E_DISK_FULL where its row cannot be written
 */
export function startStudy(
  project: Project,
  jobs: Jobs,
  order: { readonly name: string; readonly request: StudyRequest; readonly locations: Locations },
  steps: Pick<StudySteps, 'onFault'>,
  spawn?: SpawnWorker,
): RunningJob<Study> {
  const { name, request, locations } = order
  const manifest = { request: plain(request) }
  return jobs.start({ kind: JOB_KIND, name, manifest }, async (control) => {
    let failed = 0
    const study = await studyAside(
      request,
      locations,
      {
        signal: control.signal,
        onFault(file, error) {
          failed++
          steps.onFault(file, error)
        },
        onProgress(done, total) {
          control.report({ done, total })
        },
      },
      spawn,
    )
    await keep(project, control, { study: plain(study), failed })
    return study
  })
}

/** While an import is under way nothing can be written; an answer that took long waits for its end. */
async function keep(project: Project, control: JobControl, answer: JsonValue): Promise<void> {
  for (;;) {
    try {
      project.settings.set(settingOf(control.jobId), answer)
      return
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'E_PROJECT_BUSY') throw error
      await sleep(busyMs, undefined, { signal: control.signal })
    }
  }
}

/** Newest first. */
export function listStudies(project: Project, page: PageRequest = {}): Page<ListedStudy> {
  const { rows, ...rest } = project.jobs.listOfKind(JOB_KIND, page)
  return { ...rest, rows: rows.map((job) => listed(project, job)) }
}

/** @throws AppError E_ROW_UNKNOWN, E_STUDY_NO_RESULT */
export function studyResult(project: Project, id: number): StudyResult {
  const study = listed(project, studyJob(project, id))
  const kept = keptOf(project, id)
  if (kept === null) {
    throw new AppError(
      'E_STUDY_NO_RESULT',
      `The study ${id} "${study.name}" has no answer: it is ${study.state}.`,
      'Ask it again.',
    )
  }
  return { ...study, ...kept }
}

/** Forgets a study and its answer. @throws AppError E_ROW_UNKNOWN, E_EDIT_INVALID while it is running */
export function removeStudy(project: Project, id: number): void {
  studyJob(project, id)
  project.jobs.remove(id)
  forgetAnswer(project, id)
}

/** Of a study whose job is gone; of other jobs there is none. */
export function forgetAnswer(project: Project, id: number): void {
  if (project.settings.get(settingOf(id)) !== undefined)
    project.settings.set(settingOf(id), undefined)
}

function studyJob(project: Project, id: number): Job {
  const job = project.jobs.get(id)
  if (job.kind === JOB_KIND) return job
  throw new AppError(
    'E_ROW_UNKNOWN',
    `There is no study ${id}: that is a job of another kind.`,
    '"patchwarden study list" says what there is.',
  )
}

function listed(project: Project, job: Job): ListedStudy {
  const { id, name, state, createdMs, finishedMs, manifest } = job
  const request = manifest['request'] ?? null
  const { kind } = z.object({ kind: kinds }).parse(request)
  const hasResult = keptOf(project, id) !== null
  return { ...{ id, kind, name, state, createdMs, finishedMs, request }, hasResult }
}

function keptOf(project: Project, id: number) {
  return keptSchema.nullable().parse(project.settings.get(settingOf(id)) ?? null)
}

/** As JSON has it. */
const plain = (value: object) => z.json().parse(JSON.parse(JSON.stringify(value)))
