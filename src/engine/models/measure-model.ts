import { openModelStore } from './model-store'
import { createModelHost } from './sessions'
import type { Measurement } from '../vision-job'

const RUNS = 5
/** A slow model needs no five runs to be told from a fast one. */
const ENOUGH_MS = 1_500

/** Milliseconds of one run of a model (the quickest of up to five) for each number of threads. */
export async function measureModel(measurement: Measurement): Promise<readonly number[]> {
  const store = await openModelStore(measurement.locations)
  const times: number[] = []
  for (const threads of measurement.threads) {
    const model = await createModelHost({ store, threads }).load(measurement.model)
    const { name, layout, type, width, height } = model.card.input
    const dims = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]
    const length = 3 * width * height
    const data = type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
    let best = Infinity
    let spent = 0
    for (let run = 0; run < RUNS && spent < ENOUGH_MS; run++) {
      const start = performance.now()
      await model.run({ [name]: { data, dims } })
      const ms = performance.now() - start
      best = Math.min(best, ms)
      spent += ms
    }
    times.push(best)
  }
  return times
}
