import type {
  CertifierPlugin,
  SmoothingJob,
  SmoothingPicture,
  TallyState,
} from '../../shared/plugin'
import type { SampleModel } from './sample-model'

/** Samples of one model run, unless the picture needs fewer: large enough for its cores, small enough to stay in a cache. */
const BATCH = 64

export interface SmoothingRun {
  readonly certifier: CertifierPlugin
  readonly job: SmoothingJob<Readonly<Record<string, unknown>>>
  readonly picture: SmoothingPicture
  readonly model: SampleModel
  readonly signal: AbortSignal
  /** What an earlier attempt had counted; survives JSON. The samples that it holds are not made again. */
  readonly state?: TallyState
  readonly batch?: number
  /** Asked after every batch: true or false ends the run, because the samples left cannot change this answer. */
  settled?(state: TallyState): boolean | null
  /** After every batch; `state` is what a later attempt goes on from. */
  onBatch?(state: TallyState, total: number): void
}

export interface CountedVotes {
  readonly state: TallyState
  /** What `settled` said last; null where nothing was asked, or all samples were counted without an answer. */
  readonly answer: boolean | null
  readonly total: number
}

/**
 * Makes the samples of a certificate batch by batch, has the model answer them and counts. Each sample is counted once,
 * in order, so those that choose a class are never among those that bound it.
 * @throws AppError E_SETTING_INVALID where the settings do not fit the picture, and what running a model throws; the
 * reason of the abort, between batches
 */
export async function runCertifier(run: SmoothingRun): Promise<CountedVotes> {
  const { certifier, job, picture, model, signal, batch = BATCH } = run
  const { total, sample } = certifier.plan(job)
  const each = sample.channels * sample.height * sample.width
  let state = run.state ?? certifier.begin(job)
  let answer = run.settled?.(state) ?? null
  while (answer === null && state.next < total) {
    signal.throwIfAborted()
    const from = state.next
    const to = Math.min(total, from + batch)
    const memory = model.lend((to - from) * each)
    const samples = certifier.samples(picture, job, from, to, memory)
    const logits = await model.answer(samples, to - from, sample)
    model.giveBack(memory)
    state = certifier.tally(state, logits, job, from, to)
    run.onBatch?.(state, total)
    answer = run.settled?.(state) ?? null
  }
  return { state, answer, total }
}
