import { toErrorRecord } from '../../shared/errors'
import type { Tensor } from '../../shared/plugin'
import { openOnnxSession } from './onnx-session'
import type { ProbeAnswer, ProbeFeed, ProbeQuestion } from './probe-model'

// The program of a probe process: loads one unknown model, runs it once, answers, and is ended by who asked.

process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
process.once('message', (question) => {
  void answer(question as ProbeQuestion) // written by probe-model.ts of the same build
})

async function answer({ path, label, threads, feeds }: ProbeQuestion): Promise<void> {
  try {
    const session = await openOnnxSession(path, label, threads)
    const tensors = Object.fromEntries(feeds.map((feed) => [feed.name, tensorOf(feed)]))
    const start = performance.now()
    const outputs = await session.run(tensors)
    send({ ok: true, ms: performance.now() - start, outputs })
  } catch (error) {
    send({ ok: false, error: toErrorRecord(error) })
  }
}

function tensorOf({ type, dims, value = 0 }: ProbeFeed): Tensor {
  const length = dims.reduce((product, side) => product * side, 1)
  const data = type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
  return { data: data.fill(value), dims }
}

function send(message: ProbeAnswer): void {
  process.send?.(message, undefined, {}, () => undefined)
}
