import { openModelStore } from './model-store'
import { createModelHost } from './sessions'
import type { Measurement } from './vision-job'

const RUNS = 5

/** Milliseconds of one run of a model (the quickest of five) for each number of threads. */
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
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now()
      await model.run({ [name]: { data, dims } })
      best = Math.min(best, performance.now() - start)
    }
    times.push(best)
  }
  return times
}
