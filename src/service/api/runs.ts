import type { Output } from '../../shared/api'
import { pictureVersion, shownName } from '../content-version'
import type { Context } from '../context'
import { isAppError } from '../is-app-error'
import { allRuns } from '../run-order'
import { knownResults, picturesOf, prepareRun, startRun } from '../run-start'
import { resumeRun } from '../run-resume'
import { manifestOf, type DetectionChoice } from '../detection-choice'
import type { HandlersOf } from './handler'
import { pageOf } from './library'
import { isUnderWay, refuseTwice, resumingOnce } from './run-busy'
import { datasetIds, msPerImage, runOf } from './run-view'

const PAGE = 100

export const runHandlers: HandlersOf<'runs'> = {
  async 'runs.list'(context, { comparedWith, ...page }, signal) {
    const { rows, next } = context.project.runs.list(undefined, pageOf(page))
    const datasets = datasetIds(context)
    const runs = []
    for (const run of rows) {
      const changed =
        comparedWith === undefined || comparedWith === run.id || run.kind !== 'detect'
          ? null
          : await changedBetween(context, comparedWith, run.id, signal)
      runs.push(runOf(context, run, changed, datasets))
    }
    return { rows: runs, next }
  },
  'runs.get': (context, { id }) => {
    const run = context.project.runs.get(id)
    return {
      run: runOf(context, run),
      manifest: { ...run.manifest } as Output<'runs.get'>['manifest'], // JSON values, of which zod has another type
      classes: context.project.runs
        .classes(id)
        .map(({ name, images, detections }) => ({ name, images, detections })),
    }
  },
  async 'runs.plan'(context, { images: selection, ...choice }, signal) {
    const pictures = await picturesOf(context, selection, signal)
    const prepared = await prepareRun(context, choice, pictures)
    const { images, known } = knownResults(context, prepared)
    const pace = paceOf(context, choice)
    return {
      ...{ images, known, toDo: images - known },
      aboutMs: pace === null ? null : pace * (images - known),
      sameRun: prepared.same?.id ?? null,
    }
  },
  async 'runs.start'(context, { images, name, alsoBare = false, ...choice }, signal) {
    const pictures = await picturesOf(context, images, signal)
    // Both are checked before either begins.
    const prepared = await prepareRun(context, choice, pictures)
    const isBareWanted = alsoBare && choice.defense !== null
    const barePlan = isBareWanted
      ? await prepareRun(context, { ...choice, defense: null }, pictures)
      : null
    refuseTwice(context, prepared.same?.id)
    const bare =
      barePlan === null || isUnderWay(context, barePlan.same?.id)
        ? null
        : startRun(context, undefined, barePlan)
    const { run, job } = startRun(context, name, prepared)
    return {
      run: runOf(context, run),
      jobId: job.id,
      bareRun: bare ? runOf(context, bare.run) : null,
      bareJobId: bare?.job.id ?? null,
    }
  },
  'runs.resume': (context, { id }) => resumed(context, id),
  'runs.retryFailed': (context, { id }) => resumed(context, id),
  'runs.rename': (context, { id, name }) => {
    context.project.runs.rename(id, name)
    context.changed('runs', [id])
    return {}
  },
  'runs.delete': (context, { id }) => {
    refuseTwice(context, id)
    context.project.runs.remove(id)
    context.marks.forget()
    context.changed('runs', [id])
    return {}
  },
  'runs.failed': ({ project }, { id, ...page }) => {
    project.runs.get(id)
    const { rows, next } = project.runs.items(id, 'failed', pageOf(page))
    return {
      rows: rows.map(({ id: itemId, memberId, file, error }) => ({
        ...{ itemId, file },
        imageId: memberId,
        error: error ?? { code: '', message: '', hint: '' },
      })),
      next,
    }
  },
  async 'runs.compare'(context, { a, b, limit = PAGE, after }, signal) {
    const { project, marks } = context
    const pairs = await marks.between(a, b, signal)
    const sums = { changed: 0, gained: 0, lost: 0, moved: 0, relabelled: 0 }
    for (const pair of pairs.values()) {
      if (pair.change > 0) sums.changed++
      for (const kind of ['gained', 'lost', 'moved', 'relabelled'] as const)
        sums[kind] += pair[kind]
    }
    const page = project.comparisons.changes(a, b, { limit, after: after ?? null })
    const changed = page.rows.filter(({ change }) => change > 0)
    return {
      ...sums,
      images: pairs.size,
      onlyA: Math.max(0, project.runs.get(a).done - pairs.size),
      onlyB: Math.max(0, project.runs.get(b).done - pairs.size),
      rows: changed.map(({ memberId }) => changedRow(context, memberId, pairs)),
      next: changed.length < page.rows.length ? null : page.next,
    }
  },
}

async function resumed(context: Context, id: number): Promise<{ jobId: number }> {
  return resumingOnce(context, id, async () => {
    const { job } = await resumeRun(context, context.project.runs.get(id))
    return { jobId: job.id }
  })
}

function changedRow(
  { project }: Context,
  imageId: number,
  pairs: Awaited<ReturnType<Context['marks']['between']>>,
): Output<'runs.compare'>['rows'][number] {
  const image = project.images.get(imageId)
  const marks = pairs.get(imageId) ?? { change: 0, gained: 0, lost: 0, moved: 0, relabelled: 0 }
  return {
    ...{ imageId, marks: { ...marks } },
    name: shownName(image.file),
    version: pictureVersion(image),
  }
}

/** Null where the two have no picture in common. */
async function changedBetween(
  { marks }: Context,
  a: number,
  b: number,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const pairs = await marks.between(a, b, signal)
    return pairs.size === 0 ? null : [...pairs.values()].filter(({ change }) => change > 0).length
  } catch (error) {
    // Beside an import, runs that were never compared cannot be: there is no figure then.
    if (isAppError(error, 'E_FILTER_INVALID')) return null
    throw error
  }
}

/** Milliseconds a picture of the latest run with this detector and defense, on all its workers together. */
function paceOf(context: Context, { detector, defense }: DetectionChoice): number | null {
  for (const run of allRuns(context.project, 'detect')) {
    const manifest = manifestOf(run)
    if (manifest?.detector.id !== detector || manifest.defense?.id !== defense?.id) continue
    const ms = msPerImage(context, run)
    if (ms !== null) return ms
  }
  return null
}
