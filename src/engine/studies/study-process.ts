import { AppError, fromErrorRecord } from '../../shared/errors'
import { programFile } from '../program-file'
import { spawnNodeWorker, type SpawnWorker } from '../spawn-worker'
import type { Locations } from '../vision-job'
import type { Study, StudyRequest, StudySteps } from './run-study'
import type { FromStudy, ToStudy } from './study-messages'

/**
 * `runStudy` in a process of its own: inference does not block this one, and a cancel takes effect at once.
 * @throws as `runStudy`; AppError E_WORKER_DIED; the reason of a cancel
 */
export async function studyAside(
  request: StudyRequest,
  locations: Locations,
  { signal, onFault, onProgress }: StudySteps,
  spawn: SpawnWorker = spawnNodeWorker,
): Promise<Study> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Study>()
  const worker = spawn(programFile('study'), {
    message(message) {
      const told = message as FromStudy // from the study program of the same build
      if (told.type === 'fault') onFault(told.file, told.error)
      else if (told.type === 'progress') onProgress?.(told.done, told.total)
      else if (told.type === 'done') resolve(told.study)
      else reject(fromErrorRecord(told.error))
    },
    exit(reason, lastWords) {
      reject(studyDied(reason, lastWords))
    },
  })
  const cancel = (): void => {
    reject(signal.reason as Error) // what abort() was given; ours are errors
  }
  signal.addEventListener('abort', cancel, { once: true })
  const order: ToStudy = { request, locations }
  worker.post(order)
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', cancel)
    worker.kill()
  }
}

const studyDied = (reason: string, lastWords: string) =>
  new AppError(
    'E_WORKER_DIED',
    `the process of the study ${reason}${lastWords ? `: ${lastWords}` : ''}`,
    'Try again, with a lower --limit if memory is short.',
  )
