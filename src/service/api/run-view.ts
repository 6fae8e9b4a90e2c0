import { z } from 'zod'
import type { Run as ApiRun } from '../../shared/api'
import type { Run } from '../../store'
import { canResumeCertification } from '../certificate-start'
import type { Context } from '../context'
import { manifestOf } from '../detection-choice'
import { median } from '../reader/layers'

const datasetSchema = z.object({ id: z.number(), name: z.string() })
const certifySchema = z.object({
  method: z.string().optional(),
  model: z.object({ id: z.string() }).optional(),
})

/** `datasets`: ids of those of the project, for who shows many runs. */
export function runOf(
  context: Context,
  run: Run,
  changed: number | null = null,
  datasets: ReadonlySet<number> = datasetIds(context),
): ApiRun {
  const { tasks } = context
  const { id, name, kind, createdMs, finishedMs, total, done, failed, detections } = run
  const manifest = manifestOf(run)
  const dataset = datasetSchema.safeParse(run.manifest['dataset'])
  const jobId = tasks.ofRun(id)
  const certify = certifySchema.safeParse(run.manifest)
  return {
    ...{ id, name, kind, createdMs, finishedMs, total, done, failed, detections, changed, jobId },
    // What is not finished and not under way was cut off.
    state: run.state === 'running' && jobId === null ? 'cancelled' : run.state,
    detector: manifest?.detector.id ?? (certify.success ? (certify.data.model?.id ?? null) : null),
    defense: manifest?.defense?.id ?? null,
    method: certify.success ? (certify.data.method ?? null) : null,
    params: { ...manifest?.defense?.params },
    scoreThreshold: manifest?.scoreThreshold ?? null,
    dataset: dataset.success ? dataset.data : null,
    isImported: 'imported' in run.manifest,
    msPerImage: msPerImage(context, run),
    canResume:
      jobId === null &&
      (manifest === null
        ? canResumeCertification(context, run)
        : isKnown(run, manifest.members, datasets)),
  }
}

/** Whether the project still knows which pictures the run is about. */
function isKnown(
  { manifest }: Run,
  members: string | undefined,
  datasets: ReadonlySet<number>,
): boolean {
  if (members !== undefined) return true
  const dataset = datasetSchema.safeParse(manifest['dataset'])
  return dataset.success && datasets.has(dataset.data.id)
}

export const datasetIds = ({ project }: Context): ReadonlySet<number> =>
  new Set(project.datasets.list().map(({ id }) => id))

const known = new WeakMap<Context, Map<number, { done: number; ms: number | null }>>()

/** Median over the first pictures; null where nothing was measured. */
export function msPerImage(context: Context, { id, done }: Run): number | null {
  const times = known.get(context) ?? new Map<number, { done: number; ms: number | null }>()
  known.set(context, times)
  const before = times.get(id)
  // The first 301 do not change any more.
  if (before && (before.done === done || before.done >= 301)) return before.ms
  const ms = median(context.project.runs.times(id))
  times.set(id, { done, ms })
  return ms
}
