import { hash } from 'node:crypto'
import { z } from 'zod'
import { version } from '../../package.json'
import type { VisionTask } from '../engine/vision-job'
import type { Attributes, JsonValue } from '../shared/dataset'
import type { Dataset, Project, Run } from '../store'

/** All that determines the results of a run but its pictures. */
export interface RunDetermination {
  readonly task: VisionTask
  readonly seed: number
  readonly maxPixels: number
  /** Cards of all models, digests included: what they are called and where they lie does not matter. */
  readonly cards: unknown
}

/** Stands for everything that determines a result beside the picture; 64 hexadecimal digits. */
export function determinationKey({ task, seed, maxPixels, cards }: RunDetermination): string {
  // Which pictures are drawn beside the results changes nothing in them, and a model is known by its card.
  const plain = task.kind === 'detect' ? { ...task, compare: undefined, detector: undefined } : task
  return hash('sha256', JSON.stringify({ version, task: plain, seed, maxPixels, cards }))
}

/** The key of one picture's result: equal keys, equal results. */
export function itemKey(determination: string, contentId: string): string {
  return hash('sha256', `${determination} ${contentId}`)
}

export interface NewRun {
  readonly name: string
  readonly kind: string
  readonly determination: string
  /** What people want to know: detector, defense, settings, digests. */
  readonly about: Attributes
  readonly dataset: Dataset | null
  /** Absolute paths of the pictures, for runs that have no data set. */
  readonly files: readonly string[]
  /** Which pictures of data sets, if not a whole data set: the ids of members as ranges, `1-4,9`. */
  readonly members?: string
  readonly classNames: readonly string[]
  readonly total: number
}

type RunSubjects = Pick<NewRun, 'kind' | 'determination' | 'dataset' | 'files' | 'members'>

function runKeyOf({ kind, determination, dataset, files, members }: RunSubjects): string {
  const pictures =
    members !== undefined
      ? `members ${members}`
      : dataset === null
        ? hash('sha256', JSON.stringify(files))
        : `dataset ${dataset.id}`
  return hash('sha256', `${kind} ${determination} ${pictures}`)
}

/** The run that an order would go on with. */
export function findSameRun(project: Project, order: RunSubjects): Run | undefined {
  const runKey = runKeyOf(order)
  for (const run of allRuns(project)) if (run.manifest['runKey'] === runKey) return run
  return undefined
}

/** The run of this order, begun anew or gone on with: the same order over the same pictures is the same run. */
export function openRun(project: Project, order: NewRun): Run {
  const same = findSameRun(project, order)
  if (same) return same
  const { dataset, members } = order
  const manifest: Attributes = {
    ...order.about,
    version,
    dataset: dataset && { id: dataset.id, name: dataset.name },
    ...(members === undefined ? {} : { members }),
    runKey: runKeyOf(order),
  }
  const { kind, classNames, total } = order
  const name = freeName(project, order.name)
  return project.runs.get(project.runs.start({ name, kind, manifest, classNames, total }))
}

/** Newest first; all, or those of one kind. */
export function* allRuns(project: Project, kind?: string): Generator<Run> {
  for (let after: string | null = null; ;) {
    const page = project.runs.list(kind, { after })
    yield* page.rows
    if (page.next === null) return
    after = page.next
  }
}

function freeName(project: Project, wanted: string): string {
  const taken = new Set([...allRuns(project)].map(({ name }) => name))
  let name = wanted
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`
  return name
}

/** The data set whose pictures a run is about; null if it is about files, or if its data set was removed. */
export function datasetOfRun(project: Project, { manifest }: Run): Dataset | null {
  const id = idIn(manifest['dataset'])
  return id === null ? null : (project.datasets.list().find((dataset) => dataset.id === id) ?? null)
}

function idIn(value: JsonValue | undefined): number | null {
  const reference = z.object({ id: z.number() }).safeParse(value)
  return reference.success ? reference.data.id : null
}
