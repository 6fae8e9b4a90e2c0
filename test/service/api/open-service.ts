import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Input, Job, Output, ProcedureName } from '../../../src/shared/api'
import type { ServiceOptions } from '../../../src/service/context'
import { createService, type Service } from '../../../src/service/create-service'
import { temporaryFolder } from '../../engine/temporary-folder'

export const packageRoot = fileURLToPath(new URL('../../../', import.meta.url))

/** A service over a new project (or one that is there), with the shipped models. */
export async function openService(
  folder = temporaryFolder(),
  allowedFolders: readonly string[] = [],
  options: Pick<ServiceOptions, 'reopensLast' | 'opensAnyRecent'> = {},
): Promise<Service & { readonly folder: string }> {
  const service = await createService({
    locations: {
      packageRoot,
      projectDir: join(folder, 'project'),
      cacheDir: join(folder, 'cache'),
    },
    settingsFile: join(folder, 'settings.json'),
    allowedFolders,
    ...options,
  })
  // No copy: its context is that of the project that is open then.
  return Object.assign(service, { folder })
}

export function valueOf<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`${answer.error.code}: ${answer.error.message}`)
}

/** Calls and expects an answer. */
export async function ask<N extends ProcedureName>(
  service: Service,
  name: N,
  input: Input<N>,
): Promise<Output<N>> {
  return valueOf(await service.call(name, input))
}

/** Calls and expects a refusal; answers its code. */
export async function refusal(service: Service, name: string, input: unknown): Promise<string> {
  const answer = await service.answer(name, input, new AbortController().signal)
  if (answer.ok) throw new Error(`${name} was answered: ${JSON.stringify(answer.value)}`)
  return answer.error.code
}

const ended = new Set(['done', 'failed', 'cancelled'])

/** Waits for the end of a job, by its events. */
export async function jobEnd(service: Service, jobId: number): Promise<Job> {
  const { promise, resolve } = Promise.withResolvers<Job>()
  const look = (job: Job): void => {
    if (job.id === jobId && ended.has(job.state)) resolve(job)
  }
  const stop = service.subscribe('job', ({ job }) => {
    look(job)
  })
  try {
    look((await ask(service, 'jobs.get', { id: jobId })).job)
    return await promise
  } finally {
    stop()
  }
}

/** Adds the drawn scenes, and waits until both runs over them are done. */
export async function withSample(
  service: Service,
): Promise<{ a: number; b: number; dataset: number }> {
  const { jobId } = await ask(service, 'project.addSample', {})
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const finished = new Set<number>()
  const stops = [
    service.subscribe('job', ({ job }) => {
      if (job.kind === 'run' && job.state === 'done') finished.add(job.id)
      if (finished.size === 2) resolve(undefined)
    }),
    service.subscribe('toast', ({ kind, message }) => {
      if (kind === 'bad') reject(new Error(message))
    }),
  ]
  try {
    const [{ datasetId }] = await Promise.all([jobEnd(service, jobId), promise])
    const { pair } = await ask(service, 'project.info', {})
    return { a: pair.a ?? 0, b: pair.b ?? 0, dataset: datasetId ?? 0 }
  } finally {
    for (const stop of stops) stop()
  }
}
