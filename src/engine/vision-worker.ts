import { toErrorRecord } from '../shared/errors'
import type { FromWorker, ToWorker } from './vision-job'
import { measureModel } from './models/measure-model'
import { openVisionTask, type VisionTaskRunner } from './vision-task'

// The program of a vision worker process: decodes pictures and runs models; knows no database and no network.
// Decoding goes on beside inference (sharp has its own threads), so the next picture is ready when the model is free.

const HEARTBEAT_MS = 1_000

let runner: Promise<VisionTaskRunner> | undefined
let opened: VisionTaskRunner | undefined
let turn: Promise<void> = Promise.resolve()

process.on('message', (message) => {
  // Written by the pool of the same build.
  void receive(message as ToWorker)
})
// Ctrl-C reaches every process of the terminal; the parent decides when workers end.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void end())
process.on('disconnect', () => void end())
setInterval(() => {
  send({ type: 'alive' })
}, HEARTBEAT_MS)

/** What is being written is written whole; nothing else is begun. */
async function end(): Promise<void> {
  opened?.cancel()
  await turn
  process.exit(0)
}

async function receive(message: ToWorker): Promise<void> {
  if (message.type === 'end') return end()
  if (message.type === 'open') {
    runner = openVisionTask(message.job, (index, progress) => {
      send({ type: 'progress', index, progress })
    })
    try {
      opened = await runner
      send({ type: 'ready', ready: opened.ready })
    } catch (error) {
      send({ type: 'refused', error: toErrorRecord(error) })
    }
    return
  }
  if (message.type === 'measure') {
    try {
      send({ type: 'measured', ms: await measureModel(message.measurement) })
    } catch (error) {
      send({ type: 'refused', error: toErrorRecord(error) })
    }
    return
  }
  const { item } = message
  try {
    const task = await runner
    if (!task) throw new Error('a picture came before the job')
    const decoded = task.decode(item)
    decoded.catch(() => undefined) // reported below, in this picture's turn
    const result = turn.then(async () => task.process(item, await decoded))
    turn = result.then(
      () => undefined,
      () => undefined,
    )
    send({ type: 'done', result: await result })
  } catch (error) {
    send({ type: 'failed', index: item.index, error: toErrorRecord(error) })
  }
}

function send(message: FromWorker): void {
  process.send?.(message, undefined, {}, () => undefined)
}
