import type { z } from 'zod'
import type { CertifierPlugin, SmoothingPicture, TallyState } from '../../../src/shared/plugin'

/** A real model in this process: takes one sample, channel-major, answers its logits or attributions. */
export type TestModel = (sample: Float32Array) => readonly number[]

/** A picture of one row and one channel. */
export const row = (...bytes: number[]): SmoothingPicture => ({
  channels: 1,
  height: 1,
  width: bytes.length,
  data: Uint8Array.from(bytes),
})

export interface TestRun {
  readonly picture: SmoothingPicture
  readonly params: Readonly<Record<string, unknown>>
  readonly classes?: number
  readonly model: TestModel
  /** Samples of one batch. */
  readonly batch?: number
}

export const jobOf = <P extends z.ZodObject, S extends TallyState>(
  certifier: CertifierPlugin<P, S>,
  { picture, params, classes = 2 }: TestRun,
) => ({ params: certifier.params.parse(params), shape: picture, classes })

/** Makes the samples batch by batch, runs the model on each, and keeps the tally as text in between, as a file would. */
export function finalState<P extends z.ZodObject, S extends TallyState>(
  certifier: CertifierPlugin<P, S>,
  run: TestRun,
  upTo = Infinity,
): S {
  const job = jobOf(certifier, run)
  const total = Math.min(upTo, certifier.plan(job).total)
  const length = run.picture.data.length
  let state = certifier.begin(job)
  for (let from = 0; from < total;) {
    const to = Math.min(total, from + (run.batch ?? 1000))
    const samples = certifier.samples(run.picture, job, from, to)
    const answers = Array.from({ length: to - from }, (_, i) =>
      run.model(samples.subarray(i * length, (i + 1) * length)),
    )
    const counted = certifier.tally(state, Float32Array.from(answers.flat()), job, from, to)
    state = JSON.parse(JSON.stringify(counted)) as S // what a tally keeps survives JSON
    from = to
  }
  return state
}

export const certifyRun = <P extends z.ZodObject, S extends TallyState>(
  certifier: CertifierPlugin<P, S>,
  run: TestRun,
  upTo = Infinity,
) => certifier.certify(finalState(certifier, run, upTo), jobOf(certifier, run))
