import { AppError } from '../../shared/errors'
import { resumeRun } from '../run-resume'
import { forgetAnswer } from '../studies'
import type { HandlersOf } from './handler'
import { pageOf } from './library'

export const jobHandlers: HandlersOf<'jobs'> = {
  'jobs.list': ({ tasks }, { state, ...page }) => tasks.list(state, pageOf(page)),
  'jobs.get': ({ tasks }, { id }) => ({ job: tasks.get(id) }),
  'jobs.pause': ({ tasks }, { id }) => {
    if (!tasks.get(id).canPause) throw notPossible(id, 'paused')
    tasks.pause(id)
    return { job: tasks.get(id) }
  },
  async 'jobs.resume'(context, { id }) {
    const { tasks, project } = context
    const { isInterrupted, runId, state } = tasks.get(id)
    if (isInterrupted && runId !== null) {
      const { job } = await resumeRun(context, project.runs.get(runId))
      return { job: tasks.get(job.id) }
    }
    if (state !== 'paused') throw notPossible(id, 'resumed')
    tasks.resume(id)
    return { job: tasks.get(id) }
  },
  'jobs.cancel': ({ tasks }, { id }) => {
    tasks.get(id)
    tasks.cancel(id)
    return { job: tasks.get(id) }
  },
  'jobs.remove': ({ tasks, project }, { id }) => {
    if (tasks.running(id)) throw notPossible(id, 'removed')
    tasks.get(id)
    tasks.forget(id)
    forgetAnswer(project, id)
    return {}
  },
}

const notPossible = (id: number, what: string) =>
  new AppError(
    'E_JOB_STATE',
    `Job ${id} cannot be ${what} as it is now.`,
    'Look at its state: what has ended stays ended, and what runs has to be stopped first.',
  )
