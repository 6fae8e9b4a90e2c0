import { toErrorRecord } from '../../shared/errors'
import { openOnnxSession } from './onnx-session'
import type { ProbeAnswer, ProbeQuestion } from './probe-model'

// The program of a probe process: loads one unknown model, runs it once, answers, and is ended by who asked.

process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
process.once('message', (question) => {
  void answer(question as ProbeQuestion) // written by probe-model.ts of the same build
})

async function answer({ path, label, threads, feed }: ProbeQuestion): Promise<void> {
  try {
    const session = await openOnnxSession(path, label, threads)
    const length = feed.dims.reduce((product, side) => product * side, 1)
    const data = feed.type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
    const start = performance.now()
    const outputs = await session.run({ [feed.name]: { data, dims: feed.dims } })
    send({ ok: true, ms: performance.now() - start, outputs })
  } catch (error) {
    send({ ok: false, error: toErrorRecord(error) })
  }
}

function send(message: ProbeAnswer): void {
  process.send?.(message, undefined, {}, () => undefined)
}
